# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pictures are of: two clients copy small files to an smbd whose disk
is slow in the middle of it."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / 'tests' / 'causes'), str(TOP / 'tests' / 'e2e')]

# pylint: disable=wrong-import-position,unused-import
from causes import make_modules, run_scenario, scenario  # noqa: for the others

OBJECTS = 'latency:top acl_xattr latency:bottom'


def copy(bench, rounds, slow):
    """So many rounds of copying, with a slow disk in some of them; it yields
    before each, and at last while the clients still work on one."""
    files = bench.make_files('tree', 150, 10240)
    clients = [bench.client() for _ in range(2)]
    for number in range(rounds):
        yield
        bench.delays.set(pwrite=6 if number in slow else 0)
        for place, client in enumerate(clients):
            client.run('mkdir copy%d%d' % (number, place))
            client.run('cd \\copy%d%d' % (number, place))
            client.send(files)
        if number == rounds - 1:
            yield
        for client in clients:
            client.wait()
