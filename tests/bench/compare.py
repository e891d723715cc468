# SPDX-License-Identifier: GPL-3.0-or-later
"""The small-file copy in two ways, by turns: CPU time and wall time.

A session: two fresh smbds side by side, one of each way. A client of each
copies 100 files of 10 KB into a new directory, in turns, there and back
again, so that what the machine does besides hits both. Its result is the ratio
of what the two took, over all copies: what only happens now and then counts
too.

Two processes of the very same program differ by about 1 % in CPU time, as
long as they live: it depends on where in memory chance has put what. So there
are many sessions; each has new processes, and counts once. The estimate is
the Hodges-Lehmann one (the median of the means of any two sessions), with
the 95 % interval of Wilcoxon's signed ranks; both assume no distribution but
that it is symmetric. The way none against none shows the error that is left.

A client and its smbd share one CPU, and everything else has the others: that
is the same for both and for every copy, while the scheduler's choice, together
or apart, changes the CPU time of a copy by half. Only what watches may run
anywhere. The shares lie on a tmpfs (option -d), whose cost does not change
from copy to copy as that of a file system on disk does; since it is less, the
percentages are larger than there.

CPU time is what the process's own clock says, in ns: user and system, all
threads. What interrupts take is in it, what the hypervisor takes is not, if it
says so. Where nothing disturbs a loop, it agrees with the wall clock to 0.1 %.
"""

import contextlib
import math
import os
import statistics
import time

from smbd import Problem, cpu_ns
from tracer import Tracer
from ways import WAYS

FILES = 100


@contextlib.contextmanager
def one_cpu_free():
    """Leave a CPU to smbd and its client: yields it, and all there are."""
    cpus = os.sched_getaffinity(0)
    cpu = max(cpus)
    os.sched_setaffinity(0, cpus - {cpu} or cpus)
    try:
        yield cpu, cpus
    finally:
        os.sched_setaffinity(0, cpus)


def settle(client, cpu):
    """Put a client and its smbd on this CPU."""
    os.sched_setaffinity(client.process.pid, {cpu})
    for thread in os.listdir('/proc/%d/task' % client.pid):
        # Threads to come inherit it.
        os.sched_setaffinity(int(thread), {cpu})


def one_copy(client, command, number):
    """CPU and wall time in ns a file."""
    client.do('cd /', 'mkdir round%d' % number, 'cd round%d' % number)
    wall = time.monotonic_ns()
    cpu = cpu_ns(client.pid)
    client.do(command)
    cpu = cpu_ns(client.pid) - cpu
    wall = time.monotonic_ns() - wall
    return cpu / FILES, wall / FILES


def session(bench, ways, pairs):
    """(CPU, wall) in ns a file, for each of the two ways."""
    *before, copy = bench.tree(FILES)
    with contextlib.ExitStack() as stack:
        cpu, cpus = stack.enter_context(one_cpu_free())
        clients = []
        for way in ways:
            smbd = stack.enter_context(bench.smbd(way))
            client = smbd.connect()
            stack.callback(client.close)
            settle(client, cpu)
            if way.tracer:
                stack.callback(Tracer(client, cpus).stop)
            client.do(*before)
            one_copy(client, copy, 0)
            clients.append(client)
        took = [[], []]
        for number in range(1, pairs + 1):
            for i in (0, 1) if number % 2 else (1, 0):
                took[i].append(one_copy(clients[i], copy, number))
        for client in clients:
            if len(list(client.smbd.share.glob('round*/tree/*/*'))) != \
                    FILES * (pairs + 1):
                raise Problem('the copy is not complete')
    return [tuple(map(statistics.mean, zip(*way))) for way in took]


def estimate(values):
    """Hodges and Lehmann's estimate; low and high end of the interval, or
    None where there are too few values."""
    n = len(values)
    means = sorted((a + b) / 2 for i, a in enumerate(values)
                   for b in values[i:])
    outside = math.floor(n * (n + 1) / 4 - 0.5 -
                         1.96 * math.sqrt(n * (n + 1) * (2 * n + 1) / 24))
    interval = (means[outside], means[-1 - outside]) if n > 5 else None
    return statistics.median(means), interval


def compare(bench, name, options):
    """A row of the table: this way against the one it is compared with."""
    way = WAYS[name]
    ways = WAYS[way.against], way
    row = {'way': name, 'against': way.against}
    sessions = options.sessions
    if way.tracer and way.against == 'none':
        # They cost tens of percent, and time to attach.
        sessions = min(sessions, max(6, sessions // 3))
    try:
        took = [session(bench, ways, options.pairs) if number % 2 else
                session(bench, ways[::-1], options.pairs)[::-1]
                for number in range(sessions)]
    except Problem as problem:
        return dict(row, **{'not measured': str(problem)[:200]})
    for i, what in enumerate(['CPU', 'wall']):
        without = statistics.median(a[i] for a, _ in took) / 1000
        percent, interval = estimate([100 * (b[i] / a[i] - 1)
                                      for a, b in took])
        row['%s us/file without' % what] = without
        row['%s added us' % what] = without * percent / 100
        row['%s added %%' % what] = '%+.2f' % percent
        row['%s 95 %%' % what] = interval and '%+.2f..%+.2f' % interval
    return row
