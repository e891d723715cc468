# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: smbd's own work, and its machine."""

import os
import subprocess

from bench import scenario


@scenario('encryption', short=False, globals_=[
    'server smb3 encryption algorithms = AES-128-CCM'])
def encryption(bench):
    bench.make_files('large', 1, 256 << 20)
    client = bench.client('--client-protection=encrypt')
    client.run('put large/file0000 large')
    bench.start()
    client.run('get large /dev/null')


@scenario('signing', short=False)
def signing(bench):
    """In the way of Windows 7, which is the slowest."""
    bench.make_files('large', 1, 256 << 20)
    client = bench.client('--client-protection=sign',
                          '--option=clientmaxprotocol=SMB2_10')
    client.run('put large/file0000 large')
    bench.start()
    client.run('get large /dev/null')


@scenario('healthy', short=False)
def like_encryption_none(bench):
    """The same transfer without it."""
    bench.make_files('large', 1, 256 << 20)
    client = bench.client()
    client.run('put large/file0000 large')
    bench.start()
    client.run('get large /dev/null')


@scenario('no_cpu', short=False)
def no_cpu(bench):
    """Other work has the only processor that smbd may use. The client has
    another one, as on a machine of its own."""
    command = bench.make_files('tree', 300, 4096)
    client = bench.client()
    first, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(client.process.pid, others or {first})
    for pid in bench.server.measured():
        os.sched_setaffinity(pid, {first})
    bench.start()
    # Sessions share the processor alike, however many processes they have.
    burners = [subprocess.Popen(
        ['taskset', '-c', str(first), 'sh', '-c', 'while :; do :; done'],
        start_new_session=True) for _ in range(8)]
    try:
        client.run(command)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
