# SPDX-License-Identifier: GPL-3.0-or-later
"""Options: all documented, all completed; wrong usage exits 2."""

import re

import pytest

from conftest import BUILD, READER, TOP, list_ops, run


def help_text():
    return run(READER, '--help').stdout


def options():
    """All options of --help: ['--ops', '-s', ...]."""
    found = re.findall(r'^ +(?:(-\w), )? *(--[a-z-]+)', help_text(), re.M)
    assert len(found) >= 18
    return [option for pair in found for option in pair if option]


def page(name):
    return run('man', '-l', BUILD / 'man' / name,
               env={'MANWIDTH': '80', 'PATH': '/usr/bin:/bin',
                    'MAN_KEEP_FORMATTING': '', 'LC_ALL': 'C'}).stdout


def test_help_fits_and_is_the_same_for_both_names():
    assert run(READER, '-h').stdout == help_text()
    assert all(len(line) <= 80 for line in help_text().splitlines())


def test_every_option_is_in_the_manual_page():
    text = page('smblatency-stat.1')
    for option in options():
        assert re.search(r'(^|[\s,])%s(?![\w-])' % re.escape(option), text,
                         re.M), option


def test_every_option_is_known():
    for option in options():
        result = run(READER, option, check=False)
        assert 'unknown option' not in result.stderr, option


def test_every_command_is_in_the_manual_page():
    text = page('smblatency-stat.1')
    for command in ('slow', 'why', 'causes', 'exporter', 'doctor', 'merge', 'status', 'reset', 'on',
                    'off', 'threshold'):
        assert re.search(r'^ +(TARGET )?%s\b' % command, text, re.M), command


def test_every_op_is_in_the_manual_page():
    text = page('vfs_latency.8')
    for op in list_ops():
        assert re.search(r'^ +%s\b' % op, text, re.M), op


def test_the_format_is_in_the_manual_page():
    text = page('vfs_latency-segment.5')
    header = (TOP / 'include' / 'latency_format.h').read_text()
    names = re.findall(r'^struct (latency_\w+) \{', header, re.M)
    assert len(names) >= 10
    for name in names:
        assert 'struct %s {' % name in text


PAGES = [BUILD / 'man' / file.name[:-len('.in')]
         for file in sorted((TOP / 'docs' / 'man').glob('*.in'))
         ] + sorted((TOP / 'debian').glob('*.[1-8]'))


@pytest.mark.parametrize('page_file', PAGES, ids=lambda file: file.name)
def test_manual_pages_are_clean(page_file):
    result = run('man', '--warnings', '-l', '-Tutf8', '-Z', page_file)
    assert result.stderr == ''
    result = run('mandoc', '-Tlint', page_file, check=False)
    assert result.stdout == '' and result.returncode == 0


def complete(*words):
    """What bash would offer for the last word."""
    script = '''source "%s/utils/smblatency-stat.bash"
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _smblatency_stat 2>&1
        printf '%%s\\n' "${COMPREPLY[@]}"''' % TOP
    return run('bash', '-c', script, 'bash', READER,
               *words).stdout.split()


def test_every_option_is_completed():
    offered = [word.rstrip('=') for word in complete('-')]
    assert sorted(set(offered)) == sorted(options())
    assert complete('--open') == ['--openmetrics']


def test_commands_are_completed():
    assert {'slow', 'all', 'smbd', 'exporter', 'doctor', 'merge'} <= set(complete(''))
    assert complete('all', '') == ['on', 'off', 'reset', 'threshold',
                                   'status']
    assert complete('top', '') == ['request', 'op', 'client', 'user', 'share',
                                   'process', 'layer', 'file', 'now']
    assert complete('top', 'op', '') == []
    assert complete('--by', '=', 'share,u') == ['share,user']
    assert complete('--resolution', '=', '') == ['1', '2', '4', '8']


