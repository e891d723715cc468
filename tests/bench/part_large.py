# SPDX-License-Identifier: GPL-3.0-or-later
"""A large file, to and fro: CPU time and minor faults of smbd.

As the small-file copy (see compare.py): sessions of two fresh smbds side by
side, one of each way, in turns. A client of each gets a file of 200 MB from a
tmpfs and puts one there, several times. smbd takes a buffer of up to 8 MB from
its heap for each read and write; whether these pages are given back and faulted
in again depends on what small object chance, or a module, has put above them.
So minor faults are counted, too: they say why CPU time differs, and vary a lot
from one process to the next.

That hides what the module executes. So it is also switched off and on within
one smbd, many times: the heap is the same then, and CPU time, less what the
faults of either took, differs by the module's work alone. What a fault takes
is the slope of CPU time over faults within these processes. Off is not without:
a layer and the event loop's callback are left, see the other parts.
"""

import contextlib
import os
import statistics
from pathlib import Path

from compare import estimate, one_cpu_free, settle
from smbd import cpu_ns
from ways import WAYS

SIZE = 200 << 20
TURNS = 3
COMMANDS = {'get': 'get large /dev/null', 'put': 'put {file} copy'}
SWITCHED_TURNS = 8
SWITCHED = ['latency old', 'latency']
WANTED = ['none', 'pass-through', 'latency old', 'latency', 'time_audit']


def minor_faults(pid):
    stat = Path('/proc/%d/stat' % pid).read_text()
    return int(stat.rsplit(')', 1)[1].split()[7])


def large_file(bench):
    path = bench.directory / 'large'
    if not path.exists():
        data = os.urandom(1 << 20)
        with open(path, 'wb') as file:
            for _ in range(SIZE >> 20):
                file.write(data)
    return path


def session(bench, ways):
    """For each of the two ways: {command: (CPU ms, minor faults) a time}."""
    file = large_file(bench)
    took = [{name: [] for name in COMMANDS} for _ in ways]
    with contextlib.ExitStack() as stack:
        cpu, _ = stack.enter_context(one_cpu_free())
        clients = []
        for way in ways:
            smbd = stack.enter_context(bench.smbd(way))
            os.link(file, smbd.share / 'large')
            client = smbd.connect()
            stack.callback(client.close)
            settle(client, cpu)
            clients.append(client)
        for name, command in COMMANDS.items():
            for turn in range(TURNS):
                for i in (0, 1) if turn % 2 else (1, 0):
                    pid = clients[i].pid
                    before = cpu_ns(pid), minor_faults(pid)
                    clients[i].do(command.format(file=file))
                    took[i][name].append(((cpu_ns(pid) - before[0]) / 1e6,
                                          minor_faults(pid) - before[1]))
    return [{name: tuple(map(statistics.mean, zip(*times)))
             for name, times in way.items()} for way in took]


def compare(bench, name, sessions):
    """Rows of the table: this way against none, get and put."""
    ways = WAYS['none'], WAYS[name]
    took = [session(bench, ways) if number % 2 else
            session(bench, ways[::-1])[::-1] for number in range(sessions)]
    for command in COMMANDS:
        pairs = [(a[command], b[command]) for a, b in took]
        percent, interval = estimate([100 * (b[0] / a[0] - 1)
                                      for a, b in pairs])
        yield {'way': name, 'what': command,
               'CPU ms without': statistics.median(a[0] for a, _ in pairs),
               'added %': '%+.1f' % percent,
               '95 %': interval and '%+.1f..%+.1f' % interval,
               'faults without': statistics.mean(a[1] for a, _ in pairs),
               'with': statistics.mean(b[1] for _, b in pairs)}


def switched(bench, name):
    """For each command: [(CPU ms, minor faults) off and on, by turns] of one
    smbd."""
    file = large_file(bench)
    took = {command: [] for command in COMMANDS}
    with contextlib.ExitStack() as stack:
        cpu, _ = stack.enter_context(one_cpu_free())
        smbd = stack.enter_context(bench.smbd(WAYS[name]))
        os.link(file, smbd.share / 'large')
        client = smbd.connect()
        stack.callback(client.close)
        settle(client, cpu)
        for command, text in COMMANDS.items():
            client.do(text.format(file=file))
            for turn in range(SWITCHED_TURNS):
                pair = {}
                for off in (True, False) if turn % 2 else (False, True):
                    smbd.switch(off)
                    client.do('cd .')
                    before = cpu_ns(client.pid), minor_faults(client.pid)
                    client.do(text.format(file=file))
                    pair[off] = ((cpu_ns(client.pid) - before[0]) / 1e6,
                                 minor_faults(client.pid) - before[1])
                took[command].append((pair[True], pair[False]))
    return took


def fault_ms(took):
    """What a fault takes: the slope over all copies, each against the mean of
    the same command in its process."""
    products = squares = 0
    for session in took:
        for pairs in session.values():
            copies = [copy for pair in pairs for copy in pair]
            ms, faults = map(statistics.mean, zip(*copies))
            products += sum((c[0] - ms) * (c[1] - faults) for c in copies)
            squares += sum((c[1] - faults) ** 2 for c in copies)
    return products / squares if squares else 0


def switch(bench, name, sessions):
    """Rows of the table: this way on against off in the same process. Each
    pair of copies counts once, since nothing of its process differs."""
    took = [switched(bench, name) for _ in range(sessions)]
    one_ms = fault_ms(took)
    for command in COMMANDS:
        pairs = [pair for session in took for pair in session[command]]
        row = {'way': name, 'what': command, 'pairs': len(pairs),
               'CPU ms off': statistics.median(off[0] for off, _ in pairs),
               'faults off': statistics.mean(off[1] for off, _ in pairs),
               'on': statistics.mean(on[1] for _, on in pairs),
               'us a fault': 1000 * one_ms}
        for what, price in ('', 0), (' less faults', one_ms):
            percent, interval = estimate([
                100 * (on[0] - off[0] - price * (on[1] - off[1])) / off[0]
                for off, on in pairs])
            row['added %' + what] = '%+.2f' % percent
            row['95 %' + what] = interval and '%+.2f..%+.2f' % interval
        yield row


def measure(bench, options):
    rows, switches = [], []
    for name in options.ways(SWITCHED):
        for row in switch(bench, name, options.sessions):
            switches.append(row)
            options.progress(row)
    for name in options.ways(WANTED):
        for row in compare(bench, name, options.sessions):
            rows.append(row)
            options.progress(row)
    return {'large file, of 200 MB, switched on and off': switches,
            'large file, of 200 MB': rows}
