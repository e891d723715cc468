# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: what clients and the network between take."""

import time

from bench import scenario


@scenario('one_at_a_time', short=False)
def one_at_a_time(bench):
    """It sees to each file for a while before it goes on."""
    client = bench.program("""
for number in range(400):
    smb.savefile('file%d' % number, b'x' * 4096)
    time.sleep(0.002)
""")
    bench.start()
    client.run()


@scenario('healthy', 'one_at_a_time', short=False)
def like_one_at_a_time_quick(bench):
    """Not the best one can do, but it hardly lets smbd wait."""
    command = bench.make_files('tree', 1000, 4096)
    client = bench.client()
    bench.start()
    client.run(command)


@scenario('round_trips', delay_ms=5)
def round_trips(bench):
    command = bench.make_files('tree', 60, 4096)
    client = bench.client()
    for _ in range(4):
        client.run('ls')
    bench.start()
    client.run(command)


@scenario('slow_reads', also=['round_trips'], delay_ms=1)
def like_round_trips_slow_reads(bench):
    """The network is slow, but the disk is slower."""
    command = bench.make_files('tree', 50, 4096)
    client = bench.client()
    client.run(command)
    bench.start(pread=40)
    client.run('mget tree')


@scenario('client_thinks')
def client_thinks(bench):
    client = bench.client()
    bench.start()
    for _ in range(30):
        client.run('mkdir a')
        client.run('rmdir a')
        time.sleep(0.03)
