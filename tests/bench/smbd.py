# SPDX-License-Identifier: GPL-3.0-or-later
"""Private smbds for the benchmark, each with one share for one way.

Every smbd is script/private-smbd's: loopback only, its files below one
temporary directory, in a session of its own. The modules are those of this
build; nothing is installed.
"""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from ways import TOP

BUILD = Path(os.environ.get('VFS_LATENCY_BUILD', TOP / 'build')).resolve()
READER = BUILD / 'smblatency-stat'

# Where the control word `off` is in a segment, see latency_format.h.
OFF_OFFSET = 192

os.environ['PATH'] += ':/usr/sbin:/sbin'
os.environ['LC_ALL'] = 'C.UTF-8'

# smbd has its module directory compiled in; a preloaded function names ours.
MODULES_DIRECTORY_C = r'''
#include <stdlib.h>
const char *get_dyn_MODULESDIR(void);
const char *get_dyn_MODULESDIR(void)
{
	return getenv("VFS_LATENCY_MODULES");
}
'''


class Problem(Exception):
    """Why the benchmark cannot go on."""


def run(*command, check=True, **options):
    """Run a command; its result, with text output."""
    result = subprocess.run([str(word) for word in command],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False,
                            universal_newlines=True, errors='replace',
                            **options)
    if check and result.returncode != 0:
        raise Problem('%s\n%s' % (' '.join(map(str, command)), result.stdout))
    return result


def wait_until(condition, timeout=30, what='something'):
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Problem('waited in vain for ' + what)
        time.sleep(0.01)


def cpu_ns(pid):
    """CPU time of a process with all its threads, those ended included."""
    # The clock of another process, as clock_getcpuclockid() makes it.
    return int(time.clock_gettime((~pid << 3) | 2) * 1e9)


class Modules:
    """A directory with the modules of this build and the installed ones.

    latency: the file of this build to take for the module.
    """

    def __init__(self, directory, latency):
        text = run('smbd', '-b').stdout
        installed = Path(re.search(r'MODULESDIR: (\S+)', text).group(1))
        self.directory = directory
        self.vfs = directory / 'vfs'
        self.vfs.mkdir(parents=True)
        for file in (BUILD / 'tests').glob('*.so'):
            shutil.copy2(file, self.vfs)
        self.latency = self.vfs / 'latency.so'
        shutil.copy2(BUILD / latency, self.latency)
        for where in installed, installed / 'vfs':
            for file in where.iterdir():
                target = directory / file.relative_to(installed)
                if not target.exists():
                    target.symlink_to(file)
        source = directory / 'preload.c'
        source.write_text(MODULES_DIRECTORY_C)
        run('cc', '-shared', '-fPIC', '-o', directory / 'preload.so', source)


# For smbd the kernel seems to keep time by another clock than the TSC.
NO_TSC = """unshare --mount --propagation private sh -c '
    echo kvm-clock >{directory}/clock &&
    mount --bind {directory}/clock \
        /sys/devices/system/clocksource/clocksource0/current_clocksource &&
    exec "$@"' sh"""


class Smbd:
    """A private smbd with one share.

    objects: other modules than the way's; wrapper: a command to run smbd with,
    {directory} stands for its directory.
    """

    def __init__(self, directory, modules, way, objects=None, wrapper=None):
        self.directory = directory
        self.modules = modules
        self.way = way
        self.share = directory / 'share'
        self.latency = directory / 'lock' / 'latency'
        self.conf = directory / 'smb.conf'
        self.objects = way.objects if objects is None else objects
        self.wrapper = NO_TSC if way.no_tsc else wrapper

    def start(self):
        command = [TOP / 'script' / 'private-smbd', 'start', self.directory, 0]
        if self.objects:
            command += ['-v', self.objects]
        for line in self.way.globals:
            command += ['-g', line]
        for line in self.way.share:
            command += ['-s', line]
        environment = dict(os.environ,
                           VFS_LATENCY_MODULES=str(self.modules.directory),
                           LD_PRELOAD=str(self.modules.directory /
                                          'preload.so'))
        if self.wrapper:
            wrapped = self.directory / 'bin' / 'smbd'
            wrapped.parent.mkdir(parents=True)
            wrapped.write_text('#!/bin/sh\nexec %s %s "$@"\n' % (
                self.wrapper.format(directory=self.directory),
                shutil.which('smbd')))
            wrapped.chmod(0o755)
            environment['PATH'] = '%s:%s' % (wrapped.parent,
                                             environment['PATH'])
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        run(*command, env=environment)
        self.port = int((self.directory / 'port').read_text())
        self.session = int((self.directory / 'session').read_text())
        if self.way.profile:
            run('smbcontrol', '-s', self.conf, 'smbd', 'profile', 'on')
        return self

    def stop(self):
        run(TOP / 'script' / 'private-smbd', 'stop', self.directory)

    def pids(self):
        """All processes of this smbd."""
        pids = set()
        for entry in Path('/proc').iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    stat = (entry / 'stat').read_text()
                    fields = stat.rsplit(')', 1)[1].split()
                    if int(fields[3]) == self.session and fields[0] != 'Z':
                        pids.add(int(entry.name))
        return pids

    def segments(self):
        return sorted(self.latency.glob('smbd-*.segment'))

    def switch(self, off):
        """The module off or on; seen at the end of an event-loop turn."""
        for segment in self.segments():
            with open(segment, 'r+b') as file:
                file.seek(OFF_OFFSET)
                file.write(b'\1\0\0\0' if off else b'\0\0\0\0')

    def connect(self, share='share'):
        return Client(self, share)


