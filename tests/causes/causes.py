# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench of causes: each is produced on a real smbd with real clients.

A scenario is a function below that makes clients do something. Its decorator
says what smbd is like and what smblatency-stat why must answer: the name of a
cause, or of a state ("healthy"). Scenarios whose name begins with like_ look
like their neighbour and are not.
"""

import mmap
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tests' / 'e2e'))

# pylint: disable=wrong-import-position
from conftest import (PASSWORD, USER, Smbd,  # noqa: for those who import it
                      make_modules)
from network_box import Network

CALLS = ('pread', 'pwrite', 'fsync', 'openat', 'stat', 'getxattr', 'statvfs',
         'readdir', 'unlink')


class Delays:
    """How long system calls of an smbd are delayed: see slow_calls.c."""

    def __init__(self, file):
        file.write_bytes(bytes(4 * len(CALLS)))
        with open(file, 'r+b') as f:
            self.map = mmap.mmap(f.fileno(), 0)

    def set(self, **ms):
        for call, value in ms.items():
            struct.pack_into('=I', self.map, 4 * CALLS.index(call),
                             int(value * 1000))


class Program:
    """A client with a program of its own; see client.py."""

    def __init__(self, server, share, text):
        env = dict(os.environ, VFS_LATENCY_PORT=str(server.port),
                   LD_PRELOAD=str(server.modules.parent / 'preload.so'))
        self.process = subprocess.Popen(
            ['/usr/bin/python3', TOP / 'tests' / 'causes' / 'client.py',
             server.conf, share, USER, PASSWORD, text], env=env,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            universal_newlines=True)
        self.expect('ready')

    def expect(self, word):
        line = self.process.stdout.readline()
        assert line == word + '\n', line

    def go(self):
        self.process.stdin.write('\n')
        self.process.stdin.flush()

    def run(self):
        self.go()
        self.expect('done')

    def kill(self):
        self.process.kill()
        self.process.wait()


class Bench:
    """What a scenario has at hand: an smbd, delays of its system calls, files
    below `files`, clients."""

    def __init__(self, server, delays, files, network):
        self.server = server
        self.delays = delays
        self.files = files
        self.network = network

    def client(self, *options, share='share'):
        """A client, its smbd seen to have counted from zero."""
        if self.network is not None:
            client = self.network.client(self.server)
        else:
            client = self.server.client(share=share, options=options)
        client.run('prompt')
        client.run('recurse')
        client.run('lcd %s' % self.files)
        return client

    def program(self, text, share='share'):
        """A client that runs this text, see client.py; go() starts it."""
        client = Program(self.server, share, text)
        self.server.clients.append(client)
        return client

    def make_files(self, directory, count, size):
        """Local files for a client; as a command to copy them in."""
        (self.files / directory).mkdir(exist_ok=True)
        for number in range(count):
            (self.files / directory / ('file%04d' % number)).write_bytes(
                os.urandom(size))
        return 'mput %s' % directory

    def start(self, **delays):
        """What comes from now on is looked at."""
        self.server.show('all', 'reset')
        self.delays.set(**delays)

    def why(self, *options):
        return self.server.report('why', *options)


SCENARIOS = {}


def scenario(*expected, also=(), objects='latency', share=(), globals_=(),
             delay_ms=None, short=True):
    """expected: what may be the answer. also: what may be main causes, too."""
    def add(function):
        function.expected = expected
        function.also = also
        function.objects = objects
        function.share = list(share)
        function.globals = list(globals_)
        function.delay_ms = delay_ms
        function.short = short
        SCENARIOS[function.__name__] = function
        return function
    return add


def run_scenario(function, directory, modules):
    """Make it happen; the answer, as JSON."""
    directory.chmod(0o755)
    server = Smbd(directory / 'smbd', modules, function.objects,
                  function.globals, function.share)
    server.directory.mkdir()
    server.directory.chmod(0o755)
    server.preload.append(modules.parent / 'slow_calls.so')
    files = directory / 'files'
    files.mkdir()
    network = None
    os.environ['SLOW_CALLS'] = str(directory / 'delays')
    os.environ['SLOW_BELOW'] = str(server.share)
    delays = Delays(directory / 'delays')
    try:
        if function.delay_ms is not None:
            network = Network()
            network.open(function.delay_ms)
            network.start(server)
        else:
            server.start()
        bench = Bench(server, delays, files, network)
        answer = function(bench)
        return answer if answer is not None else bench.why()
    finally:
        delays.set(**dict.fromkeys(CALLS, 0))
        server.stop()
        if network is not None:
            network.close()
        del os.environ['SLOW_CALLS'], os.environ['SLOW_BELOW']


def answered(answer, function):
    """What it says: the cause that comes first, or the state. That CPUs are
    busy may well be true, whatever the scenario is about: then it is what
    comes first of the rest of the time."""
    findings = answer['findings']
    if answer['state'] == 'untrusted' or not findings:
        return answer['state']
    busy = 0
    if 'no_cpu' not in function.expected:
        busy = sum(one['share'] for one in findings
                   if one['cause'] == 'no_cpu')
        findings = [one for one in findings if one['cause'] != 'no_cpu']
    causes = [one['cause'] for one in findings
              if one['main'] or busy and one['share'] >= 0.2 * (1 - busy)]
    return causes[0] if causes else 'healthy' if answer['state'] == 'found' \
        else answer['state']


# --- nothing is wrong ---------------------------------------------------------------

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


# --- network and clients ------------------------------------------------------------

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


# --- storage ------------------------------------------------------------------------

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


# --- smbd ---------------------------------------------------------------------------

@scenario('protection', short=False, globals_=[
    'server smb3 encryption algorithms = AES-128-CCM'])
def encryption(bench):
    bench.make_files('large', 1, 256 << 20)
    client = bench.client('--client-protection=encrypt')
    client.run('put large/file0000 large')
    bench.start()
    client.run('get large /dev/null')


@scenario('protection', short=False)
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
    """Other work on all processors, before smbd's; the client is as on a
    machine of its own."""
    command = bench.make_files('tree', 600, 4096)
    client = bench.client()
    os.setpriority(os.PRIO_PROCESS, client.process.pid, -20)
    bench.start()
    burners = [subprocess.Popen(['nice', '-n', '-10', 'sh', '-c',
                                 'while :; do :; done'])
               for _ in range(4 * os.cpu_count())]
    try:
        client.run(command)
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
