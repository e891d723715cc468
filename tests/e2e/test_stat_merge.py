# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat merge: the sum of reports equals one report on all."""

import json
import shutil

import pytest

from conftest import READER, run

TIMES = 'timestamp', 'running_for_ms'


@pytest.fixture
def nodes(smbd, small_tree, tmp_path):
    """Segments of two processes, apart (a, b) and together (both)."""
    server = smbd(objects='latency:top acl_xattr latency:bottom')
    for number in range(2):
        client = server.client()
        client.run('mkdir n%d' % number)
        client.run('cd n%d' % number)
        for command in small_tree:
            client.run(command)
        client.run('get nothing')
    segments = sorted(server.latency.glob('smbd-*.segment'))
    assert len(segments) == 2
    # Each is copied once: its smbd may still be about to end a turn.
    both = tmp_path / 'both'
    both.mkdir(mode=0o700)
    for name, segment in zip('ab', segments):
        shutil.copy(segment, both)
        (tmp_path / name).mkdir(mode=0o700)
        shutil.copy(both / segment.name, tmp_path / name)
    return tmp_path


def report(directory, *options):
    return run(READER, '--segments', directory, '--json', *options).stdout


@pytest.mark.parametrize('options', [
    [], ['--by', 'share,user,client,process,layer'],
    ['--by', 'layer,request,op']])
def test_merge_equals_one_report_over_both(nodes, options):
    for name in 'a', 'b':
        (nodes / (name + '.json')).write_text(report(nodes / name, *options))
    merged = json.loads(run(READER, 'merge', '--json', nodes / 'a.json',
                            nodes / 'b.json').stdout)
    both = json.loads(report(nodes / 'both', *options))
    for key in TIMES:
        assert key in merged and key in both
        del merged[key], both[key]
    assert merged == both
    assert merged['departed_processes'] == 2


def test_merge_as_text(nodes):
    for name in 'a', 'b':
        (nodes / (name + '.json')).write_text(report(nodes / name))
    text = run(READER, 'merge', nodes / 'a.json', nodes / 'b.json').stdout
    both = run(READER, '--segments', nodes / 'both').stdout

    def table(report):
        return report[report.index('SMB2 Requests'):]
    # A report on segments ends with a verdict.
    assert table(text) == table(both).rsplit('\n\n', 1)[0] + '\n'


def spoil(text, how):
    value = json.loads(text)
    how(value)
    return json.dumps(value)


@pytest.mark.parametrize('make, place', [
    (lambda text: text[:1000], 'line 1 column 1000'),
    (lambda text: '', 'the file is empty'),
    (lambda text: '{}', 'not a report'),
    (lambda text: '[1, 2]', 'not a report'),
    (lambda text: 'hello', 'line 1 column'),
    (lambda text: text.replace('\n', '') + ' junk', 'object 2'),
    (lambda text: spoil(text, lambda r: r['smb2_requests'][
        'SMB2_OP_CREATE'].update(count='7')),
     'smb2_requests.SMB2_OP_CREATE.count'),
    (lambda text: spoil(text, lambda r: r['smb2_requests'][
        'SMB2_OP_CREATE'].update(count=-1)),
     'smb2_requests.SMB2_OP_CREATE.count'),
    (lambda text: spoil(text, lambda r: r['smb2_requests'][
        'SMB2_OP_CREATE'].update(total_ns=1 << 63)), 'line 1 column'),
    (lambda text: spoil(text, lambda r: r['smb2_requests'][
        'SMB2_OP_CREATE']['histogram'][0].__setitem__(2, 0)),
     'smb2_requests.SMB2_OP_CREATE.histogram'),
    (lambda text: spoil(text, lambda r: r['vfs_operations'][
        'openat']['histogram'][0].__setitem__(0, 3)),
     'vfs_operations.openat.histogram[0]'),
    (lambda text: spoil(text, lambda r: r['tree'][0]['children'][0].pop(
        'total_ns')), 'tree[0].children[0].total_ns'),
    (lambda text: spoil(text, lambda r: r['time'].pop('vfs_us')),
     'time.vfs_us'),
    (lambda text: spoil(text, lambda r: r.update(timestamp='now')),
     'timestamp'),
    (lambda text: spoil(text, lambda r: r.pop('layers')), 'layers'),
])
def test_what_is_no_report_is_refused(nodes, make, place):
    good, bad = nodes / 'good.json', nodes / 'bad.json'
    good.write_text(report(nodes / 'a'))
    bad.write_text(make(good.read_text()))
    result = run(READER, 'merge', good, bad, check=False)
    assert result.returncode == 1 and result.stdout == ''
    assert len(result.stderr.splitlines()) == 1
    assert str(bad) in result.stderr and place in result.stderr


def test_reports_by_other_dimensions_are_refused(nodes):
    (nodes / 'a.json').write_text(report(nodes / 'a', '--by', 'share'))
    (nodes / 'b.json').write_text(report(nodes / 'b', '--by', 'user'))
    result = run(READER, 'merge', nodes / 'a.json', nodes / 'b.json',
                 check=False)
    assert result.returncode == 1 and 'b.json' in result.stderr
    assert '--by' in result.stderr


def test_a_file_that_is_not_there(tmp_path):
    result = run(READER, 'merge', tmp_path / 'none', check=False)
    assert result.returncode == 1
    assert 'none: No such file' in result.stderr
