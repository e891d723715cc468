# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the wall clock goes: it adds up, and waiting is what smbd says."""

import os
import re
import struct
import subprocess
import time
from datetime import datetime
from pathlib import Path

import pytest

from conftest import run, wait_until
from second_connection import connect, second_connection

PARTS = ('waiting_client_us', 'waiting_async_us', 'waiting_cpu_us', 'vfs_us',
         'smb_us', 'receive_us', 'send_us', 'other_us', 'waiting_network_us',
         'under_way_us')
WORK = {'on_cpu_us', 'blocked_us', 'no_cpu_us'}


def seconds(report):
    return datetime.strptime(report['timestamp'],
                             '%Y-%m-%dT%H:%M:%S.%fZ').timestamp()


def test_wall_clock_adds_up_and_waiting_equals_idle_time(smbd, tree, tmp_path):
    server = smbd(objects='', global_lines=['vfs objects = latency',
                                            'smbd profiling level = on'])
    client = server.client()
    first = server.report()
    for command in tree.copy_in:
        client.run(command)
    client.run('lcd %s' % tmp_path)
    client.run('mget tree')
    second = server.report()

    # Between two reports while the client is connected: the wall clock is
    # that of the wall.
    passed = seconds(second) - seconds(first)
    assert passed > 2
    wall = second['time']['wall_us'] - first['time']['wall_us']
    # Each time stamp is cut to a millisecond.
    assert abs(wall - passed * 1e6) <= passed * 1e6 * 0.001 + 1000

    time = server.final_report()['time']
    assert abs(sum(time[part] for part in PARTS) - time['wall_us']) <= \
        time['wall_us'] * 0.001

    # smbd's idle time includes waiting for the first tree connect, during
    # which the module was not loaded: some milliseconds, more on a busy
    # machine.
    waiting = time['waiting_client_us'] + time['waiting_async_us'] + \
        time['waiting_cpu_us'] + time['waiting_network_us']
    idle = server.profile()['idle']
    assert -0.005 <= (idle['time'] - waiting) / idle['time'] <= 0.005 or \
        0 <= idle['time'] - waiting <= 50000
    assert 0 <= idle['count'] - time['waits'] <= 20


def test_a_connected_client_that_does_nothing_is_waited_for(smbd):
    server = smbd()
    server.client()
    first = server.report()
    second = server.report()
    passed = seconds(second) - seconds(first)
    waited = second['time']['waiting_client_us'] - \
        first['time']['waiting_client_us']
    assert abs(waited - passed * 1e6) <= 1000 + passed * 1e6 * 0.01


def test_cpu_time_is_within_the_wall_clock(smbd, small_tree):
    server = smbd()
    client = server.client()
    for command in small_tree:
        client.run(command)
    time = server.final_report()['time']
    assert 0 < time['cpu_user_us'] + time['cpu_system_us'] < time['wall_us']


def schedstat(pid):
    """Time in ns that a process has waited for a CPU."""
    return int(Path('/proc/%d/schedstat' % pid).read_text().split()[1])


def test_waiting_for_a_busy_cpu_is_no_waiting_for_the_client(smbd, small_tree):
    """As the kernel counts it, for an smbd that shares its CPU with others."""
    server = smbd()
    client = server.client()
    pid, = server.measured()
    cpu = min(os.sched_getaffinity(pid))
    os.sched_setaffinity(pid, {cpu})
    # What is woken does not take the CPU from others.
    os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0))
    loops = [subprocess.Popen(['taskset', '-c', str(cpu), 'sh', '-c',
                               'while :; do :; done']) for _ in range(3)]
    try:
        began = time.monotonic()
        first, start = server.report(), schedstat(pid)
        for command in small_tree:
            client.run(command)
        while schedstat(pid) - start < 1e9:
            client.run(small_tree[-1])
        second, waited = server.report(), schedstat(pid) - start
        passed_us = (time.monotonic() - began) * 1e6
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()
    grown = {key: second['time'][key] - first['time'][key]
             for key in first['time']}
    assert grown['waiting_client_us'] <= passed_us - waited / 1000 + 50000
    # The latest 20 ms, and what the loops let run in between.
    assert abs(grown['cpu_wait_us'] - waited / 1000) <= waited / 1000 * 0.05 + \
        50000
    assert grown['cpu_wait_us'] * 0.8 < grown['waiting_cpu_us'] <= \
        grown['cpu_wait_us'] + 50000


LASTS_MS, FILES = 20, 50


