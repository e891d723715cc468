# SPDX-License-Identifier: GPL-3.0-or-later
"""A short run of each fuzzer; script/torture has the long ones."""

import sys

import pytest

from conftest import TOP

sys.path.append(str(TOP / 'tests' / 'fuzz'))
# pylint: disable=wrong-import-position
import fuzzers  # noqa: E402

RUNS = {'control': 20000, 'counters': 40000, 'fold': 4000, 'segment': 4000,
        'merge': 4000, 'http': 5000, 'counts': 4000, 'baseline': 1000,
        'commands': 1000, 'history': 200}


@pytest.fixture(name='seeds', scope='module')
def fixture_seeds(shared_smbd, tmp_path_factory):
    directory = tmp_path_factory.mktemp('fuzz') / 'seeds'
    fuzzers.make_seeds(shared_smbd(), directory)
    return directory


@pytest.mark.parametrize('name', fuzzers.FUZZERS)
def test_fuzzer_finds_nothing(name, seeds, tmp_path):
    if not fuzzers.program(name):
        pytest.skip('no build with clang in build-clang')
    done = fuzzers.fuzz(name, seeds, tmp_path, RUNS[name], 1)
    assert done.count >= RUNS[name]
