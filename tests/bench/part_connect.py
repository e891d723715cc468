# SPDX-License-Identifier: GPL-3.0-or-later
"""Tree connect: the time that smbd's connect and disconnect gain.

The topmost module times the call of the layers below, within smbd. The first
tree connect of a process makes the segment; later ones only a slot in it. At
most every 10 s one of them also folds segments of processes that have ended;
hence the mean beside the median. The segments are all in one directory, on a
tmpfs (option -d) as the lock directory of a server is.
"""

import statistics
import tempfile
from pathlib import Path

from ways import Way

PROCESSES = 30
TREES = 60
MANY = 5000          # at once in one process
KINDS = ['none', 'pass-through', 'latency', 'time_audit']
MODULES = {'none': '', 'pass-through': 'pass_through', 'latency': 'latency',
           'time_audit': 'time_audit'}


def times(path):
    found = {'connect': [], 'disconnect': []}
    for line in path.read_text().splitlines():
        _, what, wall, _ = line.split()
        found[what].append(float(wall) / 1000)
    path.unlink()
    return found


def measure(bench, options):
    rows, base = [], None
    segments = Path(tempfile.mkdtemp(dir=bench.directory))
    for kind in options.ways(KINDS):
        results = bench.directory / 'connects'
        way = Way(kind, share=['bench:result = %s' % results],
                  globals_=['latency:directory = %s' % segments])
        with bench.smbd(way, objects='bench_loop:top ' + MODULES[kind]
                        ) as smbd:
            for _ in range(PROCESSES):
                smbd.connect().close()
            first = times(results)
            client = smbd.connect()
            client.do(*['tcon share'] * TREES)
            client.do(*['tcon share', 'tdis'] * TREES)
            client.close()
            later = times(results)
            client = smbd.connect()
            client.do(*['tcon share'] * MANY)
            client.close()
            last = times(results)['connect'][-200:]
        row = {'way': kind,
               'first us': statistics.median(first['connect']),
               'first mean us': statistics.mean(first['connect']),
               'later us': statistics.median(later['connect'][1:]),
               'of %d us' % MANY: statistics.median(last),
               'disconnect us': statistics.median(later['disconnect'])}
        base = base or row
        for column in 'first us', 'later us', 'disconnect us':
            row['added ' + column] = row[column] - base[column]
        rows.append(row)
        options.progress(row)
    return {'connect': rows}
