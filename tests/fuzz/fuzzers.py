# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the fuzzers, each with what a real smbd, its clients and the reader have
made as a beginning. For tests/e2e/test_fuzz.py and script/torture."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from conftest import BUILD, READER, TOP, run, wait_for_end
from test_stat_history import Recorder

FUZZERS = {
    # What of the seeds it begins with, and what it wants beside that.
    'segment': ('*.segment', None),
    'fold': ('*.segment', 'smbd-*.segment'),
    'baseline': ('*.baseline', 'smbd-*.segment'),
    'commands': ('*.segment', 'smbd-*.segment'),
    'control': ('control', None),
    'counters': ('*.counters', None),
    'counts': ('*.counts', None),
    'history': ('*.edits', 'history.db'),
    'merge': ('*.json', None),
    'http': ('*.http', None),
}
MAX_LEN = 1 << 18
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
    """Files of ours of a server that has had a client, for all fuzzers."""
    directory.mkdir()
    recorder = Recorder(server, interval='0.05').start()
    client = server.client()
    for command in ('mkdir d', 'cd d', 'put /etc/services a', 'get a -',
                    'get missing -', 'ls', 'del a'):
        client.run(command)
    segment, = server.latency.glob('smbd-*')
    shutil.copy(segment, directory)
    run(READER, '--segments', server.latency, 'all', 'threshold', '1')
    run(READER, '--segments', server.latency, 'all', 'reset')
    for command in 'put /etc/services b', 'ls', 'del b':
        client.run(command)
    recorder.next()
    for baseline in server.latency.glob('*.baseline'):
        shutil.copy(baseline, directory)
    for words, name in (([], 'plain'), (['--by', 'share,user,op'], 'by')):
        (directory / (name + '.json')).write_text(
            server.show('--json', *words))
    pids = server.measured()
    client.close()
    wait_for_end(pids)
    server.report()
    recorder.next()
    recorder.stop()
    for path in server.latency.iterdir():
        if path.is_file() and path.name != 'lock':
            shutil.copy(path, directory)
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
    control = bytearray(b'\x40') + (directory / 'control').read_bytes()
    (directory / 'control').write_bytes(
        bytes(control) + segment_head(directory))


def copy_database(database, to):
    """As one file: of the database itself a part may be in its log."""
    with contextlib.closing(sqlite3.connect(database)) as sql:
        sql.execute('VACUUM INTO ?', [str(to)])


def segment_head(directory):
    segment = next(directory.glob('smbd-*.segment'))
    return segment.read_bytes()[:20000]


def fuzz(name, seeds, directory, runs, seed, seconds=0):
    """Fuzzes; raises with what was found. How many runs there were."""
    taken, good = FUZZERS[name]
    corpus = directory / name
    corpus.mkdir()
    for file in seeds.glob(taken):
        shutil.copy(file, corpus)
    environment = dict(os.environ, UBSAN_OPTIONS='print_stacktrace=1',
                       ASAN_OPTIONS='handle_abort=1')
    if good:
        environment['FUZZ_GOOD'] = str(next(seeds.glob(good)))
    result = subprocess.run(
        [program(name), corpus, '-runs=%d' % runs, '-seed=%d' % seed,
         '-max_len=%d' % MAX_LEN, '-close_fd_mask=3', '-len_control=0',
         '-timeout=60', '-rss_limit_mb=2048', '-print_final_stats=1',
         '-max_total_time=%d' % seconds,
         '-artifact_prefix=%s/' % directory],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, universal_newlines=True, errors='replace',
        cwd=directory, env=environment, check=False)
    kept = [str(keep(path)) for path in directory.glob('*-*')
            if path.is_file()]
    assert result.returncode == 0, '%s: %s\n%s' % (
        name, ' '.join(kept), result.stdout[-6000:])
    done = [line for line in result.stdout.splitlines()
            if 'number_of_executed_units' in line]
    return int(done[0].split()[-1])


def keep(path):
    """What a fuzzer has found, where it stays."""
    kept = BUILD / 'found'
    kept.mkdir(exist_ok=True)
    return Path(shutil.copy(path, kept))
