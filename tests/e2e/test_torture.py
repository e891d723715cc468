# SPDX-License-Identifier: GPL-3.0-or-later
"""script/torture works: its quickest parts, in the way in which it runs them."""

import contextlib
import os
import sys

import pytest

from conftest import BUILD, TOP, run

sys.path.append(str(TOP / 'tests' / 'torture'))
# pylint: disable=wrong-import-position
import part_between  # noqa: E402
import part_transparency  # noqa: E402

ENVIRONMENT = dict(os.environ, VFS_LATENCY_BUILD=str(BUILD))


def torture(*words, check=True):
    return run(TOP / 'tests' / 'torture' / 'run', *words, check=check,
               timeout=600, env=ENVIRONMENT)


def test_a_part_that_does_not_exist():
    result = torture('kill', check=False)
    assert result.returncode == 2
    assert 'no part is called kill; there are: soak, ' in result.stderr


def test_nothing_is_lost_or_counted_twice_when_all_are_killed():
    result = torture('--quick', '--seed', '1', 'kills')
    assert result.stdout.splitlines()[-1].startswith('kills        ok')
    assert 'none lost, none twice' in result.stdout


class Smbds:
    """Stands in for the part's Torture."""

    def __init__(self, make):
        self.make = make

    def smbd(self, objects):
        return contextlib.nullcontext(self.make(objects=objects))


def test_a_module_that_changes_a_result_is_found(smbd, monkeypatch):
    monkeypatch.setitem(part_transparency.GROUPS, 'plain', (
        '', {'alone': 'latency', 'read-only': 'latency readonly'}, ''))
    suite, = part_transparency.compare(
        Smbds(smbd), 'plain', {'smb2.mkdir': ['smb2.mkdir']}, 2)
    assert suite.count('success') == 1
    assert suite.differ('alone') == []
    assert suite.differ('read-only') == ['smb2.mkdir']


def test_no_module_around_it_makes_a_difference():
    result = torture('between')
    assert result.stdout.splitlines()[-1].startswith('between      ok')


def test_a_call_that_a_layer_changes_is_found(smbd, monkeypatch, tmp_path):
    class Torture(Smbds):
        directory = tmp_path

        def smbd(self, objects, global_lines, share_lines):
            return contextlib.nullcontext(self.make(
                objects=objects, global_lines=global_lines,
                share_lines=share_lines))

    (tmp_path / 'file').write_text('x')
    right = part_between.stacks('catia')
    monkeypatch.setattr(part_between, 'TRIES', 1)
    monkeypatch.setattr(part_between, 'stacks', lambda module: {
        **right, ('top', True): 'full_audit latency:top readonly'})
    with pytest.raises(AssertionError, match='catia, seen from the top: .*'
                       r'create_file fail'):
        part_between.compare(Torture(smbd), 'catia')
