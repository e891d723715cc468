# SPDX-License-Identifier: GPL-3.0-or-later
"""Each call that the module makes of libc or talloc fails, one after the other,
once or from then on: see fault.c. The client notices nothing, smbd does not
panic, says little, and the next one is measured.

Then the directory is taken away, and put back, under smbds that run.
"""

import errno
import os
import shutil

from conftest import make_modules, wait_until

FAULTS = {
    'openat': errno.EMFILE, 'open': errno.EMFILE, 'fstat': errno.EIO,
    'fstatat': errno.EIO, 'fcntl': errno.ENOLCK, 'mmap': errno.ENOMEM,
    'posix_fallocate': errno.ENOSPC, 'sigaction': errno.EINVAL,
    'linkat': errno.ENOSPC, 'renameat': errno.EIO, 'renameat2': errno.EIO,
    'unlinkat': errno.EROFS, 'mkdir': errno.ENOSPC, 'pread': errno.EIO,
    'pwrite': errno.ENOSPC, 'read': errno.EIO, 'fdopendir': errno.ENOMEM,
    'readdir': errno.EIO, 'utimensat': errno.EPERM,
    'open_memstream': errno.ENOMEM,
    'getsockopt': errno.EINVAL, 'getrusage': errno.EINVAL,
    'malloc': errno.ENOMEM, 'calloc': errno.ENOMEM, 'realloc': errno.ENOMEM,
    'strdup': errno.ENOMEM, '_talloc_zero': errno.ENOMEM,
}
# What one that fails for ever may say: each of our complaints is made once.
SAID_MOST = 4
COMMANDS = 'mkdir d; cd d; prompt; lcd %s; mput *; ls; rename a b; get b -; ' \
    'del *; cd ..; rmdir d'


def use(server, sources):
    """All that a client does succeeds."""
    result = server.smbclient(COMMANDS % sources)
    output = result.stdout + result.stderr
    assert 'NT_STATUS' not in output, output


class Fault:
    def __init__(self, directory):
        self.file = directory / 'fault'
        self.hits = directory / 'fault.hit'
        self.set('none 0 0 once')

    def set(self, text):
        self.hits.unlink(missing_ok=True)
        self.file.write_text(text)


def strike(server, fault, sources, text):
    """One client whose smbd has this fault; was it hit?"""
    for lock in server.latency.glob('lock'):
        os.utime(lock, (1, 1))          # so that smbds fold
    fault.set(text)
    said = len(server.complaints())
    use(server, sources)
    wait_until(lambda: not server.measured(), what='its smbd to end')
    hit = fault.hits.exists()
    said = server.complaints()[said:]
    assert len(said) <= SAID_MOST, '%s: %s' % (text, said)
    assert 'PANIC' not in server.logs(), text
    fault.set('none 0 0 once')
    return hit


def make_faulty(directory):
    """Modules like those of this build, whose calls can be made to fail."""
    (directory / 'modules').mkdir()
    modules = make_modules(directory / 'modules')
    shutil.move(modules / 'faulty.so', modules / 'latency.so')
    return modules


def each_call(torture, sources):
    """How many faults there were, of how many functions."""
    fault = Fault(torture.directory)
    os.environ['VFS_LATENCY_FAULT'] = str(fault.file)
    modules = make_faulty(torture.directory)
    most = torture.rounds(1000, 2)
    done, functions = 0, set()
    with torture.smbd(modules=modules,
                      share_lines=['latency:slow threshold = 1']) as server:
        for number, (name, code) in enumerate(FAULTS.items()):
            for mode in 'once', 'ever':
                for n in range(1, most + 1):
                    # The directory is made anew, too.
                    if n % 2:
                        shutil.rmtree(server.latency, ignore_errors=True)
                    if not strike(server, fault, sources, '%s %d %d %s' % (
                            name, n, code, mode)):
                        break
                    done += 1
                    functions.add(name)
            torture.progress(number + 1, len(FAULTS), 'functions')
        shutil.rmtree(server.latency, ignore_errors=True)
        use(server, sources)
        report = server.final_report()
        assert report['vfs_operations']['pwrite']['count'] > 0
        assert report['unmeasured'] == 0
    del os.environ['VFS_LATENCY_FAULT']
    return done, len(functions)


def directory_taken_away(torture, sources):
    """How often the directory was removed or replaced under smbds."""
    rounds = torture.rounds(60, 6)
    with torture.smbd() as server:
        for number in range(rounds):
            client = server.client()
            client.run('lcd %s' % sources)
            how = number % 3
            if how == 0:
                shutil.rmtree(server.latency)
            elif how == 1:
                server.latency.rename(server.latency.parent / 'gone')
            else:
                server.latency.rename(server.latency.parent / 'gone')
                server.latency.write_text('a file')
            output = client.run('prompt\nmput *\nls\ndel *')
            assert 'NT_STATUS' not in output, output
            use(server, sources)
            if server.latency.is_file():
                server.latency.unlink()
            shutil.rmtree(server.latency.parent / 'gone', ignore_errors=True)
            client.close()
            # It is there again, and so are new smbds.
            use(server, sources)
            report = server.report()
            assert report['vfs_operations']['connect']['count'] >= 1
            torture.progress(number + 1, rounds, 'directories')
        assert 'PANIC' not in server.logs()
    return rounds


def run(torture):
    sources = torture.directory / 'sources'
    sources.mkdir()
    for name in 'a', 'c':
        (sources / name).write_bytes(os.urandom(5000))
    faults, functions = each_call(torture, sources)
    return ('%d faults in %d functions, %d directories taken away: no client '
            'noticed, the next smbd was measured' % (
                faults, functions, directory_taken_away(torture, sources)))
