# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the fuzzers, each with what a real smbd, its clients and the reader have
made as a beginning. For tests/e2e/test_fuzz.py and script/torture."""

import collections
import contextlib
import json
import os
import re
import shutil
import sqlite3
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from conftest import BUILD, READER, TOP, run, wait_for_end
from test_stat_history import Recorder

FUZZERS = {
    # The fastest first. What of the seeds it begins with, what it wants beside
    # that, and how many bytes it makes at most: what is longer is slower.
    'control': ('control', None, 1 << 15),
    'counters': ('*.counters', None, 1 << 12),
    'fold': ('*.segment', 'smbd-*.segment', 1 << 17),
    'segment': ('*.segment', None, 1 << 17),
    'merge': ('*.json', None, 1 << 14),
    'http': ('*.http', None, 1 << 14),
    'counts': ('*.counts', None, 1 << 12),
    'baseline': ('*.baseline', 'smbd-*.segment', 1 << 17),
    'commands': ('*.segment', 'smbd-*.segment', 1 << 17),
    'history': ('*.edits', 'history.db', 1 << 12),
}
# include/latency_format.h: bytes of a line, and where the header has these.
LINE, USED, FIRST_SLOT, SLOW_RING = 64, 128, 132, 140
HTTP = [b'GET /metrics HTTP/1.1\r\nHost: a\r\nAccept: application/'
        b'openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5\r\n\r\n',
        b'GET / HTTP/1.0\r\n\r\n', b'POST /x HTTP/1.1\r\nHost: a\r\n'
        b'Content-Length: 5\r\n\r\n12345', b'HEAD /metrics HTTP/1.1\r\n'
        b'Host: a\r\nConnection: keep-alive\r\n\r\nGET /y HTTP/1.1\r\n'
        b'Host: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n']


def program(name):
    """A fuzzer of this build, or of that with clang beside it; None."""
    for build in BUILD, TOP / 'build-clang':
        found = build / 'sanitize' / 'tests' / ('fuzz_' + name)
        if found.exists():
            return found
    return None


def make_seeds(server, directory):
    """Files of ours of a server that has had clients, for all fuzzers."""
    directory.mkdir()
    make_segments(server, directory)
    recorder = Recorder(server, interval='0.05').start()
    client = server.client()
    for command in ('mkdir d', 'cd d', 'put /etc/services a', 'get a -',
                    'get missing -', 'ls', 'del a'):
        client.run(command)
    run(READER, '--segments', server.latency, 'all', 'threshold', '1')
    recorder.next()
    pids = server.measured()
    client.close()
    wait_for_end(pids)
    recorder.next()
    recorder.stop()
    copy_database(recorder.database, directory / 'history.db')
    # The fuzzer makes the checksum and the version itself.
    counts = recorder.ask('SELECT nodes FROM counts ORDER BY -length(nodes)')
    (directory / 'one.counts').write_bytes(counts[0][5:])
    counters = recorder.ask('SELECT nodes FROM state_slot')
    (directory / 'one.counters').write_bytes(counters[0])
    (directory / 'one.edits').write_bytes(
        b'\7\7\0\1\x40' + counters[0][:64] + b'\0\4\0\0\10' + b'\xff' * 8)
    for number, text in enumerate(HTTP):
        (directory / ('%d.http' % number)).write_bytes(text)
    segment = next(directory.glob('smbd-*.segment'))
    (directory / 'control').write_bytes(
        b'\x40' + (server.latency / 'control').read_bytes() +
        segment.read_bytes()[:20000])


def make_segments(server, directory):
    """Of a client that did little of all: what is long makes a run slow."""
    client = server.client()
    pids = server.measured()
    client.run('get missing -')
    segment, = server.latency.glob('smbd-*')
    copy_segment(segment, directory / segment.name)
    run(READER, '--segments', server.latency, 'all', 'reset')
    client.run('put /etc/hostname small')
    baseline, = server.latency.glob('smbd-*.baseline')
    shutil.copy(baseline, directory)
    for words, name in (([], 'plain'), (['--by', 'share,op'], 'by')):
        report = shortened(json.loads(server.show('--json', *words)))
        (directory / (name + '.json')).write_text(json.dumps(report))
    client.close()
    wait_for_end(pids)
    server.report()
    for name in 'departed.segment', 'departed.baseline':
        copy_segment(server.latency / name, directory / name)
    add_slow_op(directory / 'departed.segment',
                directory / 'slow.segment')


def shortened(value):
    """A report with less of what there is many of."""
    if isinstance(value, list):
        if all(isinstance(item, (dict, list)) for item in value):
            value = value[-2:]
        return [shortened(item) for item in value]
    if not isinstance(value, dict):
        return value
    items = list(value.items())
    if all(isinstance(item, dict) for _, item in items):
        items = items[-2:]              # by name
    return {key: shortened(item) for key, item in items}


def copy_segment(segment, to):
    """What is claimed of it; see used in include/latency_format.h."""
    data = segment.read_bytes()
    to.write_bytes(data[:struct.unpack_from('I', data, USED)[0] * LINE])


def add_slow_op(segment, to):
    """The same with a ring of slow ops, and one in it: smbd may have none."""
    data = bytearray(segment.read_bytes())
    ring = bytearray(64 + 512 * 128)
    slot, = struct.unpack_from('I', data, FIRST_SLOT)
    # A request of opcode 5, see struct latency_slow.
    struct.pack_into('Q', ring, 0, 1)
    struct.pack_into('IHHQQQQII', ring, 64, 2, 5, 5, 1, 1 << 60, 1 << 21, 7, 0,
                     slot)
    ring[128:135] = b'a/b.txt'
    struct.pack_into('I', data, SLOW_RING, len(data) // LINE)
    struct.pack_into('I', data, USED, (len(data) + len(ring)) // LINE)
    to.write_bytes(data + ring)


def copy_database(database, to):
    """As one file: of the database itself a part may be in its log."""
    with contextlib.closing(sqlite3.connect(database)) as sql:
        sql.execute('VACUUM INTO ?', [str(to)])


class Runs(NamedTuple):
    """What a fuzzer has done: so far, or in the end."""

    count: int
    seconds: float
    coverage: int       # edges of the code that were reached
    features: int       # these, and how often

    @property
    def rate(self):
        return self.count / self.seconds if self.seconds else 0


def fuzz(name, seeds, directory, runs, seed, seconds=0, show=None):
    """Fuzzes until there were so many runs, or it was that long; the Runs.

    Raises with what was found. Meanwhile show(Runs) is called.
    """
    taken, good, length = FUZZERS[name]
    corpus = directory / name
    corpus.mkdir()
    for file in seeds.glob(taken):
        shutil.copy(file, corpus)
    # What is freed in one run is looked after for that run, not for more: so
    # all memory stays in the cache.
    environment = dict(os.environ, UBSAN_OPTIONS='print_stacktrace=1',
                       ASAN_OPTIONS='handle_abort=1:quarantine_size_mb=8')
    if good:
        environment['FUZZ_GOOD'] = str(next(seeds.glob(good)))
    begin = time.monotonic()
    done = Runs(0, 0, 0, 0)
    said = collections.deque(maxlen=100)
    with subprocess.Popen(
            [program(name), corpus, '-runs=%d' % runs, '-seed=%d' % seed,
             '-max_len=%d' % length, '-close_fd_mask=3', '-len_control=0',
             '-timeout=25', '-rss_limit_mb=2048', '-print_final_stats=1',
             '-max_total_time=%d' % seconds,
             '-artifact_prefix=%s/' % directory],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True,
            errors='replace', cwd=directory, env=environment) as process:
        try:
            for line in process.stdout:
                said.append(line)
                found = re.match(r'#(\d+)\s.* cov: (\d+) ft: (\d+)', line)
                if found:
                    count, coverage, features = map(int, found.groups())
                    done = Runs(count, time.monotonic() - begin, coverage,
                                features)
                    if show:
                        show(done)
        finally:
            process.kill()
    kept = [str(keep(path)) for path in directory.glob('*-*')
            if path.is_file()]
    assert process.returncode == 0, '%s after %d runs: %s\n%s' % (
        name, done.count, ' '.join(kept), ''.join(said)[-6000:])
    return done


def keep(path):
    """What a fuzzer has found, where it stays."""
    kept = BUILD / 'found'
    kept.mkdir(exist_ok=True)
    return Path(shutil.copy(path, kept))
