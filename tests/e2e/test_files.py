# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat files: which files the requests were for."""

import json
import random
import subprocess
import time
from collections import Counter

import pytest
from impacket import smb3structs
from impacket.smbconnection import SMBConnection

from conftest import PASSWORD, READER, USER, run, wait_until
from test_foreign_clients import DIALECTS

FIGURES = ('time_ns', 'requests', 'failures', 'read_bytes', 'written_bytes')


def files(server, *options):
    return json.loads(server.show('files', '--json', *options))


def by_path(shown):
    return {entry['path']: entry for entry in shown['files']}


def totals(report):
    """Of all requests on files and directories, as the counters have it."""
    requests = report['smb2_requests'].values()
    return (sum(counters['total_ns'] for counters in requests),
            sum(counters['count'] for counters in requests),
            sum(counters['failures'] for counters in requests))


def check_sums(server):
    """All requests are in the list, in what was dropped, or of no file."""
    report, shown = server.final_report(), files(server)
    figures = [shown['all'][figure] + shown['unknown'][figure]
               for figure in FIGURES[:3]]
    assert tuple(figures) == totals(report)
    assert shown['all'] == {figure: sum(entry[figure] for entry
                                        in shown['files']) +
                            shown['dropped'][figure] for figure in FIGURES}


def test_each_file_has_its_requests_and_bytes(smbd, way):
    server = smbd(global_lines=['server min protocol = SMB2_02'])
    (server.share / 'dir').mkdir()
    (server.share / 'dir' / 'large').write_bytes(bytes(300000))
    (server.share / 'small').write_bytes(bytes(100))
    for _ in range(3):
        server.smbclient(['get small /dev/null', 'get dir/large /dev/null',
                          'get missing /dev/null'], options=way, check=False)
    server.smbclient(['put %s dir/new' % (server.share / 'small')],
                     options=way)
    shown = by_path(files(server))
    assert shown['dir/large']['read_bytes'] == 900000
    assert shown['small']['read_bytes'] == 300
    assert shown['dir/new']['written_bytes'] == 100
    assert shown['missing']['failures'] == 3
    assert shown['small']['failures'] == 0
    for entry in shown.values():
        assert entry['share'] == 'share'
        assert not any(entry['missed'].values())
    assert shown['dir/large']['requests'] >= shown['small']['requests']
    check_sums(server)


def test_streams_renames_and_deleted_files(smbd):
    server = smbd(objects='latency streams_xattr')
    local = server.directory / 'local'
    local.write_bytes(bytes(50))
    server.smbclient(['put %s a' % local, 'put %s a:stream' % local,
                      'rename a b', 'get b /dev/null', 'del b'])
    shown = by_path(files(server))
    assert shown['a']['written_bytes'] == 50
    assert [path for path in shown if path.startswith('a:stream')]
    assert shown['b']['read_bytes'] == 50
    check_sums(server)


def test_long_and_hostile_names(smbd, monkeypatch):
    monkeypatch.setenv('COLUMNS', '200')
    server = smbd()
    local = server.directory / 'local'
    local.write_bytes(bytes(10))
    deep = '/'.join(['d' * 100, 'e' * 100])
    (server.share / deep).mkdir(parents=True)
    hostile = 'x\u202ey\u200bz'
    server.smbclient(['put %s %s/one' % (local, deep),
                      'put %s %s/two' % (local, deep),
                      'put %s %s' % (local, hostile)])
    shown = files(server)
    cut = [entry for entry in shown['files']
           if entry['cut'] and entry['written_bytes']]
    assert sorted(entry['path'][-4:] for entry in cut) == ['/one', '/two']
    assert all(entry['path'].startswith('...') for entry in cut)
    text = server.show('files')
    assert '\u202e' not in text and 'x\\xe2\\x80\\xaey\\xe2\\x80\\x8bz' in text
    check_sums(server)
    [directory] = [entry for entry in files(server, '--dirs')['files']
                   if entry['path'] == '(path too long)']
    assert directory['written_bytes'] == 20


def test_directories_are_the_sums_of_their_files(smbd):
    server = smbd()
    local = server.directory / 'local'
    local.write_bytes(bytes(10))
    commands = ['mkdir a', 'mkdir a/b', 'mkdir c']
    for path in 'a/1', 'a/2', 'a/b/3', 'c/4', '5':
        commands.append('put %s %s' % (local, path))
    server.smbclient(commands)
    shown = by_path(files(server, '--dirs'))
    assert {path: entry['written_bytes'] for path, entry in shown.items()
            if entry['written_bytes']} == {
                '.': 10, 'a': 20, 'a/b': 10, 'c': 10}
    shown = by_path(files(server, '--dirs=1'))
    assert shown['a']['written_bytes'] == 30
    assert 'a/b' not in shown


@pytest.mark.parametrize('then', ['connected', 'departed'])
def test_a_reset_begins_anew(smbd, then):
    """Also when the smbd that was reset has ended, and is folded."""
    server = smbd()
    for name in 'old', 'both', 'new':
        (server.share / name).write_bytes(bytes(1000))
    server.smbclient(['get old /dev/null'])
    client = server.client()
    client.run('get old /dev/null')
    client.run('get both /dev/null')
    before = files(server)
    assert {'old', 'both'} <= set(by_path(before))
    server.show('all', 'reset')
    assert not files(server)['all']['requests']
    for _ in range(3):
        client.run('get both /dev/null')
    client.run('get new /dev/null')
    if then == 'departed':
        server.final_report()
        # Once more: now the baselines have been folded, too.
        server.smbclient(['get new /dev/null'])
        server.final_report()
    shown = by_path(files(server))
    assert 'old' not in shown
    assert shown['both']['read_bytes'] == 3000
    assert shown['new']['read_bytes'] == (
        2000 if then == 'departed' else 1000)
    check_sums(server)