@pytest.mark.parametrize('how', ['blocked', 'on_cpu'])
def test_work_is_blocked_or_on_a_cpu(smbd, how):
    """A call that sleeps is blocked; one that computes is on a CPU."""
    server = smbd(objects='latency inject', share_lines=[
        'aio read size = 0', 'inject:op = pread', 'inject:ms = %d' % LASTS_MS,
        'inject:sleep = %s' % ('yes' if how == 'blocked' else 'no')])
    (server.share / 'file').write_text('x')
    client = server.client()
    client.run('allinfo file')
    before = server.report()['time']
    for _ in range(FILES):
        client.run('get file /dev/null')
    after = server.final_report()['time']
    grown = {key: after[key] - before[key] for key in after}

    lasted = LASTS_MS * FILES * 1000
    other, = {'blocked', 'on_cpu'} - {how}
    assert grown['vfs_us'] >= lasted
    # Nobody else has a say in that, where it does not compute.
    without = grown['no_cpu_us'] if how == 'on_cpu' else 0
    assert lasted * 0.9 <= grown[how + '_us'] + without
    assert grown[how + '_us'] <= grown['vfs_us'] + grown['cpu_user_us'] + \
        grown['cpu_system_us']
    assert grown[other + '_us'] < lasted * 0.25
    # All of it is work.
    assert grown['blocked_us'] + grown['no_cpu_us'] <= \
        sum(grown[part + '_us'] for part in
            ('vfs', 'smb', 'receive', 'send', 'other', 'waiting_cpu'))


def context_switches(pid):
    """Voluntary, forced ones of the main thread, as the kernel tells them."""
    status = Path('/proc/%d/status' % pid).read_text()
    return [int(re.search(r'^%s_ctxt_switches:\s+(\d+)' % kind, status,
                          re.M).group(1))
            for kind in ('voluntary', 'nonvoluntary')]


def test_switches_are_those_of_the_kernel(smbd):
    """A call that computes, beside a loop on the same CPU."""
    server = smbd(objects='latency inject', share_lines=[
        'aio read size = 0', 'inject:op = pread', 'inject:ms = 30',
        'inject:sleep = no'])
    (server.share / 'file').write_text('x')
    client = server.client()
    client.run('allinfo file')
    pid, = server.measured()
    cpu = min(os.sched_getaffinity(pid))
    os.sched_setaffinity(pid, {cpu})
    loop = subprocess.Popen(['taskset', '-c', str(cpu), 'sh', '-c',
                             'while :; do :; done'])
    seen = []
    try:
        for _ in range(2):
            # It samples in each of these, since they last so long.
            for _ in range(20):
                before = context_switches(pid)
                client.run('get file /dev/null')
            time.sleep(0.1)
            seen.append((before, server.report()['time'],
                         context_switches(pid)))
    finally:
        loop.kill()
        loop.wait()
    (first, told, then), (later, told_later, at_last) = seen
    for n, kind in enumerate(('voluntary', 'forced')):
        grown = told_later[kind + '_switches'] - told[kind + '_switches']
        assert later[n] - then[n] <= grown <= at_last[n] - first[n], kind
        assert grown >= 20, kind


def test_no_part_goes_back_while_cpus_are_busy(smbd, small_tree):
    server = smbd()
    client = server.client()
    pid, = server.measured()
    cpu = min(os.sched_getaffinity(pid))
    os.sched_setaffinity(pid, {cpu})
    loops = [subprocess.Popen(['taskset', '-c', str(cpu), 'sh', '-c',
                               'while :; do :; done']) for _ in range(2)]
    try:
        before = server.report()['time']
        for command in small_tree[:-1]:
            client.run(command)
        client.send(small_tree[-1])
        while not client.answered():
            after = server.report()['time']
            for part in (set(PARTS) | WORK) - {'under_way_us'}:
                assert after[part] >= before[part], part
            before = after
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def test_work_for_smb1_is_no_smb2(smbd, small_tree):
    """Nor is what goes on when an async op has ended."""
    server = smbd(global_lines=['server min protocol = NT1'])
    client = server.client(options=['--option=clientminprotocol=NT1',
                                    '--option=clientmaxprotocol=NT1'])
    for command in small_tree:
        client.run(command)
    client.run('get tree/dir0/file00 /dev/null')
    report = server.final_report()
    assert report['smb2_requests'] == {}
    assert report['vfs_operations']['pwrite']['async'] == 500
    assert report['time']['smb_us'] == 0
    assert report['time']['other_us'] > 0


def test_what_arrives_on_a_second_connection_is_received(smbd):
    """smbd hands a connection of the same client to the process of the first,
    which has nothing to do here but to receive a request, byte by byte."""
    server = smbd()
    client = connect(server)
    with second_connection(server, client) as second:
        before = server.report()['time']
        second.sendall(struct.pack('>I', 60000))
        for _ in range(1000):
            second.sendall(b'x')
            time.sleep(0.0002)
        after = server.report()['time']
    received, other = (after[part] - before[part]
                       for part in ('receive_us', 'other_us'))
    assert after['waits'] - before['waits'] > 200
    assert received > other
    client.close()
