# SPDX-License-Identifier: GPL-3.0-or-later
"""The small-file copy: CPU time of the client's smbd, and wall time.

Files of 10 KB, 100 in a directory. Each way takes turns with no module at all
(there and back again); what counts is the median of the ratios of neighbours.
The CPU time is the process's own clock, to the nanosecond, all threads
included, without what smbd does before and after the copy.
"""

import statistics
import time

from smbd import WAYS, cpu_ns

WANTED = ['none', 'pass-through', 'latency', 'latency off', 'latency exempt',
          'latency probed', 'latency x2', 'latency x4', 'time_audit',
          'full_audit', 'profiling', 'strace -cf']


def one_copy(bench, way, files):
    with bench.smbd(way) as smbd:
        client = smbd.connect()
        tree = bench.tree(files)
        client.do(*tree[:-1])
        wall = time.monotonic()
        cpu = cpu_ns(client.pid)
        client.do(tree[-1])
        cpu = cpu_ns(client.pid) - cpu
        wall = time.monotonic() - wall
        client.close()
        return cpu / files, wall * 1e9 / files


def quartiles(values):
    q = statistics.quantiles(values, n=4)
    return q[0], q[2]


def measure(bench, options):
    rows = []
    for name in options.ways(WANTED):
        pairs = []
        for pair in range(options.pairs):
            order = [WAYS['none'], WAYS[name]]
            if pair % 2:
                order.reverse()
            took = {id(way): one_copy(bench, way, options.files)
                    for way in order} if name != 'none' else {}
            if took:
                pairs.append((took[id(order[0 if pair % 2 == 0 else 1])],
                              took[id(order[1 if pair % 2 == 0 else 0])]))
        if not pairs:
            continue
        row = {'way': name}
        for i, what in enumerate(['CPU', 'wall']):
            ratios = [100 * (with_[i] / without[i] - 1)
                      for without, with_ in pairs]
            low, high = quartiles(ratios)
            row['us without'] = row.get('us without')
            row['%s us/file without' % what] = statistics.median(
                without[i] for without, _ in pairs) / 1000
            row['%s +%%' % what] = statistics.median(ratios)
            row['%s quartiles' % what] = '%+.1f..%+.1f' % (low, high)
        del row['us without']
        rows.append(row)
        options.progress(row)
    return {'copy': rows}
