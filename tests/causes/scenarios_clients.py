# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: clients wait for each other, or come and go."""

import threading
import time

from impacket import smb3structs

from bench import scenario
from test_pending import UNLOCK, Holder, pending
from conftest import wait_until

HELD_S = 0.1
TIMES = 12


def wait_for_it(bench, request, waiter, release):
    """The waiter's request is pending for a while, until it is released."""
    thread = threading.Thread(target=waiter)
    thread.start()
    wait_until(lambda: pending(bench.server, request),
               what='a pending ' + request)
    time.sleep(HELD_S)
    release()
    thread.join(30)
    assert not thread.is_alive()


@scenario('other_clients')
def waits_for_an_oplock(bench):
    """One has the file open and is slow to give it up when another comes."""
    holder, other = (Holder(bench.server, 'plain') for _ in range(2))
    bench.start()
    for _ in range(TIMES):
        held = holder.open(smb3structs.SMB2_OPLOCK_LEVEL_BATCH)
        opened = []
        wait_for_it(bench, 'SMB2_OP_CREATE',
                    lambda: opened.append(other.open()),
                    lambda: holder.close(held))
        other.close(opened[0])
    return bench.why()


@scenario('other_clients')
def waits_for_a_lock(bench):
    holder, other = (Holder(bench.server, 'plain') for _ in range(2))
    held, handle = holder.open(), other.open()
    bench.start()
    for _ in range(TIMES):
        holder.lock(held)
        wait_for_it(bench, 'SMB2_OP_LOCK', lambda: other.lock(handle),
                    lambda: holder.lock(held, UNLOCK))
        other.lock(handle, UNLOCK)
    return bench.why()


@scenario('slow_logon', share=['root preexec = sleep 1'])
def slow_logon(bench):
    bench.start()
    for _ in range(2):
        bench.client().run('ls')


@scenario('healthy', 'not_enough_data', 'idle')
def like_slow_logon_healthy(bench):
    bench.start()
    for _ in range(2):
        bench.client().run('ls')


@scenario('healthy', short=False)
def healthy_clients(bench):
    """Three at once, on the same share."""
    bench.make_files('large', 1, 128 << 20)
    clients = [bench.client() for _ in range(3)]
    bench.start()
    for number, client in enumerate(clients):
        client.send('put large/file0000 large%d' % number)
    for client in clients:
        client.wait()