class Client:
    """An smbclient that stays connected; pid is that of its smbd."""

    def __init__(self, smbd, share):
        before = smbd.pids()
        self.smbd = smbd
        self.number = 0
        self.process = subprocess.Popen(
            ['stdbuf', '-i0', '-o0', 'smbclient', '-N', '-d', '0',
             '-p', str(smbd.port), '-s', str(smbd.conf), '-t', '600',
             '//127.0.0.1/' + share],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0)
        self.do('')
        # Others are born with the first client, too (rpcd_*).
        self.born = smbd.pids() - before
        smbds = [pid for pid in self.born if self.is_smbd(pid)]
        self.pid = max(smbds) if smbds else None
        if smbd.way.off:
            smbd.switch(off=True)
            self.do('cd .')

    @staticmethod
    def is_smbd(pid):
        with contextlib.suppress(OSError):
            return 'smbd' in Path('/proc/%d/comm' % pid).read_text()
        return False

    def do(self, *commands, timeout=600):
        """Do commands of smbclient, one after the other."""
        self.number += 1
        token = 'token-%d-' % self.number
        text = ''.join(command + '\n' for command in commands if command)
        output = b''
        descriptor = self.process.stdout.fileno()
        data = ('%s!echo %s\n' % (text, token)).encode()
        os.set_blocking(self.process.stdin.fileno(), False)
        while (token + '\n').encode() not in output:
            if data:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self.process.stdin.fileno(), data):]
            if not select.select([descriptor], [], [], timeout)[0]:
                raise Problem('smbclient does not answer')
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                raise Problem('smbclient has ended: ' + output.decode())
            output += piece
        return output.decode(errors='replace').rsplit(token, 1)[0]

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(60)
        self.process.stdout.close()


class Bench:
    """The temporary directory of one run, and the smbds in it."""

    def __init__(self, parent=None):
        self.directory = Path(tempfile.mkdtemp(prefix='vfs_latency-bench.',
                                               dir=parent))
        self.directory.chmod(0o755)
        self.modules = {}
        self.smbds = []

    @contextlib.contextmanager
    def smbd(self, way, **options):
        if way.module not in self.modules:
            self.modules[way.module] = Modules(
                self.directory / ('modules%d' % len(self.modules)),
                way.module)
        directory = Path(tempfile.mkdtemp(dir=self.directory))
        smbd = Smbd(directory, self.modules[way.module], way, **options)
        self.smbds.append(smbd)
        try:
            yield smbd.start()
        finally:
            smbd.stop()
            self.smbds.remove(smbd)
            shutil.rmtree(directory, ignore_errors=True)

    def tree(self, files):
        """A tree in the shape of the 2017 talk's: 100 files of 10 KB in a
        directory. Returns the smbclient commands that copy it in."""
        parent = self.directory / ('tree%d' % files)
        if not parent.exists():
            data = os.urandom(20480)
            for number in range(files):
                directory = parent / 'tree' / ('dir%03d' % (number // 100))
                if number % 100 == 0:
                    directory.mkdir(parents=True)
                start = number % 10240
                (directory / ('file%02d' % (number % 100))).write_bytes(
                    data[start:start + 10240])
        return ['lcd %s' % parent, 'recurse', 'prompt', 'mput tree']

    def close(self):
        """Also after an interrupt at any moment: what still runs with files
        of ours is ended, whoever has started it."""
        for smbd in list(self.smbds):
            smbd.stop()
        ours = os.fsencode(self.directory)
        for entry in Path('/proc').iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if ours + b'/' in (entry / 'cmdline').read_bytes():
                        os.kill(int(entry.name), signal.SIGKILL)
        shutil.rmtree(self.directory, ignore_errors=True)