@pytest.mark.parametrize('words', [
    ['--nonsense'], ['-x'], ['--by'], ['--by', 'nonsense'], ['--by', ''],
    ['-i', '0'], ['-i', 'x'], ['-i', '-1'], ['-i', 'nan'], ['-c', '0'],
    ['-c', '1x'], ['-i'], ['nonsense'], ['12', '13'], ['0'], ['-1'],
    ['all'], ['all', 'nonsense'], ['all', 'threshold'],
    ['all', 'threshold', 'x'], ['all', 'threshold', '-1'],
    ['all', 'threshold', '99999999999'], ['all', 'on', 'off'],
    ['slow', 'x'], ['--follow'], ['--listen', 'x:1'], ['merge'],
    ['exporter', '--listen', 'x'], ['exporter', '--listen', '1.2.3.4:99999'],
    ['exporter', '--json'], ['exporter', '--by', 'process'],
    ['--json', '--tree'], ['--openmetrics', '-i', '1'],
    ['slow', '--tree'], ['slow', '-i', '1'], ['merge', '--by', 'op', 'x'],
    ['all', 'threshold', '0.5'], ['slow', '--by', 'user'], ['slow', '-d'],
    ['merge', '--segments', '/tmp', 'x'], ['all', 'on', '--json'],
    ['all', 'status', '--user', 'x'], ['--tree', '--by', 'op'],
    ['--folded', '-d'], ['--prometheus', '-s'], ['exporter', '-d'],
    ['al', 'off'], ['--max-shares', '1'],
    ['exporter', '--max-shares', '-1'], ['--prometheus', '--max-shares', 'x'],
    ['--resolution', '8'], ['--json', '--resolution', '8'],
    ['--prometheus', '--resolution', '0'], ['exporter', '--resolution', '3'],
    ['exporter', '--resolution', '16'], ['--openmetrics', '--resolution', '-1'],
    ['--prometheus', '--resolution', '4294967297'],
    ['--prometheus', '--resolution', '']])
def test_wrong_usage_exits_2_with_one_line(words):
    result = run(READER, *words, check=False)
    assert result.returncode == 2
    assert result.stdout == ''
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith('smblatency-stat: ')


def test_the_wrong_word_is_named():
    assert "'al'" in run(READER, 'al', 'off', check=False).stderr
    assert "'now'" in run(READER, 'slow', 'now', check=False).stderr
    assert "--resolution takes 1, 2, 4 or 8, not '5'" in run(
        READER, 'exporter', '--resolution', '5', check=False).stderr
    assert "milliseconds" in run(READER, 'all', 'threshold', '0.5',
                                 check=False).stderr


UNITS = [file.name[:-len('.in')]
         for file in sorted((TOP / 'utils').glob('*.service.in'))]


@pytest.mark.parametrize('name', UNITS)
def test_units_are_valid(name):
    result = run('systemd-analyze', 'verify', BUILD / name, check=False)
    said = [line for line in result.stderr.splitlines()
            if 'is not executable' not in line and 'Command \'man' not in line]
    assert said == []


@pytest.mark.parametrize('name', UNITS)
def test_units_may_do_little(name):
    """systemd rates what a service could do, from 0 to 10."""
    assert 'CapabilityBoundingSet=\n' in (BUILD / name).read_text()
    said = run('systemd-analyze', 'security', '--offline=true',
               '--no-pager', BUILD / name).stdout
    rating = re.search(r'Overall exposure level for %s: ([0-9.]+)' % name,
                       said)
    assert float(rating.group(1)) <= 2.0


@pytest.mark.parametrize('name', UNITS)
def test_units_run_as_users_of_their_own(name, tmp_path):
    """Who may read what smbd writes, also what it wrote before, and may not
    write it."""
    unit = (BUILD / name).read_text()
    user = 'smblatency-' + re.search(r'smblatency-(\w+)', name).group(1)
    assert re.findall('^User=(.*)$', unit, re.M) == [user]
    assert 'ReadWritePaths' not in unit

    template = (BUILD / 'smblatency.tmpfiles').read_text()
    directory = re.search('^d (\\S+)', template, re.M).group(1)
    assert directory.startswith('/') and directory.count('/') > 1
    latency = tmp_path / directory[1:]
    for path in latency, tmp_path / 'etc', tmp_path / 'usr' / 'lib':
        path.mkdir(parents=True)
    latency.chmod(0o700)
    (latency / 'lock').touch(mode=0o600)
    users, tmpfiles = tmp_path / 'users.conf', tmp_path / 'tmpfiles.conf'
    users.write_text((TOP / 'utils' / 'smblatency.sysusers').read_text())
    tmpfiles.write_text(template)
    run('systemd-sysusers', '--root', tmp_path, users)
    run('systemd-tmpfiles', '--root', tmp_path, '--create', tmpfiles)

    groups = {line.split(':')[0]: line.split(':')[2:] for line in
              (tmp_path / 'etc' / 'group').read_text().splitlines()}
    gid, members = groups['smblatency']
    assert user in members.split(',')
    assert re.search('^%s:' % user, (tmp_path / 'etc' / 'passwd')
                     .read_text(), re.M)
    for path, mode in (latency, 0o2750), (latency / 'lock', 0o640):
        st = path.stat()
        assert (st.st_uid, st.st_gid, oct(st.st_mode & 0o7777)) == \
            (0, int(gid), oct(mode))
