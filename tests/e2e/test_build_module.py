# SPDX-License-Identifier: GPL-3.0-or-later
"""script/build-module: is the module in place the one for the installed Samba?

The smbd here is a script that says which one it is.
"""

import os
import shutil

import pytest

from conftest import BUILD, TOP, run


@pytest.fixture
def check(tmp_path):
    """Runs build-module --check beside a Samba: check(version)."""
    smbd = tmp_path / 'bin' / 'smbd'
    smbd.parent.mkdir()
    (tmp_path / 'vfs').mkdir()

    def run_it(version):
        smbd.write_text('#!/bin/sh\ncase $1 in\n'
                        '-V) echo Version %s ;;\n'
                        '-b) echo "   MODULESDIR: %s" ;;\nesac\n'
                        % (version, tmp_path))
        smbd.chmod(0o755)
        return run(TOP / 'script' / 'build-module', '--check', check=False,
                   env=dict(os.environ, PATH='%s:%s' % (smbd.parent,
                                                        os.environ['PATH'])))

    run_it.module = tmp_path / 'vfs' / 'latency.so'
    return run_it


def test_without_a_module_one_is_to_be_built(check):
    answer = check('4.17.12-Debian')
    assert answer.returncode == 1
    assert 'Samba 4.17; its module latency is for no known Samba' \
        in answer.stderr


def test_a_module_of_the_release_is_right(check):
    check.module.write_bytes(b'\0vfs_latency 0.1.0 for Samba 4.17.7\0')
    assert check('4.17.12-Debian').returncode == 0


def test_a_module_of_another_release_is_not(check):
    check.module.write_bytes(b'\0vfs_latency 0.1.0 for Samba 4.17.12\0')
    answer = check('4.18.1')
    assert answer.returncode == 1
    assert 'for 4.17.' in answer.stderr


def test_the_module_of_this_build_is_known_again(check):
    shutil.copy(BUILD / 'latency.so', check.module)
    version = run('smbd', '-V').stdout.split()[-1]
    assert check(version).returncode == 0
