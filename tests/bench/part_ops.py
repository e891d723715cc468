# SPDX-License-Identifier: GPL-3.0-or-later
"""Cost of one VFS operation: nanoseconds that a layer adds to a call.

tests/modules/bench_loop.c calls smbd's own smb_vfs_call_*() in a loop through
0, 1, 2 and 4 instances of a module; the slope over their number is the cost
of one. The calls are answered below these instances without a system call.
Each figure is the fastest of many rounds, and the median of several runs that
alternate between the ways (there and back again). A second table says what a
time stamp takes on this machine.
"""

import statistics
import time

from smbd import BUILD, run
from ways import WAYS, Way

OPS = ['fstat', 'readdir', 'openat', 'translate_name', 'pread']
COUNTS = [0, 1, 2, 4]
RUNS = 4

WANTED = ['pass-through', 'two stamps', 'latency old', 'latency',
          'latency off', 'latency exempt', 'latency no TSC', 'time_audit',
          'full_audit']


def slope(points):
    """Least squares over (number of instances, ns)."""
    x = statistics.mean(n for n, _ in points)
    y = statistics.mean(ns for _, ns in points)
    return (sum((n - x) * (ns - y) for n, ns in points) /
            sum((n - x) ** 2 for n, _ in points))


def one_run(bench, kind, count, ops):
    """Nanoseconds a call, by op, through so many instances."""
    way = WAYS[kind]
    lines = (['latency:exempt = ' + ' '.join(OPS)] if kind == 'latency exempt'
             else way.share)
    layers = ' '.join('%s:l%d' % (way.objects, n) for n in range(count))
    results = bench.directory / 'ops'
    results.unlink(missing_ok=True)
    way = Way(kind, share=lines + ['bench:result = %s' % results,
                                   'bench:loops = 2000',
                                   'bench:rounds = 31'], off=way.off,
              no_tsc=way.no_tsc)
    with bench.smbd(way, objects='bench_loop:top %s bench_loop:bottom'
                    % layers) as smbd:
        for op in ops:
            (smbd.share / ('loop-' + op)).write_text('x')
        client = smbd.connect()
        for _ in range(4):
            # Until then time stamps are of clock_gettime(): latency_clock.h.
            time.sleep(0.05)
            client.do('ls')
        client.do(*('get loop-%s /dev/null' % op for op in ops))
        client.close()
    found = {}
    for line in results.read_text().splitlines():
        _, what, first, _ = line.split()
        if what.startswith('loop-'):
            found[what[5:]] = float(first)
    return found


def time_loop(what, loops=100000, rounds=200, wrapper=()):
    """What the program prints: ns of one turn of a loop around this."""
    return run(*wrapper, BUILD / 'tests' / 'time_loop', what, loops,
               rounds).stdout


def time_stamps():
    loop = float(time_loop('nothing'))
    return [{'time stamp': what, 'ns': float(time_loop(what)) - loop}
            for what in ('rdtsc', 'clock_gettime')]


def measure(bench, options):
    kinds = options.ways(WANTED)
    plan = [('latency' if count == 0 else kind, count)
            for kind in kinds for count in COUNTS if count or kind == kinds[0]]
    seen = {}
    for number in range(RUNS):
        for kind, count in plan if number % 2 == 0 else reversed(plan):
            for op, ns in one_run(bench, kind, count, OPS).items():
                seen.setdefault((kind if count else None, count, op),
                                []).append(ns)
    rows = []
    for kind in kinds:
        row = {'way': kind}
        for op in OPS:
            row[op] = slope([
                (count, statistics.median(seen[kind if count else None,
                                               count, op]))
                for count in COUNTS])
        rows.append(row)
        options.progress(row)
    return {'ops: ns that one layer adds to a call': rows,
            'time stamps': time_stamps()}
