# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of 50,000 files, listed: CPU time of smbd.

As the small-file copy (see compare.py): sessions of two fresh smbds side by
side, one of each way, whose clients list a directory in turns. The directories
are on a tmpfs, made once, and moved into the share of each smbd.
"""

import contextlib
import statistics

from compare import estimate, one_cpu_free, settle
from smbd import Problem, cpu_ns
from ways import WAYS

FILES = 50000
TURNS = 4
WANTED = ['none', 'pass-through', 'two stamps', 'latency old', 'latency',
          'latency x2', 'time_audit']


def directory(bench, number):
    """A directory with so many files, made when it is first asked for."""
    path = bench.directory / ('many%d' % number)
    if not path.exists():
        path.mkdir()
        for file in range(FILES):
            (path / ('file%05d' % file)).touch()
    return path


def one_listing(client):
    """CPU time in ns an entry."""
    before = cpu_ns(client.pid)
    listed = client.do('ls many/*').count('file')
    took = cpu_ns(client.pid) - before
    if listed != FILES:
        raise Problem('%d of %d files were listed' % (listed, FILES))
    return took / FILES


def session(bench, ways):
    """CPU time in ns an entry, for each of the two ways."""
    took = [[], []]
    with contextlib.ExitStack() as stack:
        cpu, _ = stack.enter_context(one_cpu_free())
        clients = []
        for number, way in enumerate(ways):
            smbd = stack.enter_context(bench.smbd(way))
            there = smbd.share / 'many'
            here = directory(bench, number).rename(there)
            stack.callback(here.rename, bench.directory / ('many%d' % number))
            client = smbd.connect()
            stack.callback(client.close)
            settle(client, cpu)
            one_listing(client)
            clients.append(client)
        for turn in range(TURNS):
            for i in (0, 1) if turn % 2 else (1, 0):
                took[i].append(one_listing(clients[i]))
    return [statistics.mean(way) for way in took]


def measure(bench, options):
    rows = []
    for name in options.ways(WANTED):
        ways = WAYS['none'], WAYS[name]
        took = [session(bench, ways) if number % 2 else
                session(bench, ways[::-1])[::-1]
                for number in range(options.sessions)]
        percent, interval = estimate([100 * (b / a - 1) for a, b in took])
        without = statistics.median(a for a, _ in took) / 1000
        rows.append({'way': name, 'CPU us/entry without': without,
                     'added us': without * percent / 100,
                     'added %': '%+.2f' % percent,
                     '95 %': interval and '%+.2f..%+.2f' % interval})
        options.progress(rows[-1])
    return {'listing of %d files' % FILES: rows}
