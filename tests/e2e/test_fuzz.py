# SPDX-License-Identifier: GPL-3.0-or-later
"""A short run of each fuzzer; script/torture has the long ones."""

import sys

import pytest

from conftest import TOP

sys.path.append(str(TOP / 'tests' / 'fuzz'))
# pylint: disable=wrong-import-position
import fuzzers  # noqa: E402

RUNS = {'segment': 400, 'fold': 400, 'baseline': 100, 'commands': 300,
        'control': 5000, 'counters': 20000,
        'counts': 3000, 'history': 100, 'merge': 200,
        'http': 3000}


@pytest.fixture(name='seeds', scope='module')
def fixture_seeds(shared_smbd, tmp_path_factory):
    directory = tmp_path_factory.mktemp('fuzz') / 'seeds'
    fuzzers.make_seeds(shared_smbd(), directory)
    return directory


@pytest.mark.parametrize('name', fuzzers.FUZZERS)
def test_fuzzer_finds_nothing(name, seeds, tmp_path):
    if not fuzzers.program(name):
        pytest.skip('no build with clang in build-clang')
    assert fuzzers.fuzz(name, seeds, tmp_path, RUNS[name], 1) >= RUNS[name]
