# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: nothing is wrong, or nothing is known."""

import time

from bench import scenario


@scenario('idle')
def idle(bench):
    client = bench.client()
    bench.start()
    time.sleep(1.5)
    client.run('')


@scenario('not_enough_data')
def hardly_anything(bench):
    client = bench.client()
    bench.start()
    client.run('mkdir a')
    return bench.why()


@scenario('healthy', short=False)
def healthy_transfer(bench):
    bench.make_files('large', 1, 256 << 20)
    client = bench.client()
    bench.start()
    client.run('put large/file0000 large')


@scenario('healthy', 'idle', short=False)
def healthy_person(bench):
    """Someone looks around."""
    client = bench.client()
    client.run(bench.make_files('tree', 40, 10240))
    bench.start()
    for number in range(8):
        client.run('ls tree/*')
        client.run('get tree/file%04d /dev/null' % number)
        time.sleep(1.5)
