# SPDX-License-Identifier: GPL-3.0-or-later
"""--against: how often two runs of the same load mark something, and whether
an op that takes 20 % longer is the first row, and marked.

A client copies small files into an smbd and makes directories, which a module
below ours delays by 20 ms, and removes all that: that is a run. A recorder
writes the history meanwhile. Each run is compared with the one before it, as
times of the history, and as a report in a file. In a second smbd the
directories take 24 ms: each of its runs is compared with one of the first smbd.

Once nothing else is started; once, in some runs chosen at random, as many busy
loops run beside them as there are CPUs: a machine that does other things, too,
and not always the same.
"""

import contextlib
import json
import os
import random
import subprocess
import tempfile
import time
from pathlib import Path

from smbd import READER, Problem, wait_until
from ways import Way

TRIES = 20
FILES = 300
DIRECTORIES = 60
ROUNDS = 3                      # of a run
DELAYED = 'mkdirat'
chance = random.Random(4711)


@contextlib.contextmanager
def recorder(smbd):
    """Writes the history of an smbd every second: the database."""
    database = smbd.directory / 'history.db'
    with subprocess.Popen(
            [READER, '--segments', smbd.latency, 'record', '-i', '1',
             '--database', database], stdout=subprocess.PIPE,
            universal_newlines=True) as process:
        if 'recording' not in process.stdout.readline():
            raise Problem('record failed')
        try:
            yield database
        finally:
            process.terminate()


@contextlib.contextmanager
def busy(wanted):
    """As many busy loops as there are CPUs, if they are wanted."""
    loops = [subprocess.Popen(['sh', '-c', 'while :; do :; done'])
             for _ in range(os.cpu_count() if wanted else 0)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(seconds)) + \
        '.%03dZ' % (seconds % 1 * 1000)


def report(database, span, *options):
    """JSON of a time."""
    command = [READER, '--database', database, '--json', '--from',
               stamp(span[0]), '--to', stamp(span[1]), *options]
    result = subprocess.run(command, stdout=subprocess.PIPE, check=False,
                            universal_newlines=True)
    if result.returncode != 0:
        raise Problem('%s failed' % command)
    return result.stdout


def load(smbd, copy):
    """A run: from when to when it was, in whole intervals."""
    client = smbd.connect()
    wait_until(lambda: time.time() % 1 > 0.1 or None)
    begin = int(time.time())
    client.do(*copy[:-1])
    for _ in range(ROUNDS):
        client.do(copy[-1])
        client.do(*('mkdir dir%d' % n for n in range(DIRECTORIES)))
        client.do('ls', 'cd tree\\dir000', 'ls', 'cd \\')
        client.do('deltree tree',
                  *('rmdir dir%d' % n for n in range(DIRECTORIES)))
    client.close()
    # Its last interval is written when it has ended.
    wait_until(lambda end=time.time(): time.time() > int(end) + 1.5)
    return begin, int(time.time())


def compared(database, span, against):
    """Is anything marked; the first operation, and whether that is."""
    changes = json.loads(report(database, span, '--against', against))
    rows = changes['vfs_operations'] + changes['smb2_requests']
    first = changes['vfs_operations'][0]
    return (any(row['beyond_noise'] for row in rows),
            first['op'] == DELAYED,
            first['op'] == DELAYED and first['beyond_noise'])


def runs(smbd, copy, disturbed, options):
    """The times of some runs."""
    spans = []
    for number in range(TRIES + 1):
        with busy(disturbed and chance.random() < 0.5):
            spans.append(load(smbd, copy))
        options.progress({'run': number})
    return spans


def compare(bench, disturbed, options):
    """A row of the table."""
    copy = bench.tree(FILES)
    before = bench.directory / 'before.json'
    results = {'times': [], 'files': [], 'slower': []}
    with contextlib.ExitStack() as stack:
        spans, databases = [], []
        for ms in 20, 24:
            way = Way('against', share=['inject:op = ' + DELAYED,
                                        'inject:ms = %d' % ms,
                                        'inject:sleep = yes'])
            smbd = stack.enter_context(bench.smbd(way,
                                                  objects='latency inject'))
            databases.append(stack.enter_context(recorder(smbd)))
            spans.append(runs(smbd, copy, disturbed, options))
        for number in range(TRIES):
            then, now = spans[0][number:number + 2]
            results['times'].append(compared(databases[0], now, '..'.join(
                map(stamp, then))))
            before.write_text(report(databases[0], then))
            results['files'].append(compared(databases[0], now, before))
            results['slower'].append(compared(databases[1],
                                              spans[1][number], before))
    return {'beside it': 'busy loops, at random' if disturbed else 'nothing',
            'tries': TRIES,
            'marked': sum(row[0] for row in results['times']),
            'of files': sum(row[0] for row in results['files']),
            'slower first': sum(row[1] for row in results['slower']),
            'slower marked': sum(row[2] for row in results['slower'])}


def measure(bench, options):
    rows = []
    for disturbed in False, True:
        rows.append(compare(bench, disturbed, options))
        options.progress(rows[-1])
    return {'against': rows}
