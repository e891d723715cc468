# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat now: what has begun and not ended, and nothing else."""

import json
import os
import signal
import time

import pytest

from conftest import READER, USER, run, wait_until

HANGS_MS = 3000


def now(server, *options):
    return json.loads(server.show('now', '--json', *options))


def hanging(server, op):
    """The first entry in which this op is under way."""
    for entry in now(server)['in_flight']:
        if op in [o['op'] for o in entry['ops']]:
            return entry
    return None


def until_hanging(server, op):
    wait_until(lambda: hanging(server, op), what=op)
    return hanging(server, op)


@pytest.mark.parametrize('objects, layers', [
    ('latency inject', ['latency']),
    ('latency:top latency:bottom inject', ['top', 'bottom'])])
def test_a_hanging_op_is_shown_until_it_ends(smbd, objects, layers):
    server = smbd(objects=objects, share_lines=[
        'inject:op = openat', 'inject:ms = %d' % HANGS_MS])
    (server.share / 'file').write_text('x')
    client = server.client()
    client.send('get file /dev/null')
    entry = until_hanging(server, 'openat')
    assert entry['request'] == 'SMB2_OP_CREATE'
    assert entry['user'] == USER
    assert entry['share'] == 'share'
    assert entry['client'] == '127.0.0.1'
    assert entry['process']['pid'] == server.measured()[0]
    assert entry['ops'][-1]['op'] == 'openat'
    assert [o['layer'] for o in entry['ops'] if o['op'] == 'openat'] == layers
    assert entry['pending_ns'] is None
    client.wait()
    assert hanging(server, 'openat') is None


def test_a_hanging_read_has_the_path_of_its_file(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = pread', 'inject:ms = %d' % HANGS_MS])
    (server.share / 'dir').mkdir()
    (server.share / 'dir' / 'file').write_text('x' * 100)
    client = server.client()
    client.send('get dir/file /dev/null')
    entry = until_hanging(server, 'pread')
    assert entry['request'] == 'SMB2_OP_READ'
    assert entry['path'] == 'dir/file'
    client.wait()
    assert hanging(server, 'pread') is None


def test_age_of_a_stopped_process(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = %d' % HANGS_MS])
    client = server.client()
    client.send('mkdir directory')
    until_hanging(server, 'mkdirat')
    pid = server.measured()[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        before = time.monotonic_ns()
        first = hanging(server, 'mkdirat')
        time.sleep(0.1)
        second = hanging(server, 'mkdirat')
        after = time.monotonic_ns()
        assert second['process']['state'] == 'T'
        assert second['path'] == 'directory'
        # Its age goes on, as time does.
        passed = second['age_ns'] - first['age_ns']
        assert 0.1e9 <= passed <= after - before
    finally:
        os.kill(pid, signal.SIGCONT)
    client.wait()


def test_options(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = %d' % HANGS_MS])
    client = server.client()
    assert server.show('now') == 'nothing is under way\n'
    client.send('mkdir a')
    until_hanging(server, 'mkdirat')
    text = server.show('now')
    assert 'SMB2_OP_CREATE > create_file > mkdirat' in text
    assert '    %s@127.0.0.1 on share, smbd ' % USER in text
    assert '\n    a\n' in text
    assert now(server, '--older', '1000')['in_flight'] == []
    assert now(server, '--share', 'other')['in_flight'] == []
    assert len(now(server, '--share', 'share')['in_flight']) == 1
    assert now(server, '--user', 'nobody')['in_flight'] == []
    client.wait()


@pytest.mark.parametrize('words', [
    ['--older', 'x'], ['--older', '-1'], ['word'], ['1', '2']])
def test_bad_words(tmp_path, words):
    result = run(READER, '--segments', tmp_path, 'now', *words, check=False)
    assert result.returncode == 2


def test_a_pending_request_is_listed(smbd):
    server = smbd()
    client = server.client()
    (server.share / 'watched').mkdir()
    client.send('notify watched')

    def pending():
        return [entry for entry in now(server)['in_flight']
                if entry['request'] == 'SMB2_OP_NOTIFY'
                and entry['pending_ns'] is not None]

    wait_until(pending, what='a pending NOTIFY')
    [entry] = pending()
    assert entry['share'] == 'share'
    assert entry['ops'] == []
    assert entry['path'] == 'watched'
    assert entry['pending_ns'] <= entry['age_ns']
    client.kill()
    wait_until(lambda: not pending(), what='its end')
