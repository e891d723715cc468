# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes that nobody listens to: what it costs that they are there.

A single one: its test in a loop, less the empty loop; the fastest of many
rounds. All of them: the instructions of the small-file copy, with the module
and with the same module built as without <sys/sdt.h>. What listeners cost is
in part copy.
"""

import re

from part_instructions import per_file
from part_ops import time_loop
from ways import WAYS


def instructions(bench, kind):
    """Instructions of one turn of the loop."""
    found = []
    for loops in 1000, 11000:
        out = bench.directory / 'time_loop.callgrind'
        time_loop(kind, loops, 1, wrapper=[
            'valgrind', '--tool=callgrind', '-q',
            '--callgrind-out-file=%s' % out])
        found.append(int(re.search(r'^(?:summary|totals): (\d+)',
                                   out.read_text(), re.M).group(1)))
    return (found[1] - found[0]) / 10000


def measure(bench, options):
    single = []
    for kind in 'nothing', 'probe':
        single.append({'a loop around': kind,
                       'ns': float(time_loop(kind)),
                       'instructions': instructions(bench, kind)})
    single.append({'a loop around': 'difference: a disabled probe', **{
        what: single[1][what] - single[0][what]
        for what in ('ns', 'instructions')}})
    options.progress(single[-1])

    found = {name: per_file(bench, WAYS[name], options.keep)
             for name in ('latency without probes', 'latency')}
    rows = [{'way': name, 'smbd': places['all'],
             'of it in latency.so': places['latency.so']}
            for name, places in found.items()]
    rows.append({'way': 'difference: all disabled probes', **{
        what: rows[1][what] - rows[0][what]
        for what in ('smbd', 'of it in latency.so')}})
    options.progress(rows[-1])
    return {'a disabled probe': single,
            'all disabled probes: instructions a file of the copy': rows}
