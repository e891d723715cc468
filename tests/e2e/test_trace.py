# SPDX-License-Identifier: GPL-3.0-or-later
"""smblatency-stat trace: each event of the counters, once, and no other."""

import collections
import decimal
import json
import os
import signal
import struct
import subprocess
import threading
import time

import pytest

from conftest import READER, USER, run, wait_for_end, wait_until

# struct latency_header: its control.trace_until, and the line of the trace.
UNTIL_AT, TRACE_AT = 192 + 12, 184


class Trace:
    """smblatency-stat trace, from tracing to stopped.

    output is its lines; or nothing, if take is called with each event.
    """

    def __init__(self, server, *options, form='--json', take=None):
        self.process = subprocess.Popen(
            [str(word) for word in (READER, '--segments', server.latency,
                                    'trace', *([form] if form else []),
                                    *options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True)
        first = self.process.stderr.readline()
        assert 'tracing ' in first, first + self.process.stderr.read()
        self.output = []
        # Read on, so that it never waits for us.
        self.reading = threading.Thread(
            target=lambda: self.read(take or self.output.append,
                                     json.loads if take else str))
        self.reading.start()

    def read(self, take, convert):
        for line in self.process.stdout:
            take(convert(line))

    def text(self):
        """What it has printed, when it is told to end."""
        self.process.send_signal(signal.SIGINT)
        self.wait()
        return ''.join(self.output)

    def wait(self):
        self.process.wait(60)
        self.reading.join()
        self.errors = self.process.stderr.read()
        self.process.stderr.close()
        self.process.stdout.close()
        assert self.process.returncode == 0, self.errors

    def events(self):
        return [json.loads(line) for line in self.text().splitlines()]

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            self.reading.join()


@pytest.fixture
def trace():
    made = []

    def make(*arguments, **options):
        made.append(Trace(*arguments, **options))
        return made[-1]

    yield make
    for one in made:
        one.kill()


def segment_of(server):
    [segment] = server.latency.glob('smbd-*.segment')
    return segment


def word(path, at, size='I'):
    with open(path, 'rb') as file:
        file.seek(at)
        return struct.unpack(size, file.read(struct.calcsize(size)))[0]


def switched_on(server):
    return word(segment_of(server), UNTIL_AT) != 0


def events_written(server):
    """By the ring itself; 0: there is none."""
    line = word(segment_of(server), TRACE_AT)
    return word(segment_of(server), line * 64 + 16, 'Q') if line else 0


def quiet(server):
    """Wait until nothing is under way; then a report is of a pause."""
    wait_until(lambda: not json.loads(server.show('now', '--json'))[
        'in_flight'], what='a pause')


def counters(server):
    """{name: (count, ns, errors, bytes)} of requests and ops."""
    report = server.report()
    return {name: (c['count'], c['total_ns'],
                   sum(c['errors'].values()) if isinstance(c['errors'], dict)
                   else c['errors'], c.get('bytes') or 0)
            for table in ('vfs_operations', 'smb2_requests')
            for name, c in report[table].items()}


def difference(after, before):
    zero = (0, 0, 0, 0)
    changes = {name: tuple(a - b for a, b in zip(c, before.get(name, zero)))
               for name, c in after.items()}
    return {name: c for name, c in changes.items() if c[0]}


class Account:
    """What was traced, event by event: the same as counters(), and more."""

    def __init__(self):
        self.count = 0
        self.lost = 0
        self.total = collections.defaultdict(lambda: [0, 0, 0, 0])
        self.numbers = set()
        self.waiting = collections.defaultdict(list)
        self.values = collections.defaultdict(set)

    def take(self, e):
        if e['type'] == 'lost':
            self.lost += e['events']
            return
        s = self.total[e.get('op') or e['request']]
        s[0] += 1
        s[1] += e['duration_ns']
        s[2] += e['error'] is not None
        s[3] += e.get('bytes', 0)
        self.numbers.add(e['number'])
        if e['type'] == 'request':
            for key in 'share', 'user', 'path', 'error':
                self.values[key].add(e[key])
        elif not e['async']:
            self.check_nesting(e)
        # Last: then all of it is done.
        self.count += 1

    def check_nesting(self, e):
        """Each op is within the one around it, which ends after it."""
        key = e['pid'], e['message_id'], e['below']
        waiting = self.waiting[key]
        begin, end = e['begun_ns'], e['begun_ns'] + e['duration_ns']
        while waiting and waiting[-1]['depth'] > e['depth']:
            inner = waiting.pop()
            assert inner['depth'] == e['depth'] + 1, (inner, e)
            # Ticks become nanoseconds, rounded, more than once.
            assert begin <= inner['begun_ns'] + 2
            assert inner['begun_ns'] + inner['duration_ns'] <= end + 2
        if e['depth'] == 1:
            assert not waiting
            del self.waiting[key]
        else:
            waiting.append(e)

    def check(self, expected):
        """Each event of the counters once, to the nanosecond; and nested."""
        assert self.lost == 0
        assert {name: tuple(s) for name, s in self.total.items()} == expected
        assert len(self.numbers) == self.count
        assert not self.waiting


@pytest.mark.parametrize('protection', ['sign', 'encrypt'])
def test_each_event_of_the_counters_once(smbd, small_tree, trace, protection):
    server = smbd()
    client = server.client(options=['--client-protection=' + protection])
    account = Account()
    quiet(server)
    before = counters(server)
    tracing = trace(server, take=account.take)
    first, *_ = small_tree
    copy_in(server, client, account, [first + '/tree', 'prompt'],
            ['dir%d' % number for number in range(5)])
    for command in 'ls', 'get nosuchfile', 'del nosuch', 'deltree dir1':
        client.run(command)
    quiet(server)
    after = counters(server)
    tracing.text()
    account.check(difference(after, before))
    assert account.values['share'] == {'share'}
    assert account.values['user'] == {USER}
    assert 'dir1/file07' in account.values['path']
    assert 'NT_STATUS_OBJECT_NAME_NOT_FOUND' in account.values['error']


def copy_in(server, client, account, commands, directories):
    """Copies what is in these, so that the reader keeps up however busy the
    machine is."""
    for command in commands:
        client.run(command)
    for directory in directories:
        for command in 'mkdir', 'cd', 'lcd':
            client.run(command + ' ' + directory)
        for tens in range(10):
            client.run('mput file%d*' % tens)
            wait_until(lambda: account.count == events_written(server),
                       timeout=60, what='the reader')
        for command in 'cd', 'lcd':
            client.run(command + ' ..')


def test_each_event_of_the_copy_of_10000_files(smbd, tree, trace):
    server = smbd()
    client = server.client()
    account = Account()
    quiet(server)
    before = counters(server)
    tracing = trace(server, take=account.take)
    copy_in(server, client, account,
            ['mkdir tree', 'cd tree', 'lcd %s/tree' % tree.parent, 'prompt'],
            ['dir%03d' % number for number in range(tree.DIRECTORIES - 1)])
    quiet(server)
    after = counters(server)
    tracing.text()
    assert tree.copied(server.share)
    account.check(difference(after, before))
    assert account.count > 100 * tree.FILES


@pytest.mark.parametrize('stays_on', [True, False])
def test_lost_events_are_counted_to_the_unit(smbd, small_tree, trace,
                                             stays_on):
    """Of a reader that is stopped, while another one reads, or nobody does."""
    server = smbd()
    client = server.client()
    quiet(server)
    before = counters(server)
    tracing = trace(server)
    client.run('ls')
    wait_until(lambda: events_written(server), what='the first event')
    os.kill(tracing.process.pid, signal.SIGSTOP)
    going = threading.Event()

    # As another reader would, which is not stopped.
    def ask():
        while not going.wait(0.1):
            with open(segment_of(server), 'r+b') as file:
                file.seek(UNTIL_AT)
                file.write(struct.pack('I', int(time.monotonic()) + 2))

    def off():
        client.run('ls')
        return not switched_on(server)

    if stays_on:
        asking = threading.Thread(target=ask)
        asking.start()
    else:
        wait_until(off, what='the end of the trace')
    for command in small_tree:
        client.run(command)
    quiet(server)
    os.kill(tracing.process.pid, signal.SIGCONT)
    if stays_on:
        going.set()
        asking.join()
    else:
        wait_until(lambda: switched_on(server), what='the trace')
    client.run('ls')
    quiet(server)
    all_of_it = sum(c[0] for c in difference(counters(server),
                                             before).values())
    events = tracing.events()
    lost = sum(e['events'] for e in events if e['type'] == 'lost')
    assert lost > 0
    assert '%d events were lost' % lost in tracing.errors
    assert sum(e['type'] != 'lost' for e in events) + lost == all_of_it
    if stays_on:
        assert all_of_it == events_written(server)
    else:
        assert lost >= all_of_it - events_written(server)


@pytest.mark.parametrize('how', [signal.SIGKILL, signal.SIGINT])
def test_it_is_off_when_the_reader_has_gone(smbd, trace, how):
    server = smbd()
    client = server.client()
    assert not switched_on(server)
    tracing = trace(server)
    client.run('ls')
    wait_until(lambda: events_written(server), what='the first event')
    tracing.process.send_signal(how)
    tracing.process.wait()

    def off():
        client.run('ls')
        return not switched_on(server)

    wait_until(off, what='the end of the trace')
    written = events_written(server)
    client.run('ls')
    client.run('mkdir d')
    quiet(server)
    assert events_written(server) == written
    # And on again, in the same ring.
    again = trace(server)
    client.run('ls')
    quiet(server)
    assert min(e['number'] for e in again.events()) == written + 1


@pytest.mark.parametrize('how, share_lines', [
    ('async', []), ('sync', ['aio read size = 0', 'aio write size = 0'])])
def test_reads_and_writes_say_where_they_began(smbd, trace, tmp_path, how,
                                               share_lines):
    server = smbd(share_lines=share_lines)
    client = server.client()
    size = 20 << 20
    (tmp_path / 'file').write_bytes(b'x' * size)
    tracing = trace(server, '-e', 'pread,pwrite,fstat,READ,WRITE')
    client.run('put %s file' % (tmp_path / 'file'))
    client.run('get file /dev/null')
    quiet(server)
    events = tracing.events()
    for op, request in ('pread', 'READ'), ('pwrite', 'WRITE'):
        pieces = sorted((e['offset'], e['bytes']) for e in events
                        if e['type'] == 'op' and e['op'] == op and e['bytes'])
        assert len(pieces) > 1
        assert [e['async'] for e in events if e.get('op') == op] == \
            [how == 'async'] * len(pieces)
        end = 0
        for offset, moved in pieces:
            assert offset == end
            end += moved
        assert end == size
        assert sum(e['bytes'] for e in events
                   if e.get('request') == 'SMB2_OP_' + request) == size
    assert {e['offset'] for e in events if e.get('op') == 'fstat'} == {None}


def test_text_and_filters(smbd, trace):
    server = smbd()
    client = server.client()
    (server.share / 'file').write_text('x' * 70000)
    (server.share / 'other').write_text('x')
    commands = ['get file /dev/null', 'get other /dev/null', 'get no /dev/null']

    def traced(*options, form=None):
        tracing = trace(server, *options, form=form)
        for command in commands:
            client.run(command)
        quiet(server)
        return tracing.text()

    text = traced()
    assert ' SMB2_OP_CREATE = NT_STATUS_OBJECT_NAME_NOT_FOUND  no  [%s@' \
        % USER in text
    assert '127.0.0.1 share %d]\n' % server.measured()[0] in text
    assert '  create_file = ok\n' in text
    assert '  pread(at 0) = 70000, async\n' in text
    only = traced('-e', 'openat,READ').splitlines()
    assert only
    for line in only:
        assert '  openat' in line or 'SMB2_OP_READ' in line, line
    for line in traced('-e', 'request').splitlines():
        assert ' SMB2_OP_' in line
    paths = {json.loads(line)['path'] for line in
             traced('--path', 'f*', form='--json').splitlines()}
    assert paths == {'file'}
    assert traced('--share', 'none') == ''
    assert traced('--user', 'nobody') == ''
    assert traced('--client', '127.0.0.2') == ''
    assert traced('--longer', '100000') == ''
    assert traced('--share', 'share', '--user', USER) != ''
    summary = traced(form='--summary')
    assert '% time ' in summary
    assert ' SMB2_OP_READ\n' in summary
    assert ' openat\n' in summary


def test_a_process_that_ends_is_read_to_its_end(smbd, trace):
    server = smbd()
    client = server.client()
    pid = server.measured()[0]
    tracing = trace(server, pid)
    client.run('ls')
    client.close()
    wait_for_end([pid])
    tracing.wait()
    names = [json.loads(line).get('op') for line in tracing.output]
    assert 'disconnect' in names


# What a slice must have, and may have, by "ph"; after the description of the
# Trace Event Format.
FIELDS = {'X': {'name', 'cat', 'ph', 'pid', 'tid', 'ts', 'dur', 'args'},
          'M': {'name', 'ph', 'pid', 'tid', 'args'},
          'i': {'name', 'ph', 's', 'pid', 'tid', 'ts'}}


def ns(us):
    """Microseconds as they were printed, in whole ns."""
    value = us * 1000
    assert value == int(value) >= 0
    return int(value)


def check_perfetto(text):
    """A strict reading of the format; its slices."""
    document = json.loads(text, parse_float=decimal.Decimal)
    assert set(document) == {'displayTimeUnit', 'otherData', 'traceEvents'}
    tracks = collections.defaultdict(list)
    named = set()
    for e in document['traceEvents']:
        assert set(e) == FIELDS[e['ph']], e
        assert isinstance(e['pid'], int) and isinstance(e['tid'], int)
        if e['ph'] == 'M':
            assert e['name'] in ('process_name', 'thread_name')
            assert (e['name'], e['pid'], e['tid']) not in named
            named.add((e['name'], e['pid'], e['tid']))
        elif e['ph'] == 'X':
            begin = ns(e['ts'])
            tracks[e['pid'], e['tid']].append((begin, begin + ns(e['dur']),
                                               e))
    for (pid, tid), slices in tracks.items():
        assert ('thread_name', pid, tid) in named
        assert ('process_name', pid, 0) in named
        around = []
        # As they stand: the outer one first.
        for begin, end, e in slices:
            while around and around[-1][1] <= begin and \
                    around[-1][1] < end:
                around.pop()
            assert not around or (around[-1][0] <= begin
                                  and end <= around[-1][1]), e
            assert e['cat'] != 'request' or not around
            around.append((begin, end))
        # And as a reader sorts them: none overlaps another.
        latest = []
        for begin, end, e in sorted(slices, key=lambda s: (s[0], -s[1])):
            while latest and latest[-1] <= begin:
                latest.pop()
            assert not latest or end <= latest[-1], e
            latest.append(end)
    return [e for slices in tracks.values() for _, _, e in slices]


def test_perfetto(smbd, trace):
    server = smbd()
    client, other = server.client(), server.client()
    quiet(server)
    before = counters(server)
    tracing = trace(server, form='--perfetto')
    (server.share / 'watched').mkdir()
    other.send('notify watched')
    for number in range(5):
        client.run('put %s file%d' % (server.conf, number))
        client.run('get file%d /dev/null' % number)
    client.run('ls')
    other.kill()
    quiet(server)
    slices = check_perfetto(tracing.text())
    expected = difference(counters(server), before)
    for name, (count, total_ns, _, _) in expected.items():
        those = [e for e in slices if e['name'] == name]
        assert len(those) == count, name
        assert sum(e['args']['duration_ns'] for e in those) == total_ns
    assert {e['name'] for e in slices} == set(expected)
    for e in slices:
        # At most what rounding has cut off.
        assert abs(ns(e['dur']) - e['args']['duration_ns']) <= 4, e


def test_time(smbd, trace):
    server = smbd()
    server.client()
    tracing = trace(server, '--time', '0.05')
    tracing.wait()
    assert 'smbds traced nothing' in tracing.errors


@pytest.mark.parametrize('words, message', [
    (['-e', 'nosuch'], "'nosuch' is not an operation"),
    (['-e', ''], "'' is not an operation"),
    (['--longer', 'x'], 'milliseconds'), (['-t', '0'], 'seconds above 0'),
    (['--json', '--perfetto'], 'only one of'),
    (['word'], "'word'"), (['1', '2'], "'2'"), (['--by', 'op'], '--by')])
def test_bad_words(tmp_path, words, message):
    result = run(READER, '--segments', tmp_path, 'trace', *words, check=False)
    assert result.returncode == 2
    assert message in result.stderr


def test_no_such_process(smbd):
    server = smbd()
    server.client()
    result = run(READER, '--segments', server.latency, 'trace', '1',
                 check=False)
    assert result.returncode == 1
    assert 'no smbd with pid 1 is measured' in result.stderr
