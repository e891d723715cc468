# SPDX-License-Identifier: GPL-3.0-or-later
"""script/torture works: its quickest parts, in the way in which it runs them."""

import os

from conftest import BUILD, TOP, run

ENVIRONMENT = dict(os.environ, VFS_LATENCY_BUILD=str(BUILD))


def torture(*words, check=True):
    return run(TOP / 'tests' / 'torture' / 'run', *words, check=check,
               timeout=600, env=ENVIRONMENT)


def test_a_part_that_does_not_exist():
    result = torture('kill', check=False)
    assert result.returncode == 2
    assert 'no part is called kill; there are: kills, ' in result.stderr


def test_nothing_is_lost_or_counted_twice_when_all_are_killed():
    result = torture('--quick', '--seed', '1', 'kills')
    assert result.stdout.splitlines()[-1].startswith('kills        ok')
    assert 'none lost, none twice' in result.stdout
