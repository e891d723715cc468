# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: storage that is slow, and what is above it."""

import time

from bench import scenario


@scenario('slow_reads')
def slow_reads(bench):
    command = bench.make_files('tree', 100, 65536)
    client = bench.client()
    client.run(command)
    bench.start(pread=15)
    client.run('mget tree')


@scenario('slow_sync', share=['sync always = yes', 'strict sync = yes'])
def slow_sync(bench):
    command = bench.make_files('tree', 100, 4096)
    client = bench.client()
    bench.start(fsync=15)
    client.run(command)


@scenario('slow_opens')
def slow_opens(bench):
    command = bench.make_files('tree', 100, 4096)
    client = bench.client()
    client.run(command)
    bench.start(openat=8)
    client.run('mget tree')


@scenario('slow_names')
def slow_names(bench):
    command = bench.make_files('tree', 100, 4096)
    client = bench.client()
    client.run(command)
    bench.start(unlink=8)
    client.run('deltree tree')


@scenario('slow_listing')
def slow_listing(bench):
    """A directory is slow to read."""
    command = bench.make_files('tree', 100, 4096)
    client = bench.client()
    client.run(command)
    bench.start(readdir=2)
    for _ in range(8):
        client.run('ls tree/*')


@scenario('slow_module', objects='latency:top inject latency:bottom',
          share=['inject:op = openat', 'inject:ms = 5'])
def slow_module(bench):
    command = bench.make_files('tree', 60, 4096)
    client = bench.client()
    bench.start()
    client.run(command)


@scenario('hanging')
def hanging(bench):
    bench.make_files('tree', 1, 4096)
    client = bench.client()
    client.run('mput tree')
    bench.start(openat=4000)
    client.send('get tree/file0000 /dev/null')
    time.sleep(3)
    try:
        return bench.why()
    finally:
        bench.delays.set(openat=0)
        client.wait()
