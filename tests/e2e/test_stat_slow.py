# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat slow: what was made slow below the module is shown."""

import json
import os
import select
import subprocess
import time

import pytest

from conftest import (READER, USER, path_asked_for, run, wait_for_end,
                      wait_until)

LINES = ['inject:op = openat', 'inject:ms = 30', 'latency:slow threshold = 20']


class Follow:
    """smblatency-stat slow --follow --json"""

    def __init__(self, server, *options):
        self.process = subprocess.Popen(
            [READER, '--segments', server.latency, 'slow', '--follow',
             '--json', *options], stdout=subprocess.PIPE)
        self.text = b''

    def next(self, path, timeout=20, result='ok'):
        """The first op with this path and result, and when it came."""
        deadline = time.monotonic() + timeout
        fd = self.process.stdout.fileno()
        while True:
            while b'\n' in self.text:
                line, self.text = self.text.split(b'\n', 1)
                entry = json.loads(line)
                name = path_asked_for(entry['path'])
                if (name, entry['result']) == (path, result) and entry['op']:
                    return entry, time.time()
            left = deadline - time.monotonic()
            assert left > 0 and select.select([fd], [], [], left)[0], \
                'no slow op on %r' % path
            self.text += os.read(fd, 1 << 16)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def seconds(entry):
    text = entry['timestamp']
    return (time.mktime(time.strptime(text[:19], '%Y-%m-%dT%H:%M:%S'))
            - time.timezone + float(text[19:-1]))


def test_follow_shows_it_within_a_second(smbd):
    server = smbd(objects='latency inject', share_lines=LINES)
    (server.share / 'slow').write_text('x')
    client = server.client()
    follow = Follow(server)
    try:
        client.run('get slow /dev/null')
        entry, came = follow.next('slow')
        assert came - seconds(entry) < 1
        assert entry['op'] == 'openat'
        assert entry['layer'] == 'latency'
        assert entry['request'] == 'SMB2_OP_CREATE'
        assert entry['share'] == 'share'
        assert entry['user'] == USER
        assert entry['client'] == '127.0.0.1'
        assert entry['result'] == 'ok'
        assert entry['pid'] == server.measured()[0]
        assert 30e6 <= entry['duration_ns'] < 1e9
        assert entry['message_id'] > 0
    finally:
        follow.stop()


def mangled(client):
    """The name under which the only file of `odd` is offered."""
    for line in client.run('ls odd/*').splitlines():
        if '~' in line:
            return line.split()[0]
    raise AssertionError('there is no mangled name')


def test_odd_paths_are_escaped(smbd):
    server = smbd(objects='latency inject', share_lines=LINES)
    (server.share / 'odd').mkdir()
    name = 'new\nline and \x1b[31mred'
    (server.share / 'odd' / name).write_text('x')
    client = server.client()
    client.run('get odd/%s /dev/null' % mangled(client))
    path = 'odd/' + name
    entries = [json.loads(line) for line in run(
        READER, '--segments', server.latency, 'slow',
        '--json').stdout.splitlines()]
    assert path in [entry['path'] for entry in entries]
    text = server.show('slow')
    assert 'odd/new\\x0aline and \\x1b[31mred' in text
    assert '\x1b' not in text


def test_a_path_that_is_not_utf8_is_escaped(smbd):
    # The client says UTF-8, on disk it is Latin-1.
    server = smbd(objects='latency inject', share_lines=LINES,
                  global_lines=['unix charset = ISO-8859-1'])
    (server.share / b'caf\xe9'.decode('utf-8', 'surrogateescape')
     ).write_text('x')
    server.smbclient('get "café" /dev/null',
                     options=['--option=unix charset=UTF-8'])
    text = server.show('slow')
    assert '    caf\\xe9\n' in text
    entries = [json.loads(line) for line in run(
        READER, '--segments', server.latency, 'slow',
        '--json').stdout.splitlines()]
    found = [entry for entry in entries if entry['path'] == 'caf\\xe9']
    assert found and all(entry['path_escaped'] for entry in found)


