# SPDX-License-Identifier: GPL-3.0-or-later
"""Every fuzzer, with files of a real smbd as a beginning, two at a time."""

from concurrent.futures import ThreadPoolExecutor

import fuzzers

# Each ends after so many runs, or so many seconds.
RUNS = 10000000


def run(torture):
    for name in fuzzers.FUZZERS:
        assert fuzzers.program(name), \
            'there is no fuzz_%s: build with clang, as script/torture does' \
            % name
    seeds = torture.directory / 'seeds'
    with torture.smbd() as server:
        fuzzers.make_seeds(server, seeds)
    seconds = torture.rounds(120, 10)
    seed = torture.random.randrange(1, 1 << 31)
    done, found = 0, []

    def one(name):
        nonlocal done
        where = torture.directory / name
        where.mkdir()
        try:
            runs = fuzzers.fuzz(name, seeds, where, RUNS, seed, seconds)
        except AssertionError as finding:
            found.append(str(finding))
            runs = 0
        done += 1
        torture.progress(done, len(fuzzers.FUZZERS), 'fuzzers')
        return '%s %d' % (name, runs)

    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(one, fuzzers.FUZZERS))
    assert not found, '\n'.join(found)
    return 'runs without a finding: ' + ', '.join(counts)
