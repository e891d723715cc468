# SPDX-License-Identifier: GPL-3.0-or-later
"""The small-file copy: CPU time of the client's smbd, and wall time.

Two smbds run side by side, one without the module. A client of each copies
100 files of 10 KB into a new directory, in turns and there and back again, so
that what the machine does besides hits both. What counts is the median of the
ratios of neighbours. The CPU time is the process's own clock, to the
nanosecond, user and system, all threads included.
"""

import statistics
import time

from smbd import WAYS, cpu_ns

WANTED = ['none', 'pass-through', 'latency', 'latency off', 'latency exempt',
          'latency probed', 'latency x2', 'latency x4', 'time_audit',
          'full_audit', 'profiling', 'strace -cf']


FILES = 100


def one_copy(client, commands, number):
    """CPU and wall time in ns a file."""
    client.do('cd /', 'mkdir round%d' % number, 'cd round%d' % number)
    wall = time.monotonic()
    cpu = cpu_ns(client.pid)
    client.do(commands[-1])
    cpu = cpu_ns(client.pid) - cpu
    wall = time.monotonic() - wall
    return cpu / FILES, wall * 1e9 / FILES


def compare(bench, way, pairs):
    """Pairs of (without, with)."""
    commands = bench.tree(FILES)
    with bench.smbd(WAYS['none']) as plain, bench.smbd(way) as measured:
        clients = plain.connect(), measured.connect()
        for client in clients:
            client.do(*commands[:-1])
            one_copy(client, commands, 0)
        found = []
        for number in range(1, pairs + 1):
            order = (0, 1) if number % 2 else (1, 0)
            took = {i: one_copy(clients[i], commands, number) for i in order}
            found.append((took[0], took[1]))
        for client in clients:
            client.close()
    return found


def quartiles(values):
    q = statistics.quantiles(values, n=4)
    return q[0], q[2]


def measure(bench, options):
    rows = []
    for name in options.ways(WANTED):
        if name == 'none':
            continue
        pairs = compare(bench, WAYS[name], options.pairs)
        row = {'way': name}
        for i, what in enumerate(['CPU', 'wall']):
            ratios = [100 * (with_[i] / without[i] - 1)
                      for without, with_ in pairs]
            low, high = quartiles(ratios)
            row['%s us/file without' % what] = statistics.median(
                without[i] for without, _ in pairs) / 1000
            row['%s +%%' % what] = statistics.median(ratios)
            row['%s quartiles' % what] = '%+.1f..%+.1f' % (low, high)
        rows.append(row)
        options.progress(row)
    return {'copy': rows}