def test_each_is_shown_once_before_and_after_its_process_ends(smbd):
    server = smbd(objects='latency inject', share_lines=LINES)
    for number in range(3):
        (server.share / ('f%d' % number)).write_text('x')
    follow = Follow(server)
    try:
        for number in range(3):
            client = server.client()
            client.run('get f%d /dev/null' % number)
            if number == 1:
                follow.next('f0')
            client.close()
            wait_for_end(server.measured())
            # A report folds it, once the kernel has let go of its lock.
            wait_until(lambda: server.report() and not list(
                server.latency.glob('smbd-*')))
        follow.next('f2')
        entries = [json.loads(line) for line in run(
            READER, '--segments', server.latency, 'slow',
            '--json').stdout.splitlines()]
        paths = [entry['path'] for entry in entries
                 if entry['path'].startswith('f')]
        assert sorted(set(paths)) == ['f0', 'f1', 'f2']
        stamps = [entry['timestamp'] for entry in entries]
        assert stamps == sorted(stamps)
        keys = [(entry['timestamp'], entry['duration_ns'])
                for entry in entries]
        assert len(set(keys)) == len(keys)
        assert {entry['pid'] for entry in entries} == {None}
        # Nothing that was followed comes again.
        time.sleep(0.6)
        more = b''
        while select.select([follow.process.stdout], [], [], 0)[0]:
            more += os.read(follow.process.stdout.fileno(), 1 << 16)
        assert b'"f0"' not in more and b'"f1"' not in more
    finally:
        follow.stop()


def test_one_line_in_the_log(smbd):
    server = smbd(objects='latency inject', share_lines=LINES)
    for number in range(20):
        (server.share / ('f%d' % number)).write_text('x')
    client = server.client()
    for number in range(20):
        client.run('get f%d /dev/null' % number)
    lines = [line for line in server.complaints() if line.startswith('slow')]
    assert lines and 'openat' in lines[0] and 'share share' in lines[0]
    assert len(lines) < 10


def test_threshold_at_run_time(smbd):
    server = smbd(objects='latency inject',
                  share_lines=['inject:op = openat', 'inject:ms = 30'])
    for name in 'before', 'after', 'never':
        (server.share / name).write_text('x')
    client = server.client()

    def slow():
        return [json.loads(line)['path'] for line in run(
            READER, '--segments', server.latency, 'slow',
            '--json').stdout.splitlines()]

    client.run('get before /dev/null')
    assert slow() == []
    run(READER, '--segments', server.latency, 'all', 'threshold', '20')
    # An smbd takes it over once a second.
    wait_until(lambda: client.run('get after /dev/null') and
               'after' in slow(), timeout=3)
    run(READER, '--segments', server.latency, 'all', 'threshold', '0')
    new = server.client()
    new.run('get never /dev/null')
    assert 'never' not in slow()


def test_names_in_the_log_turn_nothing(smbd):
    """A right-to-left mark in a file name is escaped there as well."""
    # One slow op: with more, the one line a second may always be another's.
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = unlinkat', 'inject:ms = 30',
        'latency:slow threshold = 20'])
    name = 'gnp.\u202etxt'
    (server.share / name).write_text('x')
    server.client().run('del %s' % name)
    wait_until(lambda: any('gnp.' in line for line in server.complaints()),
               what='a line in the log')
    assert any('gnp.\\xe2\\x80\\xaetxt' in line
               for line in server.complaints())
    assert '\u202e' not in ''.join(server.complaints())


def entries(server, path=None):
    """What the ring has, on this path."""
    return [entry for entry in map(json.loads, run(
        READER, '--segments', server.latency, 'slow',
        '--json').stdout.splitlines())
            if path in (None, entry['path']) and entry['op']]


def test_follow_shows_what_is_under_way_once(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = 3000', 'inject:sleep = yes',
        'latency:slow threshold = 1000'])
    client = server.client()
    follow = Follow(server, '--configfile', server.conf)
    try:
        client.send('mkdir directory')
        shown, _ = follow.next('directory', result='under way')
        assert not client.answered()
        assert 1e9 <= shown['duration_ns'] < 3e9
        ended, _ = follow.next('directory')
        client.wait()
        for key in 'op', 'layer', 'around', 'request', 'message_id', 'pid':
            assert shown[key] == ended[key], key
        assert (shown['op'], shown['around'][0]['op']) == ('mkdirat',
                                                           'create_file')
        assert ended['duration_ns'] >= 3e9
        # It was once: what is left is of others.
        assert b'under way' not in follow.text
    finally:
        follow.stop()


