# SPDX-License-Identifier: GPL-3.0-or-later
"""A large file, to and fro: CPU time and minor faults of smbd.

As the small-file copy (see compare.py): sessions of two fresh smbds side by
side, one of each way, in turns. A client of each gets a file of 200 MB from a
tmpfs and puts one there, several times. smbd takes a buffer of up to 8 MB from
its heap for each read and write; whether these pages are given back and faulted
in again depends on what small object chance, or a module, has put above them.
So minor faults are counted, too: they say why CPU time differs, and vary a lot
from one process to the next.
"""

import contextlib
import os
import statistics
from pathlib import Path

from compare import estimate, one_cpu_free, settle
from smbd import cpu_ns
from ways import WAYS

SIZE = 200 << 20
TURNS = 3
COMMANDS = {'get': 'get large /dev/null', 'put': 'put {file} copy'}
WANTED = ['none', 'pass-through', 'latency old', 'latency', 'time_audit']


def minor_faults(pid):
    stat = Path('/proc/%d/stat' % pid).read_text()
    return int(stat.rsplit(')', 1)[1].split()[7])


def large_file(bench):
    path = bench.directory / 'large'
    if not path.exists():
        data = os.urandom(1 << 20)
        with open(path, 'wb') as file:
            for _ in range(SIZE >> 20):
                file.write(data)
    return path


def session(bench, ways):
    """For each of the two ways: {command: (CPU ms, minor faults) a time}."""
    file = large_file(bench)
    took = [{name: [] for name in COMMANDS} for _ in ways]
    with contextlib.ExitStack() as stack:
        cpu, _ = stack.enter_context(one_cpu_free())
        clients = []
        for way in ways:
            smbd = stack.enter_context(bench.smbd(way))
            os.link(file, smbd.share / 'large')
            client = smbd.connect()
            stack.callback(client.close)
            settle(client, cpu)
            clients.append(client)
        for name, command in COMMANDS.items():
            for turn in range(TURNS):
                for i in (0, 1) if turn % 2 else (1, 0):
                    pid = clients[i].pid
                    before = cpu_ns(pid), minor_faults(pid)
                    clients[i].do(command.format(file=file))
                    took[i][name].append(((cpu_ns(pid) - before[0]) / 1e6,
                                          minor_faults(pid) - before[1]))
    return [{name: tuple(map(statistics.mean, zip(*times)))
             for name, times in way.items()} for way in took]


def compare(bench, name, sessions):
    """Rows of the table: this way against none, get and put."""
    ways = WAYS['none'], WAYS[name]
    took = [session(bench, ways) if number % 2 else
            session(bench, ways[::-1])[::-1] for number in range(sessions)]
    for command in COMMANDS:
        pairs = [(a[command], b[command]) for a, b in took]
        percent, interval = estimate([100 * (b[0] / a[0] - 1)
                                      for a, b in pairs])
        yield {'way': name, 'what': command,
               'CPU ms without': statistics.median(a[0] for a, _ in pairs),
               'added %': '%+.1f' % percent,
               '95 %': interval and '%+.1f..%+.1f' % interval,
               'faults without': statistics.mean(a[1] for a, _ in pairs),
               'with': statistics.mean(b[1] for _, b in pairs)}


def measure(bench, options):
    rows = []
    for name in options.ways(WANTED):
        for row in compare(bench, name, options.sessions):
            rows.append(row)
            options.progress(row)
    return {'large file, of 200 MB': rows}
