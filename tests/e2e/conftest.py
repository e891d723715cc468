# SPDX-License-Identifier: GPL-3.0-or-later
"""What the end-to-end tests share: private smbds, clients, the reader.

Every smbd here is script/private-smbd's: on the loopback interface, with its
directories below pytest's temporary one, in a session of its own, with the
modules of this build. Outside of that the tests touch nothing.

Nothing waits by sleeping for what can be waited for: processes end (pidfd),
a client has answered (a token in its output).
"""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get('VFS_LATENCY_BUILD', TOP / 'build')).resolve()
READER = BUILD / 'smblatency-stat'

os.environ['PATH'] += ':/usr/sbin:/sbin'
# The words of tools are compared; files are named in UTF-8.
os.environ['LC_ALL'] = 'C.UTF-8'
os.umask(0o022)

USER, PASSWORD = 'root', 'Secret.1'

# smbd does not always notify smb2.notify.dir of the directory that it makes
# (4.17, with and without the module, some 5 of 100 times): it waits for ever.
NOTIFY_TIMEOUT_S, NOTIFY_TRIES = 60, 4


def run(*command, check=True, timeout=300, **options):
    """Run a command; its result, with stdout and stderr as text."""
    result = subprocess.run([str(word) for word in command],
                            stdin=options.pop('stdin', subprocess.DEVNULL),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            universal_newlines=True, errors='replace',
                            timeout=timeout, check=False, **options)
    if check and result.returncode != 0:
        raise AssertionError('%s\nexit code %d\n%s%s' % (
            ' '.join(str(word) for word in command), result.returncode,
            result.stdout, result.stderr))
    return result


def wait_for_end(pids, timeout=30):
    """Wait until none of these processes runs any more."""
    deadline = time.monotonic() + timeout
    for pid in pids:
        try:
            fd = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            left = max(0, deadline - time.monotonic())
            assert select.select([fd], [], [], left)[0], \
                'process %d has not ended' % pid
        finally:
            os.close(fd)


def path_asked_for(path):
    """Samba 4.22 makes a directory under a name of its own, and renames it."""
    return re.sub(r'\.::TMPNAME:D:[^:]*:', '', path)


def wait_until(condition, timeout=20, what='a condition'):
    """For what gives no event: ask often. Returns the true value."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, 'waited in vain for ' + what
        time.sleep(0.005)


def session_pids(session):
    """Pids of a session's processes that have not ended."""
    pids = []
    for entry in Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / 'stat').read_text().rsplit(')', 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[3]) == session and fields[0] not in 'ZX':
            pids.append(int(entry.name))
    return pids


# --- the modules of this build ------------------------------------------------

# Preloaded: into smbd, which has its module directory compiled in, so that
# nothing has to be installed to be tested; and into clients that have no
# option for the port, so that they come to the private smbd.
PRELOAD_C = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdlib.h>

const char *get_dyn_MODULESDIR(void);
const char *get_dyn_MODULESDIR(void)
{
	return getenv("VFS_LATENCY_MODULES");
}

