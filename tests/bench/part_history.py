# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: bytes of a client's interval, and the time of reports on a day and
on a year.

make_segments simulates 100 clients, each after a copy of 100 small files, 39
things counted: that is recorded as one interval, and repeated: ten minutes as
recorded, a day by five minutes, a month by hours, a year by days. So intervals
have the size, and are as many, as where all of them always copy; what is further
back than ten minutes as recorded no report looks at.
"""

import os
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from part_reader import once, segments
from smbd import READER, Problem

CLIENTS = 100
S = 10 ** 9
DAY = 86400
# Level, seconds of an interval, for how many seconds.
LEVELS = [(0, 10, 600), (1, 300, DAY), (2, 3600, 30 * DAY),
          (3, DAY, 365 * DAY)]


def record(directory, database, count):
    subprocess.run([READER, '--segments', directory, 'record', '-i', '0.1',
                    '-c', str(count), '--database', database], check=True,
                   stdout=subprocess.DEVNULL)


def one_interval(directory):
    """A history with one interval in which all clients counted."""
    database = directory / 'history.db'
    empty = directory / 'empty'
    empty.mkdir(mode=0o700)
    record(empty, database, 1)
    with segments(CLIENTS) as full:
        start = time.monotonic()
        record(full, database, 1)
        return database, time.monotonic() - start


def repeat(database):
    """Many of it; when they end, in seconds since 1970."""
    with sqlite3.connect(database) as sql:
        interval, = sql.execute('SELECT max(id >> 24) FROM counts').fetchone()
        rows = sql.execute('SELECT id & 0xffffff, nodes FROM counts WHERE '
                           'id >> 24 = ?', (interval,)).fetchall()
        if len(rows) != CLIENTS:
            raise Problem('%d clients are recorded' % len(rows))
        sql.execute('DELETE FROM counts')
        sql.execute('DELETE FROM interval')
        end = int(time.time()) // DAY * DAY
        number, parents = 0, {}
        for level, step, span in reversed(LEVELS):
            own = {}
            for begin in range(end - span, end, step):
                number += 1
                own[begin] = number
                above = [parents[at] for at in
                         (begin // LEVELS[level + 1][1] * LEVELS[level + 1][1],)
                         if at in parents] if parents else []
                sql.execute(
                    'INSERT INTO interval (id, level, parent, begin_ns, '
                    'end_ns, running_ns, vfs_ns) VALUES (?, ?, ?, ?, ?, ?, ?)',
                    (number, level, above[0] if above else 0, begin * S,
                     (begin + step) * S, step * S, step * S))
                sql.executemany(
                    'INSERT INTO counts (id, nodes) VALUES (?, ?)',
                    [(number << 24 | key, nodes) for key, nodes in rows])
            parents = own
    return end, sum(len(nodes) for _, nodes in rows) / len(rows)


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


def report(database, begin, end, *options):
    """Its time in ms: the best of three, since the disk is not what is meant."""
    return min(once([READER, '--database', database, '--from', stamp(begin),
                     '--to', stamp(end), *options])[0] for _ in range(3))


def measure(_, options):
    shm = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(dir=shm) as directory:
        database, first = one_interval(Path(directory))
        end, size = repeat(database)
        # A time that begins and ends within hours, and within days.
        row = {
            'bytes each': size,
            'MB a day at 10 s': size * CLIENTS * (DAY / 10) / 1e6,
            'recording ms': first * 1000,
            'a day ms': report(database, end - DAY, end),
            'a day by all ms': report(database, end - DAY, end, '--by',
                                      'share,user,client,request,op'),
            'odd hours ms': report(database, end - DAY + 400, end - 390),
            'a year ms': report(database, end - 364 * DAY - 5000, end - 300),
        }
        options.progress(row)
        return {'history': [row]}
