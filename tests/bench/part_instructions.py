# SPDX-License-Identifier: GPL-3.0-or-later
"""Instructions: what smbd executes for a file of the small-file copy.

callgrind counts the user-space instructions of the client's smbd, at few and
at many files; the slope between the two cancels all that happens once. The
median of several such pairs repeats within about 0.1 %, however busy the
machine is; what is within the module itself repeats to a few instructions.

valgrind offers no vDSO: clock_gettime() is a system call there, which counts
for nothing. What calls it (time_audit, twice an operation) executes more
instructions than callgrind sees: what clock_steps counts in the vDSO, for each
call. rdtsc is one instruction, in valgrind as elsewhere.

How often the module asks the kernel how long it waited for a CPU goes by the
clock, not by files, and only while CPUs are busy. A file takes tens of times as
long in valgrind, so that there is much more of this to a file than elsewhere:
the column "of it schedstat" tells it apart.
"""

import statistics

from callgrind import CLOCK, SCHEDSTAT, copy, split
from smbd import BUILD, run
from ways import WAYS

WANTED = ['none', 'pass-through', 'two stamps', 'latency old', 'latency',
          'latency off', 'latency exempt', 'latency x2', 'latency x4',
          'time_audit', 'full_audit', 'profiling']
FEW, MANY = 300, 1500
RUNS = 3


def per_file(bench, way, keep):
    """Instructions a file by place, see callgrind.split()."""
    slopes = []
    for _ in range(RUNS):
        few, many = (split(copy(bench, way, files, keep))
                     for files in (FEW, MANY))
        slopes.append({place: (many[place] - few[place]) / (MANY - FEW)
                       for place in many})
    return {place: statistics.median(slope.get(place, 0) for slope in slopes)
            for place in slopes[0]}


def by_place(found, base):
    """A table of what the module adds: places down, ways across."""
    ways = [name for name in found if 'latency.so' in found[name]]
    for name in ways:
        places = found[name]
        places['rest of smbd, against none'] = (
            places['all'] - base - places['latency.so'] -
            sum(places[place] for place in places if 'calls to' in place))
    places = {place: None for name in ways for place in found[name]
              if place not in ('all', CLOCK, SCHEDSTAT)}
    rows = [{'where': place, **{name: round(found[name].get(place, 0))
                                for name in ways}} for place in places]
    rows = [row for row in rows if any(row[name] for name in ways)]
    return sorted(rows, key=lambda row: -row[ways[0]])


def clock_steps():
    """Instructions of a clock_gettime() in the vDSO; 0: not known."""
    result = run(BUILD / 'tests' / 'clock_steps', check=False)
    return float(result.stdout) if result.returncode == 0 else 0


def measure(bench, options):
    rows, found = [], {}
    steps = clock_steps()
    for name in options.ways(WANTED):
        found[name] = per_file(bench, WAYS[name], options.keep)
        base = found['none']
        added = found[name]['all'] - base['all']
        row = {'way': name, 'per file': found[name]['all'], 'added': added,
               'added %': 100 * added / base['all'],
               'of it schedstat': found[name].get(SCHEDSTAT, 0)}
        if steps:
            row['with vDSO'] = added + steps * (
                found[name].get(CLOCK, 0) - base.get(CLOCK, 0))
        rows.append(row)
        options.progress(row)
    audit = [row for row in rows if row['way'] == 'time_audit']
    for row in rows:
        for column in 'added', 'with vDSO':
            if column in row:
                row[column + ', % of time_audit'] = (
                    100 * row[column] / audit[0][column] if audit else None)
    return {'instructions': rows,
            'instructions a file, by source file of the module':
            by_place(found, found['none']['all'])}
