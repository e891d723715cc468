# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: what clients and the network between take."""

import os
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


@scenario('packet_loss', also=['round_trips'], delay_ms=1,
          lose={'lose': 50, 'least': 60, 'both': True})
def packet_loss(bench):
    """Of small requests and their replies; nothing follows a lost one."""
    command = bench.make_files('tree', 60, 4096)
    client = bench.client()
    for _ in range(4):
        client.run('ls')
    bench.start()
    client.run(command)


SMALL_READS = ['smb2 max read = 65536']


def lower_rate_when_lost(bench):
    """Not all ways of TCP do: BBR does not."""
    bench.network.run(0, 'sysctl', '-qw',
                      'net.ipv4.tcp_congestion_control=reno')


@scenario('packet_loss', short=False, delay_ms=5, lose={'lose': 100},
          globals_=SMALL_READS)
def packet_loss_transfer(bench):
    """Of large replies, whose transfer becomes slower."""
    lower_rate_when_lost(bench)
    (bench.server.share / 'large').write_bytes(os.urandom(8 << 20))
    client = bench.client()
    bench.start()
    client.run('get large /dev/null')


@scenario('supply', short=False, delay_ms=5, globals_=SMALL_READS)
def like_packet_loss_narrow(bench):
    """A line of 10 Mbit/s also loses data, when its queue is full."""
    lower_rate_when_lost(bench)
    bench.network.run(0, 'tc', 'qdisc', 'add', 'dev',
                      bench.network.device(0), 'root', 'tbf', 'rate', '10mbit',
                      'burst', '16kb', 'latency', '50ms')
    (bench.server.share / 'large').write_bytes(os.urandom(4 << 20))
    client = bench.client()
    bench.start()
    client.run('get large /dev/null')


@scenario('round_trips', also=['slow_reads'], delay_ms=10)
def like_slow_reads_slow_network(bench):
    """The disk is slow, but the network is slower."""
    command = bench.make_files('tree', 20, 4096)
    client = bench.client()
    client.run(command)
    for _ in range(4):
        client.run('ls')
    bench.start(pread=15)
    client.run('mget tree')
