# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the reader's output goes: full, closed, or not read for a while."""

import json
import signal
import subprocess
import time

import pytest

from conftest import READER, run


@pytest.fixture
def segments(tmp_path):
    """A segment directory that nobody counts in."""
    directory = tmp_path / 'latency'
    directory.mkdir(mode=0o700)
    return directory


def start(directory, *words, **options):
    return subprocess.Popen(
        [READER, *words, '--segments', directory], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, universal_newlines=True, **options)


@pytest.mark.parametrize('words', [
    ['-i', '0.05', '-c', '1'], ['-i', '0.05', '-c', '1', '--json'],
    ['all', 'status'], ['--prometheus'], ['--list-ops'], ['--help'],
    ['--version']])
def test_no_room_is_said_once(segments, words):
    options = [] if words[0] in ('--list-ops', '--help', '--version') else \
        ['--segments', segments]
    with open('/dev/full', 'w', encoding='utf-8') as full:
        result = subprocess.run([READER, *words, *options], stdout=full,
                                stderr=subprocess.PIPE, check=False,
                                universal_newlines=True, timeout=60)
    assert result.returncode == 1
    assert result.stderr.count('cannot write') == 1
    assert 'No space left on device' in result.stderr


@pytest.mark.parametrize('words', [['slow', '--follow'], ['-i', '1000']])
def test_it_ends_when_nobody_reads_any_more(segments, words):
    process = start(segments, *words)
    process.stdout.close()
    assert process.wait(10) == -signal.SIGPIPE
    process.stderr.close()


def test_a_pause_is_one_long_interval(segments):
    process = start(segments, '-i', '0.2', '--json')

    def length():
        return json.loads(process.stdout.readline())['running_for_ms']

    length()
    process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    process.send_signal(signal.SIGCONT)
    lengths = [length() for _ in range(5)]
    process.terminate()
    process.communicate()
    longest = lengths.index(max(lengths))
    assert lengths[longest] >= 1400
    # None of those missed follows; the next one may end at the next tick.
    assert sum(lengths[longest + 1:]) >= 150 * (4 - longest - 1)


def test_a_pause_is_said(segments):
    process = start(segments, '-i', '0.2')
    process.stdout.readline()
    process.send_signal(signal.SIGSTOP)
    time.sleep(1.5)
    process.send_signal(signal.SIGCONT)
    while True:
        line = process.stdout.readline()
        assert line
        if line.endswith(' s since the last one, not 0.2 s\n'):
            break
    process.terminate()
    process.communicate()


def test_each_problem_is_said_once(segments):
    for number in 1, 2:
        (segments / ('smbd-%d-%016x.segment' % (number, number))).write_bytes(
            b'garbage!' * 65536)
    result = run(READER, '--segments', segments, '-i', '0.02', '-c', '5',
                 check=False)
    for number in 1, 2:
        assert result.stderr.count('left out: smbd-%d-' % number) == 1
