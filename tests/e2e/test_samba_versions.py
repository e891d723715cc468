# SPDX-License-Identifier: GPL-3.0-or-later
"""A Samba that is not the right one: whose VFS table is not in the op table,
for ./configure; that the module was not built for, when smbd loads it.
"""

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


# --- the module, in an smbd of another release ---------------------------------

# Preloaded: an smbd that calls itself VERSION, and, to the latency module, has
# the VFS interface INTERFACE. Samba registers its own module first, with the
# true number.
OTHER_SAMBA_C = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

const char *samba_version_string(void);
const char *samba_version_string(void)
{
	return VERSION;
}

uint32_t smb_register_vfs(int version, const char *name, const void *fns);
uint32_t smb_register_vfs(int version, const char *name, const void *fns)
{
	static int true_version;
	uint32_t (*next)(int, const char *, const void *) =
		(uint32_t (*)(int, const char *, const void *))
		dlsym(RTLD_NEXT, "smb_register_vfs");

	if (strcmp(name, "latency") != 0) {
		true_version = version;
	} else if (INTERFACE != 0) {
		version = version == INTERFACE ? true_version : -1;
	}
	return next(version, name, fns);
}
'''


@pytest.fixture
def other_samba(smbd, tmp_path):
    """Starts an smbd that calls itself so: other_samba(version, interface)."""
    def start(version, interface=0):
        source, library = tmp_path / 'other.c', tmp_path / 'other.so'
        source.write_text(OTHER_SAMBA_C)
        run('cc', '-shared', '-fPIC', '-DVERSION="%s"' % version,
            '-DINTERFACE=%d' % interface, '-o', library, source, '-ldl')
        server = smbd(start=False)
        server.preload.append(library)
        return server.start()

    return start


def our_version():
    return re.search(r'Version ((\d+\.\d+)\.\d+)', run('smbd', '-V').stdout)


def test_another_version_of_the_release_is_measured(other_samba):
    server = other_samba(our_version().group(2) + '.99-Other')
    server.smbclient('ls')
    assert server.complaints() == []
    assert server.final_report()['vfs_operations']['connect']['count'] == 1


@pytest.mark.parametrize('version, interface', [
    # The same interface number, of a release that was not there yet.
    ('4.99.0', 0),
    # Another number, which the op table knows.
    ('4.19.4', 49), ('4.25.0pre1-GIT-0123456', 53)])
def test_another_release_serves_the_share_unmeasured(other_samba, version,
                                                     interface, tmp_path):
    server = other_samba(version, interface)
    (server.share / 'file').write_text('content')
    server.smbclient(['lcd %s' % tmp_path, 'get file', 'put file second'])
    assert (tmp_path / 'file').read_text() == 'content'
    assert (server.share / 'second').read_text() == 'content'
    assert not server.latency.exists()


@pytest.mark.parametrize('suffix', ['pre1', 'rc2-GIT-0123456'])
def test_a_release_to_come_is_another(other_samba, suffix):
    server = other_samba(our_version().group(2) + '.0' + suffix)
    assert server.smbclient('ls').returncode == 0
    assert not server.latency.exists()


def test_another_release_is_said_once_a_process(other_samba):
    server = other_samba('4.99.0')
    server.smbclient(['ls', 'tcon share', 'ls'])
    said, = server.complaints()
    assert 'this is Samba 4.99.0, but the module is vfs_latency' in said
    assert 'for Samba %s. Install' % our_version().group(1) in said
    assert said.endswith('work as if it were not there.')


def test_an_interface_that_nobody_knew_is_said(other_samba):
    server = other_samba('4.99.0', 99)
    answer = server.smbclient('ls', check=False)
    assert answer.returncode != 0
    assert any(line.endswith('refuse their clients.')
               for line in server.complaints())
