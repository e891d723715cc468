# SPDX-License-Identifier: GPL-3.0-or-later
"""Many clients at once, connecting, working and leaving, while reports are made
all the time, a recorder runs, and smbds are told this and that.

No reader fails, no report takes back what an earlier one said, and in the end
the report and the history have what was in the segments, to the unit.
"""

import json
import os
import time

from conftest import READER, run as run_command, wait_for_end
from test_stat_history import Recorder

import account
from load import Load

OTHERS = [['now', '--json'], ['slow', '--json'], ['errors'], ['--prometheus'],
          ['files', '--json'], ['all', 'status'], ['all', 'threshold', '5'],
          ['all', 'off'], ['all', 'on'], ['--by', 'share,process,op']]


def ask(server, *words):
    return run_command(READER, '--segments', server.latency, *words,
                       timeout=600).stdout


def look(server, before):
    """One more report; it must have all that the one before had."""
    report = json.loads(ask(server, '--json'))
    assert report['problems'] == [], report['problems']
    calls, total_ns = account.reported(report)
    for path, count in before[0].items():
        assert calls[path] >= count, (path, calls[path], count)
    for path, time_ns in before[1].items():
        assert total_ns[path] >= time_ns, (path, total_ns[path], time_ns)
    return calls, total_ns


def run_part(torture):
    kept = torture.directory / 'kept'
    sources = torture.directory / 'sources'
    kept.mkdir()
    sources.mkdir()
    for number in range(6):
        (sources / ('file%d' % number)).write_bytes(os.urandom(20000))
    book = account.Account(kept)
    # At once; each rests for so long again and again; a report is made each so
    # many seconds; for so long in all.
    clients, pause, each, seconds = torture.rounds(
        (200, 40, 1, 1800), (30, 0, 0, 20))
    reports = told = 0
    with torture.smbd(preload=[account.library(torture.directory)]) as server:
        server.latency.mkdir(mode=0o700)
        recorder = Recorder(server, interval='0.5').start()
        load = Load(server, sources, clients, pause)
        begin = due = time.monotonic()
        before = {}, {}
        try:
            while time.monotonic() < begin + seconds:
                if server.measured():
                    before = look(server, before)
                    reports += 1
                for _ in range(torture.random.randrange(3)):
                    if server.measured():
                        ask(server, *torture.random.choice(OTHERS))
                        told += 1
                torture.progress(int(time.monotonic() - begin), seconds,
                                 'seconds')
                due = max(due + each, time.monotonic() - each)
                time.sleep(max(0, due - time.monotonic()))
        finally:
            load.end()
        ask(server, 'all', 'on')
        wait_for_end(server.measured(), timeout=120)
        calls, _ = account.compare(book, server.report(), 'the report')
        recorder.next()
        assert recorder.stop() == ''
        account.compare(book, recorder.report(), 'the history', times=False)
        assert 'PANIC' not in server.logs()
    return ('%d clients at once, %d processes, %d calls, %d reports, %d '
            'commands: nothing lost, nothing taken back, no error' % (
                clients, len(book.seen), calls, reports, told))


def run(torture):
    os.environ['VFS_LATENCY_KEEP'] = str(torture.directory / 'kept')
    try:
        return run_part(torture)
    finally:
        del os.environ['VFS_LATENCY_KEEP']