def test_a_slow_request_of_quick_ops(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = readdir', 'inject:ms = 5', 'inject:sleep = yes',
        'latency:slow threshold = 100'])
    (server.share / 'directory').mkdir()
    for number in range(50):
        (server.share / 'directory' / ('f%d' % number)).write_text('x')
    server.smbclient('ls directory\\*')
    [entry] = [entry for entry in map(json.loads, server.show(
        'slow', '--json').splitlines())
        if entry['request'] == 'SMB2_OP_QUERY_DIRECTORY']
    assert (entry['op'], entry['layer'], entry['around'],
            entry['pending_ns']) == (None, None, [], 0)
    assert entry['path'] == 'directory'
    assert 50 * 5e6 <= entry['vfs_ns'] <= entry['duration_ns']
    assert 'SMB2_OP_QUERY_DIRECTORY: ok, in VFS calls for ' in \
        server.show('slow')
    assert server.report()['smb2_requests']['SMB2_OP_QUERY_DIRECTORY'][
        'max_ns'] == entry['duration_ns']
    # The recorder keeps it as it is.
    database = server.directory / 'history'
    recorder = subprocess.Popen([READER, '--segments', server.latency,
                                 'record', '--database', database,
                                 '-i', '0.2'])
    try:
        def recorded():
            result = run(READER, 'slow', '--json', '--database', database,
                         '--from', '-1h', check=False)
            return [json.loads(line) for line in result.stdout.splitlines()]

        wait_until(lambda: entry['duration_ns'] in
                   [e['duration_ns'] for e in recorded()], what='it')
        [kept] = [e for e in recorded()
                  if e['duration_ns'] == entry['duration_ns']]
        for key in 'op', 'layer', 'around', 'pending_ns', 'vfs_ns', 'path':
            assert kept[key] == entry[key], key
    finally:
        recorder.terminate()
        recorder.wait()


LAYERED = 'latency:top acl_xattr latency:bottom inject'


def test_an_event_is_one_entry_with_the_ops_around_it(smbd):
    server = smbd(objects=LAYERED, share_lines=LINES)
    (server.share / 'slow').write_text('x')
    server.smbclient('get slow /dev/null')
    # smbd opens a file more than once, and directories; each is an event.
    found = entries(server)
    assert len(found) == len({entry['timestamp'] for entry in found}) > 0
    for entry in found:
        assert (entry['op'], entry['layer']) == ('openat', 'bottom')
        assert entry['around'][0] == {'op': 'openat', 'layer': 'top'}
        assert entry['duration_ns'] < 60e6
    assert any({'op': 'create_file', 'layer': 'top'} in entry['around']
               for entry in found)
    assert 'openat in create_file (bottom): ok\n' in server.show('slow')


@pytest.mark.parametrize('op, command', [
    ('pread', 'get slow /dev/null'), ('pwrite', 'put slow written')])
def test_an_event_of_an_async_op_is_one_entry(smbd, op, command):
    server = smbd(objects=LAYERED, share_lines=[
        'inject:op = ' + op, 'inject:ms = 30', 'latency:slow threshold = 20'])
    (server.share / 'slow').write_text('x')
    server.smbclient(command, cwd=server.share)
    path = command.split()[1] if op == 'pread' else 'written'
    found = [(entry['op'], entry['layer']) for entry in entries(server, path)]
    assert found == [(op, 'bottom')]


def test_what_no_inner_op_tells_is_an_event_of_its_own(smbd):
    server = smbd(objects='latency:top inject latency:bottom inject',
                  share_lines=['inject:op = mkdirat', 'inject:ms = 30',
                               'latency:slow threshold = 20'])
    server.smbclient('mkdir slow')
    # 4.22 and later make it under another name, which ends in its own.
    found = [(entry['op'], entry['layer']) for entry in entries(server)
             if entry['path'].endswith('slow')]
    assert found == [('mkdirat', 'bottom'), ('mkdirat', 'top')]


def test_the_ops_around_are_known_after_the_process_has_ended(smbd):
    server = smbd(objects=LAYERED, share_lines=LINES)
    (server.share / 'slow').write_text('x')
    server.smbclient('get slow /dev/null')
    before = entries(server, 'slow')
    wait_for_end(server.measured())
    wait_until(lambda: server.report() and not list(
        server.latency.glob('smbd-*')))
    after = entries(server, 'slow')
    assert [entry['around'] for entry in after] == \
        [entry['around'] for entry in before] != []