def test_intervals_add_up(smbd):
    server = smbd()
    (server.share / 'file').write_bytes(bytes(1000))
    client = server.client()
    client.run('get file /dev/null')
    before = by_path(files(server))['file']
    child = run_in_background(server)
    for _ in range(20):
        client.run('get file /dev/null')
        time.sleep(0.05)
    lines = [json.loads(line) for line in
             child.communicate()[0].splitlines()]
    after = by_path(files(server))['file']
    seen = Counter()
    for line in lines:
        assert line['interval'] is True
        for entry in line['files']:
            if entry['path'] == 'file':
                seen.update({figure: entry[figure] for figure in FIGURES})
    assert len(lines) == 6
    for figure in FIGURES:
        # What came before the first reading, and after the last.
        assert seen[figure] <= after[figure] - before[figure]
    assert seen['read_bytes'] >= 5 * 1000


def run_in_background(server):
    return subprocess.Popen(
        [READER, '--segments', server.latency, 'files', '--json', '-i',
         '0.2', '-c', '6'], stdout=subprocess.PIPE,
        universal_newlines=True)


class Reader:
    """A client that reads files, and keeps its own account."""

    def __init__(self, server):
        self.connection = SMBConnection(
            '127.0.0.1', '127.0.0.1', sess_port=server.port,
            preferredDialect=DIALECTS['2.1'])
        self.connection.login(USER, PASSWORD)
        self.smb = self.connection.getSMBServer()
        self.tree = self.connection.connectTree('share')
        self.requests, self.read = Counter(), Counter()

    def get(self, name, times):
        handle = self.smb.create(
            self.tree, name, smb3structs.FILE_READ_DATA,
            smb3structs.FILE_SHARE_READ, 0, smb3structs.FILE_OPEN, 0)
        for _ in range(times):
            self.read[name] += len(self.smb.read(self.tree, handle, 0, 512))
        self.smb.close(self.tree, handle)
        self.requests[name] += 2 + times


def test_the_true_top_is_ours_under_a_zipf_load(smbd):
    """4 clients, 2,000 files, more than any list has room for."""
    server = smbd()
    count, draws = 2000, 1500
    names = ['f%04d' % number for number in range(count)]
    for name in names:
        (server.share / name).write_bytes(bytes(512))
    weights = [1 / (rank + 1) for rank in range(count)]
    chance = random.Random(2026)
    clients = [Reader(server) for _ in range(4)]
    for draw in range(draws):
        for client in clients:
            name, = chance.choices(names, weights)
            client.get(name, 1 + draw % 3)
    truth = {'requests': sum((c.requests for c in clients), Counter()),
             'read_bytes': sum((c.read for c in clients), Counter())}

    def check():
        shown = files(server)
        ours = by_path(shown)
        assert shown['dropped']['requests'] > 0
        for figure, true in truth.items():
            for name, value in ours.items():
                assert value[figure] <= true[name] <= \
                    value[figure] + value['missed'][figure], (figure, name)
            top = sorted(ours, key=lambda name: -ours[name][figure])[:20]
            # Of those with the same figure any may be the twentieth.
            least = sorted(true.values())[-20]
            assert {name for name in true if true[name] > least} <= set(
                sorted(ours, key=lambda name: -ours[name][figure])[:40])
            assert len([name for name in top if true[name] >= least]) >= 18
        return shown

    shown = check()
    assert len(shown['files']) <= 4 * 128
    for client in clients:
        client.connection.close()
    wait_until(lambda: not server.measured(), what='the end of all smbds')
    # All four are one slot of the departed now.
    shown = check()
    assert len(shown['files']) <= 64
    check_sums(server)


@pytest.mark.parametrize('words, said', [
    (['--sort', 'size'], '--sort takes'), (['--dirs=0'], 'directories'),
    (['--top', 'x'], 'not a count'), (['--by', 'op'], 'by share'),
    (['x'], 'not a process id')])
def test_bad_words(tmp_path, words, said):
    result = run(READER, '--segments', tmp_path, 'files', *words, check=False)
    assert result.returncode == 2 and said in result.stderr


def test_text_fits_and_says_what_it_cannot_know(smbd):
    server = smbd()
    (server.share / 'file').write_bytes(bytes(1000))
    server.smbclient('get file /dev/null')
    text = server.show('files')
    assert 'At most' in text and ' file\n' in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert 'more files than can be listed' not in text


@pytest.mark.parametrize('width', [20, 60, 80, 200])
def test_text_of_any_width(smbd, monkeypatch, width):
    server = smbd()
    (server.share / ('n' * 200)).write_bytes(bytes(1000))
    server.smbclient('get %s /dev/null' % ('n' * 200))
    monkeypatch.setenv('COLUMNS', str(width))
    text = server.show('files', '--by', 'user,client')
    if width >= 60:
        assert all(len(line) <= width for line in text.splitlines()), text
    assert 'nnnn\n' in text and '127.0.0.1' in text
