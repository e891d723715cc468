# SPDX-License-Identifier: GPL-3.0-or-later
"""The bench that scenarios are run on: an smbd, its delays, its clients.

A scenario is a function that makes clients do something. Its decorator says
what smbd is like and what smblatency-stat why must answer: the name of a cause,
or of a state ("healthy").
"""

import mmap
import os
import struct
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / 'tests' / 'e2e'))

# pylint: disable=wrong-import-position
from conftest import PASSWORD, USER, Smbd
from network_box import SERVER, Network

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

    def __init__(self, server, share, text, network=None):
        wrapper, address = [], '127.0.0.1'
        if network is not None:
            wrapper, address = network.wrapper(1), SERVER
        env = dict(os.environ, VFS_LATENCY_PORT=str(server.port),
                   LD_PRELOAD=str(server.modules.parent / 'preload.so'))
        self.process = subprocess.Popen(
            [*wrapper, '/usr/bin/python3',
             TOP / 'tests' / 'causes' / 'client.py', server.conf, address,
             share, USER, PASSWORD, text], env=env, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, universal_newlines=True)
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
        client = Program(self.server, share, text, self.network)
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
             delay_ms=None, lose=None, short=True):
    """expected: what may be the answer. also: what may be main causes, too.
    delay_ms: clients are so far away; lose: see network_box.py."""
    def add(function):
        function.expected = expected
        function.also = also
        function.objects = objects
        function.share = list(share)
        function.globals = list(globals_)
        function.delay_ms = delay_ms
        function.lose = lose or {}
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
            network.open(function.delay_ms, **function.lose)
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
