# SPDX-License-Identifier: GPL-3.0-or-later
"""What ./configure says to a Samba whose VFS table is not in the op table."""

import re
import sys

import pytest

from conftest import TOP, run

sys.path.insert(0, str(TOP / 'script'))
sys.dont_write_bytecode = True
import vfs_table  # noqa: E402  pylint: disable=wrong-import-position

NEWEST = max(vfs_table.versions())


def declaration(slot, types):
    result, parameters = types
    if result is None:
        return 'void (*%s_fn)(void);' % slot
    return '%s (*%s_fn)(struct vfs_handle_struct *handle, %s);' % (
        result, slot, ',\n\t'.join('%s a%d' % (one, number) for number, one
                                   in enumerate(parameters)))


@pytest.fixture
def samba(tmp_path):
    """Makes a Samba source tree, as far as a version is looked for:
    samba(interface version, {slot: types}); its path."""
    def make(number, slots):
        for name in 'third_party/waf/waflib', 'buildtools/bin/waf':
            (tmp_path / name).mkdir(parents=True)
        (tmp_path / 'VERSION').write_text(
            'SAMBA_VERSION_MAJOR=4\nSAMBA_VERSION_MINOR=99\n'
            'SAMBA_VERSION_RELEASE=1\n')
        (tmp_path / 'source3/include').mkdir(parents=True)
        (tmp_path / 'source3/include/vfs.h').write_text(
            '/* struct vfs_fn_pointers { int (*not_fn)(void); */\n'
            '#define SMB_VFS_INTERFACE_VERSION %d\n'
            'struct vfs_fn_pointers {\n\t%s\n};\n' % (
                number, '\n\t'.join(declaration(*slot)
                                    for slot in slots.items())))
        return tmp_path

    return make


def refusal(tree):
    made = run(TOP / 'script' / 'samba-headers', '--other-samba',
               '--with-samba-source', tree, '--cache', tree / 'cache',
               check=False)
    assert made.returncode == 1
    return made.stderr


def slots():
    return vfs_table.slots_of_table(NEWEST)


def test_an_unknown_version_is_refused(samba):
    said = refusal(samba(NEWEST + 1, slots()))
    assert 'Samba 4.99.1 has VFS interface version %d' % (NEWEST + 1) in said
    assert 'this vfs_latency knows 47 to %d' % NEWEST in said


def test_a_new_slot_is_named_with_its_type(samba):
    table = dict(slots(), brandnew=('int', ['files_struct *', 'bool']))
    assert ('  new slot: brandnew: int (files_struct *, bool)\n'
            in refusal(samba(NEWEST + 1, table)))


def test_a_missing_slot_is_named(samba):
    table = slots()
    del table['pread_recv'], table['lseek']
    said = refusal(samba(NEWEST + 1, table))
    assert re.findall('missing slot: (.*)', said) == ['pread_recv', 'lseek']


def test_a_changed_slot_is_named_with_both_types(samba):
    table = dict(slots(), close=('int', ['files_struct *', 'int']))
    assert ('  changed slot: close: int (files_struct *, int), was '
            'int (files_struct *)\n' in refusal(samba(NEWEST + 1, table)))


def test_a_version_with_the_same_slots_says_so(samba):
    said = refusal(samba(NEWEST + 1, slots()))
    assert 'Compared with version %d:\n  the same slots' % NEWEST in said


def test_a_known_number_with_another_table_is_refused(samba):
    table = slots()
    del table['lseek']
    said = refusal(samba(NEWEST, table))
    assert 'version %d, but not its table' % NEWEST in said
    assert 'missing slot: lseek' in said
