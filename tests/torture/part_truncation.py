# SPDX-License-Identifier: GPL-3.0-or-later
"""Each file of ours cut off at any byte.

A segment under a running smbd: smbd serves on, and says once what happened.
What lies in the directory when an smbd connects or a reader comes, and the files
of the reader: the reader, built with sanitizers, ends with a status of its own,
and what it cannot read it names.
"""

import json
import os
import shutil
import subprocess

from conftest import BUILD, READER, run as run_command, wait_for_end, \
    wait_until
from test_stat_history import Recorder
from fuzzers import copy_database

SANITIZED = BUILD / 'sanitize' / 'smblatency-stat'
COPY = ['prompt', 'mput *', 'ls', 'mget *', 'del *']


def cuts(torture, size, how_many):
    """Sizes below this one: all where that is possible."""
    if size <= how_many:
        return range(size)
    # In the front is what all else is found by.
    front = [torture.random.randrange(min(size, 20000))
             for _ in range(how_many // 2)]
    rest = [torture.random.randrange(size) for _ in range(how_many // 4)]
    lines = [64 * torture.random.randrange(size // 64)
             for _ in range(how_many // 4)]
    return [0, 1, size - 1, *front, *rest, *lines]


# --- under smbds ------------------------------------------------------------------

def under_smbds(torture, sources):
    """How often a segment was cut while its smbd was at work."""
    rounds = torture.rounds(300, 15)
    with torture.smbd() as server:
        for number in range(rounds):
            client = server.client(options=['-D', '.'])
            client.run('lcd %s' % sources)
            segment, = server.latency.glob('smbd-*')
            pid, = server.measured()
            size = segment.stat().st_size
            # In the middle of the copy, as good as that can be had.
            client.send('\n'.join(COPY))
            if number % 2:
                wait_until(lambda: any(server.share.iterdir()))
            os.truncate(segment, torture.random.randrange(size))
            if number % 3 == 0:
                os.truncate(segment, size)      # zeros behind the cut
            output = client.wait()
            output += client.run('ls')
            assert 'NT_STATUS' not in output.replace(
                'NT_STATUS_NO_SUCH_FILE', ''), output
            assert server.measured() == [pid], 'smbd has died'
            result = run_command(SANITIZED, '--segments', server.latency,
                                 '--json', check=False)
            assert result.returncode in (0, 1), result.stderr
            client.close()
            wait_for_end([pid])
            segment.unlink(missing_ok=True)
            torture.progress(number + 1, rounds, 'segments cut under smbds')
        assert 'PANIC' not in server.logs()
        complaints = server.complaints()
        assert len(complaints) <= rounds
        assert all('truncated' in line for line in complaints), complaints
        # And the next one is measured.
        client = server.client()
        client.run('mkdir later')
        assert server.report()['vfs_operations']['mkdirat']['count'] == 1
    return rounds


def under_folding(torture, server, files):
    """How many cut files smbds found when they connected."""
    rounds = torture.rounds(200, 10)
    for number in range(rounds):
        for file in server.latency.iterdir():
            file.unlink()
        name = torture.random.choice(['dead', 'departed', 'control', 'lock'])
        file = files[name]
        target = server.latency / file.name
        shutil.copy(file, target)
        os.truncate(target, torture.random.randrange(file.stat().st_size + 1))
        os.utime(server.latency / 'lock', (1, 1)) \
            if (server.latency / 'lock').exists() else None
        server.smbclient('ls')
        server.smbclient('ls')
        wait_until(lambda: not server.measured(), what='smbds to end')
        run_command(SANITIZED, '--segments', server.latency, '--json',
                    check=False)
        # What is bad is named once and set aside; then all is well.
        report = json.loads(run_command(
            READER, '--segments', server.latency, '--json').stdout)
        assert report['vfs_operations']['connect']['count'] >= 1, name
        torture.progress(number + 1, rounds, 'files cut before smbds came')
    assert 'PANIC' not in server.logs()
    return rounds


# --- under the reader --------------------------------------------------------------

def make_files(torture, server, sources):
    """One of each file of ours: {name: path}."""
    keep = torture.directory / 'files'
    keep.mkdir()
    recorder = Recorder(server).start()
    run_command(READER, '--segments', server.latency, 'all', 'threshold', '1')
    client = server.client()
    client.run('lcd %s' % sources)
    for command in COPY[:2]:
        client.run(command)
    segment, = server.latency.glob('smbd-*')
    shutil.copy(segment, keep)
    files = {'dead': keep / segment.name}
    recorder.next()
    recorder.stop()
    server.report()
    run_command(READER, '--segments', server.latency, 'all', 'reset')
    server.final_report()
    for path in server.latency.iterdir():
        if path.is_file():
            shutil.copy(path, keep)
            files[path.name.split('.')[0]] = keep / path.name
    files['history'] = keep / 'history.db'
    copy_database(recorder.database, files['history'])
    files['merge'] = keep / 'report.json'
    files['merge'].write_text(server.show('--json'))
    return files


def complains(result, what):
    """The reader has ended by itself, and said why if it failed."""
    assert result.returncode in (0, 1), '%s: %d\n%s' % (
        what, result.returncode, result.stderr)
    assert result.returncode == 0 or 'smblatency-stat: ' in result.stderr, \
        what


def under_reader(torture, files):
    """How many cut files a reader met."""
    directory = torture.directory / 'segments'
    work = []
    for name, file in sorted(files.items()):
        work += [(name, file, size) for size in cuts(
            torture, file.stat().st_size, torture.rounds(300, 12))]
    for number, (name, file, size) in enumerate(work):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700)
        command = ['--segments', directory, '--json']
        if name == 'merge':
            command = ['merge']
        elif name == 'history':
            command = ['--database', directory / file.name, '--to', 'now']
        elif name != 'dead':
            # Beside it something to report.
            shutil.copy(files['dead'], directory)
        shutil.copy(file, directory)
        target = directory / file.name
        os.truncate(target, size)
        if name == 'merge':
            command += [target, files['merge']]
        complains(run_command(SANITIZED, *command, check=False,
                              timeout=60), '%s cut at %d' % (name, size))
        torture.progress(number + 1, len(work), 'files cut under a reader')
    return len(work)


def run(torture):
    sources = torture.directory / 'sources'
    sources.mkdir()
    for number in range(20):
        (sources / ('file%d' % number)).write_bytes(os.urandom(10000))
    with torture.smbd() as server:
        server.latency.mkdir(mode=0o700)
        server.smbclient('ls')
        files = make_files(torture, server, sources)
        cut = under_smbds(torture, sources)
        met = under_folding(torture, server, files)
    read = under_reader(torture, files)
    return ('%d segments cut under smbds, %d files before smbds came, %d '
            'files (%s) under a reader: smbd serves on, nobody crashes' % (
                cut, met, read, ', '.join(sorted(files))))
