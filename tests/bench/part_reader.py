# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader: time and memory of a report and of the exporter, CPU time of a
frame of top and of an interval; what it costs an smbd to be read.

make_segments simulates servers with so many clients, one tree connect each,
after a small-file copy. The segments are on a tmpfs, as on a server. Of the
smbds of the intervals one in a hundred works, the others wait.

An smbd that is read is compared with one that is not, see compare.py. Once a
second is too little to be seen, so it is read a hundred times a second, too,
and that divided by a hundred.
"""

import os
import re
import statistics
import subprocess
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from compare import compare
from smbd import BUILD, READER, Problem

READ = ['latency read 1/s', 'latency read 100/s']
COUNTS = 1, 10, 100, 1000, 10000
TIMES = 7
SHARES = 10
ACTIVE = 100                    # one of so many works


@contextmanager
def segments(count, active=0):
    """A directory with so many segments of smbds that seem to live, and with so
    many of them at work."""
    program = BUILD / 'tests' / 'make_segments'
    if not program.exists():
        raise Problem("%s is missing: run 'make build-tests'" % program)
    shm = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(dir=shm) as directory:
        with subprocess.Popen([program, directory, str(count), str(SHARES),
                               str(active)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as maker:
            if maker.stdout.readline() != b'ready\n':
                raise Problem('make_segments failed')
            yield Path(directory)
            maker.stdin.close()


def once(command):
    """Wall time in ms and peak memory in MiB of a command."""
    start = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Problem('%s failed' % command)
    return elapsed * 1000, usage.ru_maxrss / 1024


def report(directory, *options):
    runs = [once([READER, '--segments', directory, *options])
            for _ in range(TIMES)]
    return statistics.median(run[0] for run in runs), runs[0][1]


def used(directory, *words):
    """CPU time in ms, and peak memory in MiB, of a command of the reader."""
    with subprocess.Popen([READER, '--segments', directory, *words],
                          stdout=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise Problem('%s failed' % ' '.join(words))
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024


def top(directory, frames=10):
    """Milliseconds of CPU time of a frame of top."""
    words = ['top', '-b', '-i', '0.5', '-c']
    return (used(directory, *words, str(1 + frames))[0] -
            used(directory, *words, '1')[0]) / frames


def interval(directory, intervals=10):
    """Milliseconds of CPU time of an interval, and MiB of all of them."""
    # Two have a summary, as many have: it is not part of the difference.
    words = ['-i', '0.5', '-c']
    less, _ = used(directory, *words, '2')
    more, memory = used(directory, *words, str(2 + intervals))
    return (more - less) / intervals, memory


@contextmanager
def exporter(directory, *options):
    """One that runs: its process, and its URL."""
    with subprocess.Popen([READER, '--segments', directory, 'exporter',
                           '--listen=127.0.0.1:0', *options],
                          stdout=subprocess.PIPE, universal_newlines=True
                          ) as process:
        try:
            yield process, re.search(
                r'http://\S+', process.stdout.readline()).group()
        finally:
            process.terminate()


def get(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


def scrape(directory, *options):
    """Milliseconds until the exporter has answered; size of the answer."""
    with exporter(directory, *options) as (_, url):
        times = []
        for _ in range(TIMES):
            start = time.monotonic()
            size = len(get(url))
            times.append((time.monotonic() - start) * 1000)
    return statistics.median(times), size


def being_read(bench, options):
    rows = []
    for name in options.ways(READ):
        rows.append(compare(bench, name, options))
        options.progress(rows[-1])
    return rows


def measure(bench, options):
    rows = []
    for count in COUNTS:
        with segments(count) as directory:
            bytes_ = sum(file.stat().st_blocks * 512
                         for file in directory.iterdir())
            text, memory = report(directory)
            everything, _ = report(directory, '-s', '--by',
                                   'share,user,client,request,op')
            json_, _ = report(directory, '--json')
            scraped, size = scrape(directory)
            fine, fine_size = scrape(directory, '--resolution=8')
            frame = top(directory)
        with segments(count, count // ACTIVE) as directory:
            between, between_memory = interval(directory)
        rows.append({'tree connects': count,
                     'KiB each': bytes_ / 1024 / count,
                     'report ms': text, 'by all ms': everything,
                     'JSON ms': json_, 'exporter ms': scraped,
                     'exporter KiB': size / 1024,
                     'at 8 buckets ms': fine,
                     'at 8 buckets KiB': fine_size / 1024,
                     'reader MiB': memory,
                     'top CPU ms': frame,
                     'interval CPU ms': between,
                     'interval MiB': between_memory})
        options.progress(rows[-1])
    return {'reader': rows, 'being read': being_read(bench, options)}
