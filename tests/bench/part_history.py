# SPDX-License-Identifier: GPL-3.0-or-later
"""The history: bytes of a client's interval, and the time of reports on a day and
on a year.

make_history records eighty minutes of 100 clients on 10 shares that copy small
files without pause, 50 to 150 in 10 s, 39 things counted: no interval is as another.
Those of an hour ago are thin: the busiest clients are told apart. What came of five minutes is repeated: a day by five minutes, a month by hours, a
year by days and by four weeks. So intervals are as many as where all of them
always copy; those of hours and more are a little larger than these. Hot files are
written as the recorder does, other ones in each step.
"""

import os
import random
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

from smbd import BUILD, READER, Problem

CLIENTS = 100
SHARES = 10
INTERVALS = 480         # of 10 s
THIN_AFTER = 3600       # s
S = 10 ** 9
DAY = 86400
# Level, seconds of an interval, for how many seconds.
LEVELS = [(1, 300, DAY), (2, 3600, 30 * DAY), (3, DAY, 365 * DAY),
          (4, 28 * DAY, 365 * DAY)]


def record(database):
    """Records; how many ms of processor time an interval took."""
    program = BUILD / 'tests' / 'make_history'
    if not program.exists():
        raise Problem("%s is missing: run 'make build-tests'" % program)
    return float(subprocess.run(
        [program, database, str(CLIENTS), str(SHARES), str(INTERVALS)],
        check=True, stdout=subprocess.PIPE).stdout)


def size(sql, level, thin=0):
    """Bytes on disk of an interval: pages of the tables that grow with them."""
    share, = sql.execute(
        'SELECT 1.0 * (SELECT sum(length(nodes)) FROM counts JOIN interval ON '
        'interval.id = counts.id >> 16 WHERE level = ? AND thin = ?) / (SELECT '
        'sum(length(nodes)) FROM counts)', (level, thin)).fetchone()
    pages, = sql.execute("SELECT sum(pgsize) FROM dbstat WHERE name = 'counts'"
                         ).fetchone()
    count, = sql.execute('SELECT count(*) FROM interval WHERE level = ? AND '
                         'thin = ?', (level, thin)).fetchone()
    return pages * share / count


def repeat(sql, end):
    """Many of the latest interval of five minutes, up to a time."""
    rows = sql.execute(
        'SELECT id & 0xffff, nodes FROM counts WHERE id >> 16 = (SELECT '
        'max(id) FROM interval WHERE level = 1)').fetchall()
    sql.execute('DELETE FROM counts')
    sql.execute('DELETE FROM interval')
    number, parents = 0, {}
    for level, step, span in reversed(LEVELS):
        own = {}
        above = dict((n, s) for n, s, _ in LEVELS).get(level + 1, step)
        for begin in range((end - span + step - 1) // step * step,
                           end - step + 1, step):
            number += 1
            own[begin] = number
            sql.execute(
                'INSERT INTO interval (id, level, parent, begin_ns, end_ns, '
                'running_ns, vfs_ns) VALUES (?, ?, ?, ?, ?, ?, ?)',
                (number, level, parents.get(begin // above * above, 0),
                 begin * S, (begin + step) * S, step * S, step * S))
            sql.executemany('INSERT INTO counts (id, nodes) VALUES (?, ?)',
                            [(number << 16 | row, nodes)
                             for row, nodes in rows])
        parents = own


def files(sql, end):
    """A day of hot files, all others in each step: bytes of it."""
    chance = random.Random(1)
    keys = [key for key, in sql.execute('SELECT id FROM key')]

    def sums(count, zero):
        return [0 if zero else chance.randrange(10 ** n)
                for _ in range(count) for n in (9, 3, 1, 7, 7)]

    for step in range(DAY // 300):
        begin = end - DAY + step * 300
        sql.execute('INSERT INTO file_step VALUES (?, ?, ?)',
                    (step, begin * S, (begin + 300) * S))
        # 100 of the most time, and one of each key.
        for key in keys + chance.choices(keys, k=100):
            path = 'projects/customer%03d/2026/document%07d.docx' % (
                chance.randrange(1000), chance.randrange(10 ** 7))
            row = [step, key, path, 0, 0, *sums(1, False), *sums(1, True)]
            sql.execute('INSERT OR IGNORE INTO file VALUES (%s)' % ', '.join(
                '?' * len(row)), row)
        for key in keys:
            row = [step, key, *sums(3, False)]
            sql.execute('INSERT INTO file_rest VALUES (%s)' % ', '.join(
                '?' * len(row)), row)
    size_, = sql.execute("SELECT sum(pgsize) FROM dbstat WHERE name IN "
                         "('file', 'file_rest', 'file_step', "
                         "'file_step_end')").fetchone()
    return size_


def stamp(seconds):
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(seconds))


def report(database, begin, end, *words):
    """Its processor time in ms: the disk and other programs are not meant."""
    command = [READER, *words, '--database', database, '--from', stamp(begin),
               '--to', stamp(end)]
    times = []
    for _ in range(3):
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise Problem('%s failed' % command)
        times.append(1000 * (usage.ru_utime + usage.ru_stime))
    return min(times)


def measure(_, options):
    shm = '/dev/shm' if os.path.isdir('/dev/shm') else None
    with tempfile.TemporaryDirectory(dir=shm) as directory:
        database = Path(directory) / 'history.db'
        row = {'recording CPU ms': record(database)}
        with sqlite3.connect(database) as sql:
            row['bytes each'] = size(sql, 0) / CLIENTS
            row['bytes when thin'] = size(sql, 0, 1)
            row['MB a day at 10 s'] = (
                THIN_AFTER * size(sql, 0) +
                (DAY - THIN_AFTER) * size(sql, 0, 1)) / 10 / 1e6
            row['MB a day at 5 min'] = size(sql, 1) * DAY / 300 / 1e6
            end = int(time.time()) // DAY * DAY
            repeat(sql, end)
            row['files MB a day'] = files(sql, end) / 1e6
        # A time that begins and ends within hours, and within days.
        row.update({
            'a day CPU ms': report(database, end - DAY, end),
            'by all CPU ms': report(database, end - DAY, end, '--by',
                                    'share,user,client,request,op'),
            'odd hours CPU ms': report(database, end - DAY + 400, end - 390),
            'a year CPU ms': report(database, end - 364 * DAY - 5000, end - 300),
            'files of a day CPU ms': report(database, end - DAY, end, 'files'),
            'files of an hour CPU ms': report(database, end - 7200, end - 3600,
                                              'files'),
        })
        options.progress(row)
        return {'history': [row]}
