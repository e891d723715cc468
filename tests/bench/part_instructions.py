# SPDX-License-Identifier: GPL-3.0-or-later
"""Instructions: what smbd executes for a file of the small-file copy.

callgrind counts the user-space instructions of the client's smbd, at 300 and
at 600 files; the slope between the two cancels all that happens once. It
repeats within a few hundredths of a percent, however busy the machine is.

valgrind offers no vDSO: clock_gettime() is a system call there, which counts
for nothing; so what calls it (time_audit, twice an operation) is undercounted
by some 40 instructions a call. rdtsc is one instruction.
"""

import re

from smbd import WAYS, Problem, wait_until

WANTED = ['none', 'pass-through', 'latency', 'latency off', 'latency exempt',
          'latency x2', 'latency x4', 'time_audit', 'full_audit', 'profiling']
FEW, MANY = 300, 600


def instructions(bench, way, files, keep=None):
    """Instructions of the client's smbd, from fork to end."""
    wrapper = ('valgrind --tool=callgrind --trace-children=yes -q '
               '--callgrind-out-file={directory}/callgrind.%p')
    with bench.smbd(way, wrapper=wrapper) as smbd:
        client = smbd.connect()
        client.do(*bench.tree(files))
        client.close()
        if len(list(smbd.share.glob('tree/*/*'))) != files:
            raise Problem('the copy is not complete')

        # The client's smbd is the one that ends with it.
        pid = wait_until(lambda: client.born - smbd.pids(), 60, 'smbd').pop()
        out = smbd.directory / ('callgrind.%d' % pid)
        total = wait_until(
            lambda: out.exists() and
            re.search(r'^(?:summary|totals): (\d+)', out.read_text(), re.M),
            60, 'callgrind')
        if keep:
            keep.mkdir(exist_ok=True)
            (keep / ('%s-%d.callgrind' % (way.name.replace(' ', '-'), files))
             ).write_bytes(out.read_bytes())
        return int(total.group(1))


def measure(bench, options):
    rows = []
    for name in options.ways(WANTED):
        few, many = (instructions(bench, WAYS[name], files, options.keep)
                     for files in (FEW, MANY))
        rows.append({'way': name, 'per file': (many - few) / (MANY - FEW)})
        base = rows[0]['per file']
        rows[-1]['added'] = rows[-1]['per file'] - base
        rows[-1]['added %'] = 100 * rows[-1]['added'] / base
        options.progress(rows[-1])
    audit = [row['added'] for row in rows if row['way'] == 'time_audit']
    for row in rows:
        row['of time_audit %'] = (100 * row['added'] / audit[0] if audit
                                  else None)
    return {'instructions': rows}
