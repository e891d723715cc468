# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat now: what has begun and not ended, and nothing else."""

import bisect
import collections
import json
import os
import signal
import subprocess
import threading
import time

import pytest

from impacket import smb3structs
from impacket.smbconnection import SMBConnection

from conftest import PASSWORD, READER, USER, run, wait_until
from test_trace import trace  # pylint: disable=unused-import

HANGS_MS = 3000
AGE_NS = 10e6  # by which an age may be wrong
ROUNDING_NS = 1000  # of ticks


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


def check_mkdir(server, entry, state):
    """It is known in all respects what hangs."""
    assert entry['process']['state'] == state
    assert entry['process']['pid'] == server.measured()[0]
    assert entry['request'] == 'SMB2_OP_CREATE'
    assert [o['op'] for o in entry['ops']] == ['create_file', 'mkdirat']
    assert (entry['user'], entry['client'], entry['share'],
            entry['path']) == (USER, '127.0.0.1', 'share', 'directory')


def test_a_process_that_nothing_can_interrupt(smbd):
    server = smbd(objects='latency inject', share_lines=[
        'inject:op = mkdirat', 'inject:ms = %d' % HANGS_MS,
        'inject:blocked = yes'])
    client = server.client()
    client.send('mkdir directory')
    check_mkdir(server, until_hanging(server, 'mkdirat'), 'D')
    client.wait()
    assert hanging(server, 'mkdirat') is None
    assert (server.share / 'directory').is_dir()


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
        check_mkdir(server, second, 'T')
        # Its age goes on, as time does.
        passed = second['age_ns'] - first['age_ns']
        assert 0.1e9 <= passed <= after - before
        assert second['begun_ns'] == pytest.approx(first['begun_ns'], abs=1e6)
    finally:
        os.kill(pid, signal.SIGCONT)
    client.wait()
    assert hanging(server, 'mkdirat') is None


SAMPLES = 1000
# Between them: no client is in step with it.
PAUSE = '0.013'


class Observer:
    """When each request and op began and ended, by the trace."""

    def __init__(self):
        self.spans = collections.defaultdict(list)
        self.begins = collections.defaultdict(list)
        self.lost = 0

    def take(self, e):
        if e['type'] == 'lost':
            self.lost += e['events']
            return
        key = (e['pid'], e['message_id'], e.get('op') or e['request'],
               e.get('layer'))
        self.spans[key].append((e['begun_ns'], e['duration_ns'], e['path']))
        self.begins[e['pid']].append(e['begun_ns'])

    def complete(self):
        assert self.lost == 0
        for begins in self.begins.values():
            begins.sort()

    def check(self, pid, message_id, name, layer, shown):
        """It was under way when it was shown. Returns its path."""
        begun, duration, path = min(
            self.spans[pid, message_id, name, layer],
            key=lambda span: abs(span[0] - shown['begun_ns']))
        assert abs(begun - shown['begun_ns']) < AGE_NS
        # It is taken out after the stamp of its end, before smbd does anything
        # else. Its process may have had no CPU in between.
        begins = self.begins[pid]
        after = bisect.bisect_left(begins, begun + duration)
        if after < len(begins):
            assert begun + shown['age_ns'] <= begins[after] + ROUNDING_NS
        return path


def test_nothing_is_shown_that_is_not_under_way(smbd, small_tree, trace):
    server = smbd(objects='latency:top latency:bottom inject', share_lines=[
        'inject:op = openat', 'inject:ms = 2', 'inject:sleep = yes'])
    clients = [server.client() for _ in range(2)]
    observer = Observer()
    tracing = trace(server, take=observer.take)
    samples = subprocess.Popen(
        [str(READER), '--segments', str(server.latency), 'now', '--json',
         '-i', PAUSE, '-c', str(SAMPLES)], stdout=subprocess.PIPE,
        universal_newlines=True)
    printed = []
    reading = threading.Thread(
        target=lambda: printed.append(samples.stdout.read()))
    reading.start()
    for number, client in enumerate(clients):
        client.run('mkdir dir%d' % number)
        client.run('cd dir%d' % number)
        for command in small_tree[:-1]:
            client.run(command)
    while samples.poll() is None:
        for client in clients:
            client.send(small_tree[-1])
        for client in clients:
            client.wait()
    reading.join()
    tracing.text()
    assert samples.returncode == 0
    observer.complete()
    taken = list(objects(printed[0]))
    assert len(taken) == SAMPLES
    ops = requests = 0
    for entry in (e for sample in taken for e in sample['in_flight']):
        of = entry['process']['pid'], entry['message_id']
        if entry['request'] is not None:
            path = observer.check(*of, entry['request'], None, entry)
            assert entry['path'] in (path, None)
            requests += 1
        for op in entry['ops']:
            observer.check(*of, op['op'], op['layer'], op)
            ops += 1
    # Each of them was looked up.
    assert requests > SAMPLES / 2 and ops > SAMPLES / 2


def objects(text):
    """JSON objects that follow each other."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text.rstrip()):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield value


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


@pytest.mark.parametrize('count', [200, 300])
def test_many_pending_requests_are_listed_or_counted(smbd, count):
    server = smbd()
    (server.share / 'watched').mkdir()
    connection = SMBConnection('127.0.0.1', '127.0.0.1',
                               sess_port=server.port)
    connection.login(USER, PASSWORD)
    tree = connection.connectTree('share')
    handle = connection.openFile(tree, 'watched', creationOption=smb3structs.
                                 FILE_DIRECTORY_FILE)
    smb = connection.getSMBServer()
    for _ in range(count):
        notify = smb3structs.SMB2ChangeNotify()
        notify['OutputBufferLength'] = 1000
        notify['FileID'] = handle
        notify['CompletionFilter'] = smb3structs.FILE_NOTIFY_CHANGE_FILE_NAME
        packet = smb.SMB_PACKET()
        packet['Command'] = smb3structs.SMB2_CHANGE_NOTIFY
        packet['TreeID'] = tree
        packet['Data'] = notify
        smb.sendSMB(packet)

    def all_of_them():
        shown = now(server)
        return len(shown['in_flight']) + shown['unlisted'] == count and shown

    shown = wait_until(all_of_them, what='all of them')
    assert {(e['request'], e['path'], e['pending_ns'] is not None)
            for e in shown['in_flight']} == {('SMB2_OP_NOTIFY', 'watched',
                                              True)}
    assert len({e['message_id'] for e in shown['in_flight']}) == min(count,
                                                                    256)
    assert shown['unlisted'] == max(0, count - 256)
    if count > 256:
        assert '%d more could not be listed' % (count - 256) in server.show('now')
    connection.close()
    wait_until(lambda: not server.measured(), what='the end of its smbd')
    assert server.report()['smb2_requests']['SMB2_OP_NOTIFY'][
        'count'] == count


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
