# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fuzzer, with files of a real smbd as a beginning, two at a time.

FUZZ_MINUTES=N is how long all of it may take, instead of its share of the hour.
"""

import os
import threading
import time

import fuzzers
from pool import Pool

# Each ends after so many runs, or when its part of the time is over.
RUNS = 10000000
WORKERS = 2
SECONDS, SECONDS_QUICK = 20 * 60, 50


class Clock:
    """Parts what is left of the time among the fuzzers that are to come.

    The fast ones come first: what they do not need the others have more.
    """

    def __init__(self, seconds, fuzzers_left):
        self.end = time.monotonic() + seconds
        self.left = fuzzers_left
        self.lock = threading.Lock()

    def share(self):
        with self.lock:
            seconds = (self.end - time.monotonic()) * WORKERS / self.left
            self.left -= 1
            # Of the last ones each has a worker to itself.
            return max(1, min(seconds, self.end - time.monotonic()))


def described(name, runs):
    return '%s %d in %d s, %d a second, coverage %d (%d)%s' % (
        name, runs.count, runs.seconds, runs.rate, runs.coverage,
        runs.features, '' if runs.count >= RUNS else ', NOT 10 million')


def seconds_for_all(torture):
    minutes = os.environ.get('FUZZ_MINUTES')
    return (float(minutes) * 60 if minutes else
            torture.rounds(SECONDS, SECONDS_QUICK))


def run(torture):
    os.nice(19)         # other parts wait for their clients
    for name in fuzzers.FUZZERS:
        assert fuzzers.program(name), \
            'there is no fuzz_%s: build with clang, as script/torture does' \
            % name
    seeds = torture.directory / 'seeds'
    with torture.smbd() as server:
        fuzzers.make_seeds(server, seeds)
    clock = Clock(seconds_for_all(torture), len(fuzzers.FUZZERS))
    seed = torture.random.randrange(1, 1 << 31)
    counts, found = {}, []

    def show(name, runs):
        counts[name] = min(runs.count, RUNS)
        torture.progress(sum(counts.values()), RUNS * len(fuzzers.FUZZERS),
                         'runs; ' + described(name, runs))

    def one(name):
        where = torture.directory / name
        where.mkdir()
        try:
            done = fuzzers.fuzz(name, seeds, where, RUNS, seed, clock.share(),
                                lambda runs: show(name, runs))
        except AssertionError as finding:
            found.append(str(finding))
            return None
        print('    ' + described(name, done), flush=True)
        return name, done

    with Pool(WORKERS) as pool:
        done = [runs for runs in pool.map(one, fuzzers.FUZZERS) if runs]
    assert not found, '\n'.join(found)
    return summary(done)


def summary(done):
    """What was done, and what was not: in words that can be quoted."""
    short = ['%s %s' % (name, format(runs.count, ','))
             for name, runs in done if runs.count < RUNS]
    enough = [name for name, runs in done if runs.count >= RUNS]
    text = 'no finding'
    if enough:
        text += '; 10 million runs: ' + ', '.join(enough)
    if short:
        text += '; fewer: ' + ', '.join(short)
    return text