int connect(int fd, const struct sockaddr *to, socklen_t length)
{
	int (*next)(int, const struct sockaddr *, socklen_t) =
		(int (*)(int, const struct sockaddr *, socklen_t))
		dlsym(RTLD_NEXT, "connect");
	struct sockaddr_in in = *(const struct sockaddr_in *)to;

	if (to->sa_family == AF_INET && in.sin_port == htons(445) &&
	    getenv("VFS_LATENCY_PORT") != NULL) {
		in.sin_port = htons(atoi(getenv("VFS_LATENCY_PORT")));
		to = (const struct sockaddr *)&in;
	}
	return next(fd, to, length);
}
'''


@pytest.fixture(scope='session')
def modules(tmp_path_factory):
    """Where the smbds of the tests find VFS modules: those of this build and
    of the tests, and else the installed ones."""
    assert os.geteuid() == 0, 'the end-to-end tests must run as root'
    for tool in 'smbd', 'smbclient', 'smbtorture', 'bpftrace', 'cc':
        assert shutil.which(tool), tool + ' is missing: see script/test'
    return make_modules(tmp_path_factory.mktemp('modules'))


def make_modules(directory):
    """The same in this directory."""
    text = run('smbd', '-b').stdout
    installed = Path(re.search(r'MODULESDIR: (\S+)', text).group(1))
    directory.chmod(0o755)
    (directory / 'vfs').mkdir()
    built = [BUILD / 'latency.so', *sorted((BUILD / 'tests').glob('*.so'))]
    for file in built:
        shutil.copy2(file, directory / 'vfs')
    for where in installed, installed / 'vfs':
        for file in where.iterdir():
            target = directory / file.relative_to(installed)
            if not target.exists():
                target.symlink_to(file)
    (directory / 'preload.c').write_text(PRELOAD_C)
    run('cc', '-shared', '-fPIC', '-o', directory / 'preload.so',
        directory / 'preload.c', '-ldl')
    run('cc', '-shared', '-fPIC', '-fno-builtin', '-o',
        directory / 'slow_calls.so',
        TOP / 'tests' / 'causes' / 'slow_calls.c', '-ldl')
    return directory / 'vfs'


# --- smbd -----------------------------------------------------------------------

class Smbd:
    """A private smbd with one share, `share`, on root's own files.

    latency, share, conf are paths: its segments, the share's files, smb.conf.
    """

    # What smbd is started by, as the first words of a command.
    wrapper = ()

    def __init__(self, directory, modules, objects, global_lines,
                 share_lines):
        self.directory = directory
        self.modules = modules
        self.objects = objects
        self.global_lines = list(global_lines)
        self.share_lines = list(share_lines)
        self.conf = directory / 'smb.conf'
        self.share = directory / 'share'
        self.latency = directory / 'lock' / 'latency'
        self.clients = []
        self.preload = [modules.parent / 'preload.so']

    def start(self):
        command = [*self.wrapper, TOP / 'script' / 'private-smbd', 'start',
                   self.directory, 0]
        if self.objects:
            command += ['-v', self.objects]
        for line in self.global_lines:
            command += ['-g', line]
        for line in self.share_lines:
            command += ['-s', line]
        run(*command, env=dict(
            os.environ, VFS_LATENCY_MODULES=str(self.modules.parent),
            LD_PRELOAD=' '.join(map(str, self.preload))))
        self.port = int((self.directory / 'port').read_text())
        self.session = int((self.directory / 'session').read_text())
        run('smbpasswd', '-c', self.conf, '-a', '-s', USER,
            stdin=None, input='%s\n%s\n' % (PASSWORD, PASSWORD))
        return self

    def stop(self):
        for client in self.clients:
            client.kill()
        run(TOP / 'script' / 'private-smbd', 'stop', self.directory)

    def pids(self):
        return session_pids(self.session)

    def measured(self):
        """Pids of the processes that have a segment and run."""
        found = {int(entry.name.split('-')[1])
                 for entry in self.latency.glob('smbd-*.segment')}
        return sorted(found & set(self.pids()))

    def logs(self):
        return ''.join(log.read_text(errors='replace')
                       for log in sorted(self.directory.glob('log.*')))

    def complaints(self):
        """What the module has said in smbd's logs."""
        return re.findall(r'vfs_latency: (.*)', self.logs())

    # The tools, asked about this smbd.

    def report(self, *options, check=True):
        """The reader's JSON. Does not wait for anything."""
        result = run(READER, '--segments', self.latency, '--json', *options,
                     check=check)
        return json.loads(result.stdout) if result.stdout else None

    def show(self, *options):
        """What the reader prints."""
        return run(READER, '--segments', self.latency, *options).stdout

    def final_report(self, *options):
        """The report when all clients have gone and their smbds ended."""
        for client in self.clients:
            client.close()
        wait_for_end(self.measured())
        return self.report(*options)

    def profile(self):
        """smbd's own counters: {name: {'count': ..., 'time': ...}}."""
        text = run('smbstatus', '-P', '-s', self.conf).stdout
        counters = {}
        for name, value in re.findall(r'^(\w+):\s+(\d+)$', text, re.M):
            found = re.match(r'(.*)_(count|time|idle|bytes|inbytes|outbytes)$',
                             name)
            if found:
                counters.setdefault(found.group(1), {})[
                    found.group(2)] = int(value)
        return counters

    def profile_on(self):
        run('smbcontrol', '-s', self.conf, 'smbd', 'profile', 'on')

    # Clients.

    def smbclient_command(self, share, user, options=()):
        return ['smbclient', '-p', str(self.port),
                '//127.0.0.1/' + share, '-U', user, '-s', str(self.conf),
                *map(str, options)]

    def smbclient(self, commands, share='share', user=None, check=True,
                  options=(), timeout=300, **process):
        """smbclient -c; its result. Commands may be a list."""
        if not isinstance(commands, str):
            commands = '; '.join(commands)
        return run(*self.smbclient_command(
            share, user or '%s%%%s' % (USER, PASSWORD), options),
            '-c', commands, check=check, timeout=timeout, **process)

    def client(self, share='share', user=None, options=()):
        """An smbclient that stays connected; see Client."""
        client = Client(self.smbclient_command(
            share, user or '%s%%%s' % (USER, PASSWORD), options))
        self.clients.append(client)
        return client

    def tool(self, name, *arguments):
        """rpcclient, smbcacls, ...: its result, whatever it is."""
        return run(name, '-s', self.conf, '-U', '%s%%%s' % (USER, PASSWORD),
                   *arguments, check=False, timeout=60, env=dict(
                       os.environ, VFS_LATENCY_PORT=str(self.port),
                       LD_PRELOAD=str(self.modules.parent / 'preload.so')))

    def torture(self, test, *options, share='share', check=True, timeout=None):
        if timeout is None:
            timeout = NOTIFY_TIMEOUT_S if 'notify' in test else 600
        return run('smbtorture', '//127.0.0.1/' + share,
                   '-p', self.port, '-U', '%s%%%s' % (USER, PASSWORD),
                   '-s', self.conf, *options, test, check=check,
                   timeout=timeout, cwd=self.directory)


class Client:
    """An smbclient that stays connected and does one command at a time."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            ['stdbuf', '-i0', '-o0', '-e0', *command], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0)
        self.number = 0
        self.run('')

    def run(self, command, timeout=300):
        """Do a command; what smbclient said to it."""
        self.send(command)
        return self.wait(timeout)

    def send(self, command):
        """Do a command; wait() for its end.

        smbclient polls before it reads: its stdin must be unbuffered, or it
        would wait with a line in its buffer.
        """
        self.number += 1
        self.output = b''
        self.token = 'token-%d-' % self.number
        text = command + '\n' if command else ''
        os.write(self.process.stdin.fileno(),
                 ('%s!echo %s\n' % (text, self.token)).encode())

    def answered(self, timeout=0):
        """Has the command sent been done?"""
        fd = self.process.stdout.fileno()
        deadline = time.monotonic() + timeout
        end = (self.token + '\n').encode()
        while end not in self.output:
            left = max(0, deadline - time.monotonic())
            if not select.select([fd], [], [], left)[0]:
                return False
            piece = os.read(fd, 1 << 16)
            assert piece, 'smbclient has ended: %s' % self.output.decode()
            self.output += piece
        return True

    def wait(self, timeout=300):
        assert self.answered(timeout), \
            'smbclient does not answer: %s' % self.output.decode()
        return self.output.decode(errors='replace').split(self.token)[0]

    def close(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait(30)
            self.process.stdout.close()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture(scope='module')
def shared_smbd(modules, tmp_path_factory):
    """Makes smbds that live as long as the tests of the file; see smbd."""
    yield from make_smbds(tmp_path_factory, modules)


@pytest.fixture
def smbd(modules, tmp_path_factory):
    """Makes private smbds, stopped when the test has ended:

    smbd(objects='latency', global_lines=[...], share_lines=[...], start=True)
    """
    yield from make_smbds(tmp_path_factory, modules)


def make_smbds(tmp_path_factory, modules):
    made = []

    def make(objects='latency', global_lines=(), share_lines=(), start=True):
        directory = tmp_path_factory.mktemp('smbd')
        directory.chmod(0o755)
        one = Smbd(directory, modules, objects, global_lines, share_lines)
        made.append(one)
        return one.start() if start else one

    try:
        yield make
    finally:
        for one in made:
            one.stop()
            shutil.rmtree(one.directory, ignore_errors=True)


# --- ways to talk to smbd -----------------------------------------------------------

# Dialect and protection, as options of smbclient and smbtorture. smbd makes
# replies in one way, and signs or encrypts them in place in as many.
WAYS = {
    '%s-%s' % (dialect, protection): [
        '--option=clientmaxprotocol=' + dialect,
        '--option=clientminprotocol=' + dialect,
        '--client-protection=' + protection]
    for dialect, protections in (
        ('SMB2_02', ['off', 'sign']), ('SMB2_10', ['off', 'sign']),
        ('SMB3_00', ['off', 'sign', 'encrypt']),
        ('SMB3_11', ['off', 'sign', 'encrypt']))
    for protection in protections}


@pytest.fixture(params=WAYS)
def way(request):
    """Each way in turn, as options."""
    return WAYS[request.param]


# --- files ----------------------------------------------------------------------

class Tree:
    """The tree of the 2017 talk, below path: 10,000 files of 10 KB."""

    FILES, DIRECTORIES, SIZE = 10000, 101, 10240

    def __init__(self, parent):
        self.parent = parent
        self.path = parent / 'tree'
        data = os.urandom(self.SIZE * 2)
        for number in range(self.DIRECTORIES - 1):
            directory = self.path / ('dir%03d' % number)
            directory.mkdir(parents=True)
            for file in range(100):
                start = number * 100 + file
                (directory / ('file%02d' % file)).write_bytes(
                    data[start:start + self.SIZE])

    # One smbclient command copies it in.
    @property
    def copy_in(self):
        return ['lcd %s' % self.parent, 'recurse', 'prompt', 'mput tree']

    def copied(self, share):
        """Is the copy below share complete and the same?"""
        copies = sorted(share.glob('tree/dir*/file*'))
        return len(copies) == self.FILES and all(
            copy.read_bytes() == (self.parent / copy.relative_to(share))
            .read_bytes() for copy in copies)


@pytest.fixture(scope='session')
def tree(tmp_path_factory):
    directory = tmp_path_factory.mktemp('tree')
    yield Tree(directory)
    shutil.rmtree(directory)


@pytest.fixture(scope='session')
def small_tree(tmp_path_factory):
    """The first 500 files of such a tree, and as a command to copy it in."""
    directory = tmp_path_factory.mktemp('small')
    for number in range(5):
        (directory / 'tree' / ('dir%d' % number)).mkdir(parents=True)
        for file in range(100):
            (directory / 'tree' / ('dir%d' % number) / ('file%02d' % file)
             ).write_bytes(os.urandom(10240))
    yield ['lcd %s' % directory, 'recurse', 'prompt', 'mput tree']
    shutil.rmtree(directory)


@pytest.fixture
def tmpfs(tmp_path_factory):
    """Mounts file systems of so many bytes: tmpfs(size); their paths."""
    mounted = []

    def mount(size):
        path = tmp_path_factory.mktemp('tmpfs')
        run('mount', '-t', 'tmpfs', '-o', 'size=%d,mode=0755' % size,
            'vfs_latency-test', path)
        mounted.append(path)
        return path

    yield mount
    for path in mounted:
        # Lazily: some smbd may still be about to end.
        run('umount', '-l', path)


# --- bpftrace ---------------------------------------------------------------------

def end_bpftrace(process, bpftrace, interrupt):
    """interrupt() a process that waits for bpftrace; its output and errors.

    bpftrace 0.17 does not notice a Ctrl-C that comes while it handles events:
    it goes on to wait for more. One that comes while it ends would kill it.
    """
    interrupt()
    for _ in range(30):
        try:
            return process.communicate(timeout=2)
        except subprocess.TimeoutExpired:
            waits = Path('/proc/%d/wchan' % bpftrace()).read_text()
            if 'epoll_wait' in waits:
                interrupt()
    raise AssertionError('bpftrace does not end')


class Tracer:
    """bpftrace with this program, from attached to stopped."""

    def __init__(self, program, *options):
        self.process = subprocess.Popen(
            ['bpftrace', '-B', 'line', *options, '-e',
             'BEGIN { printf("attached\\n"); } ' + program],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            universal_newlines=True,
            env=dict(os.environ, BPFTRACE_MAP_KEYS_MAX='1000000',
                     BPFTRACE_MAX_PROBES='2000'))
        for line in self.process.stdout:
            if line == 'attached\n':
                return
        raise AssertionError('bpftrace: ' + self.process.stderr.read())

    def stop(self):
        """What it printed, its maps included."""
        output, errors = end_bpftrace(
            self.process, lambda: self.process.pid,
            lambda: self.process.send_signal(signal.SIGINT))
        assert self.process.returncode == 0, errors
        assert 'Lost' not in output + errors, 'bpftrace lost events'
        return output

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def tracer():
    made = []

    def make(program, *options):
        made.append(Tracer(program, *options))
        return made[-1]

    yield make
    for one in made:
        one.kill()


@pytest.fixture(scope='session')
def vfs_library():
    """The file that holds smb_vfs_call_openat(): a library, or smbd."""
    smbd = shutil.which('smbd')
    files = re.findall(r'=> (/\S+)', run('ldd', smbd).stdout) + [smbd]
    for file in files:
        if 'smb' in file and ' smb_vfs_call_openat' in run(
                'nm', '-D', '--defined-only', file, check=False).stdout:
            return os.path.realpath(file)
    raise AssertionError('found no smb_vfs_call_openat()')


def list_ops():
    """All ops that this build measures."""
    return [line.split()[0]
            for line in run(READER, '--list-ops').stdout.splitlines()]
