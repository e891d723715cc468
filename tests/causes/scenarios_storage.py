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


@scenario('slow_opens', objects='latency inject',
          share=['inject:op = openat', 'inject:ms = 5'])
def slow_opens_scanner(bench):
    """A module below the only layer looks at each file, as scanners do."""
    command = bench.make_files('tree', 60, 4096)
    client = bench.client()
    client.run(command)
    bench.start()
    client.run('mget tree')


@scenario('io_queue', also=['slow_reads'],
          globals_=['aio max threads = 1', 'smb2 max read = 65536'])
def io_queue(bench):
    """Several reads are under way, but one thread makes all of them."""
    (bench.server.share / 'large').write_bytes(bytes(16 << 20))
    client = bench.client()
    bench.start(pread=4)
    client.run('get large /dev/null')


@scenario('slow_reads', globals_=['smb2 max read = 65536'])
def like_io_queue_enough_threads(bench):
    """The disk is as slow, and each read has a thread."""
    (bench.server.share / 'large').write_bytes(bytes(4 << 20))
    client = bench.client()
    bench.start(pread=80)
    for _ in range(12):
        client.run('get large /dev/null')


@scenario('slow_space', share=['dfree command = ../dfree'])
def slow_space(bench):
    """Each listing of a directory ends with the free space of the disk."""
    script = bench.server.directory / 'dfree'
    script.write_text('#!/bin/sh\nsleep 0.05\necho 1000 500 1024\n')
    script.chmod(0o755)
    client = bench.client()
    bench.start()
    for _ in range(30):
        client.run('ls')


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
