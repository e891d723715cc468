# SPDX-License-Identifier: GPL-3.0-or-later
"""doctor: what is wrong with an installation, and what to do.

Each test breaks one thing of a good installation, and sees that this is found,
that the advice is the right one, and that nothing else is found.
"""

import json
import os
import re
import shutil
import struct
import subprocess

import pytest

from conftest import BUILD, READER, TOP, run, wait_until

CLOCK = '/sys/devices/system/clocksource/clocksource0/current_clocksource'


class Doctor:
    """The doctor, asked about this smbd, with the modules that it loads."""

    def __init__(self, server, tmp_path):
        self.server = server
        self.modules = server.modules
        self.tmp_path = tmp_path
        self.path = tmp_path / 'bin'
        self.path.mkdir()
        self.options = ['--configfile', server.conf]
        self.before = []
        # What this machine is like shall not matter.
        self.program('systemctl', 'echo disabled; exit 1')
        self.program('bpftrace', 'echo bpftrace v0.17.0')

    def program(self, name, script):
        """Have doctor find this in the place of a program."""
        (self.path / name).write_text('#!/bin/sh\n%s\n' % script)
        (self.path / name).chmod(0o755)

    def clock(self, name):
        """Have it see this clock source, whatever it is in truth.

        Only where no smbd is looked at: the names of what processes of
        another mount namespace have mapped may be others there.
        """
        file = self.tmp_path / 'clock'
        file.write_text(name + '\n')
        # Of /sys alone, since / need not be a mount.
        self.before = ['unshare', '-m', '--propagation=unchanged', 'sh', '-c',
                       'mount --make-rprivate /sys && mount --bind %s %s && '
                       'exec "$@"' % (file, CLOCK), '-']

    def module(self, change=lambda data: data, source=BUILD / 'latency.so'):
        """Have it see a module of this file with this change, a function."""
        self.modules = self.tmp_path / 'modules' / 'vfs'
        self.modules.mkdir(parents=True)
        file = self.modules / 'latency.so'
        data = source.read_bytes()
        assert change(data) is data or change(data) != data
        file.write_bytes(change(data))
        file.chmod(0o644)
        return file

    def ask(self, *words, path=None):
        return run(*self.before, READER, 'doctor', *self.options, *words,
                   check=False, env=dict(
                       os.environ,
                       PATH=path or '%s:%s' % (self.path, os.environ['PATH']),
                       VFS_LATENCY_MODULES=str(self.modules.parent),
                       LD_PRELOAD=str(self.server.preload[0])))

    def findings(self, **options):
        """What is not as it should be: {check: [finding]}."""
        result = self.ask('--json', **options)
        assert result.stderr == ''
        answer = json.loads(result.stdout)
        found = {}
        for one in answer['findings']:
            assert one['state'] in ('fine', 'note', 'wrong')
            if one['state'] != 'fine':
                assert one['why'] and one['do']
            if one['check'] == 'clock' and not self.before:
                answer['notes'] -= one['state'] == 'note'
            elif one['state'] != 'fine':
                found.setdefault(one['check'], []).append(one)
        states = [one['state'] for many in found.values() for one in many]
        assert answer['wrong'] == states.count('wrong')
        assert answer['notes'] == states.count('note')
        assert result.returncode == (1 if answer['wrong'] else 0)
        return found

    def finds(self, check, state, what, advice, **options):
        """That this is found, once, and nothing else."""
        found = self.findings(**options)
        assert list(found) == [check]
        (one,) = found[check]
        assert one['state'] == state
        assert re.search(what, one['what'])
        assert re.search(advice, one['do'])

    def conf(self, old, new):
        """Change smb.conf, a word of it."""
        text = self.server.conf.read_text()
        assert old in text
        self.server.conf.write_text(text.replace(old, new, 1))


@pytest.fixture(scope='module')
def common_smbd(shared_smbd):
    server = shared_smbd()
    server.smbclient('ls')
    return server


@pytest.fixture
def doctor(common_smbd, tmp_path):
    """One that finds nothing; its smbd is left as it was."""
    text = common_smbd.conf.read_text()
    yield Doctor(common_smbd, tmp_path)
    common_smbd.conf.write_text(text)


@pytest.fixture
def alone(smbd, tmp_path):
    """Makes one of an smbd of its own: alone(...), as smbd(...)."""
    return lambda *words, **options: Doctor(smbd(*words, **options), tmp_path)


# --- a good one -------------------------------------------------------------

def test_nothing_is_wrong(doctor):
    assert doctor.findings() == {}
    result = doctor.ask()
    assert result.returncode == 0
    assert result.stdout.endswith('Nothing is wrong.\n')
    assert '[share] is measured: vfs objects = latency' in result.stdout
    assert 'is vfs_latency ' in result.stdout


def test_nothing_is_wrong_while_a_client_is_connected(alone):
    patient = alone(objects='latency:top acl_xattr latency:bottom',
                    share_lines=['latency:slow threshold = 100',
                                 'latency:exempt = readdir stat'])
    patient.server.client().run('ls')
    assert patient.findings() == {}
    assert 'with the module loaded: 1' in patient.ask().stdout


# One that calls itself smbd, in a root directory of its own.
CONTAINED = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(15, b'smbd')
os.chroot(sys.argv[1])
print('ready', flush=True)
sys.stdin.read()
"""


def test_an_smbd_in_a_container_is_none_of_ours(doctor, tmp_path):
    """Though its smb.conf has the same name."""
    wait_until(lambda: not doctor.server.measured(), what='the end of others')
    alone, = re.findall(r'running smbd processes: \d+', doctor.ask().stdout)
    # From a file: no word of a real one's command line has blanks.
    (tmp_path / 'contained').write_text(CONTAINED)
    with subprocess.Popen(
            ['/usr/bin/python3', tmp_path / 'contained', tmp_path, '-s',
             doctor.server.conf], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, universal_newlines=True) as other:
        assert other.stdout.readline() == 'ready\n'
        assert doctor.findings() == {}
        assert alone + ',' in doctor.ask().stdout
        other.stdin.close()


def test_the_example_of_smb_conf_is_good(doctor):
    """But for its shares, that are not on this machine."""
    example = (TOP / 'smb.conf.example').read_text()
    doctor.conf('[share]', example.split('# One layer.')[1] + '\n[share]')
    assert doctor.findings() == {}


def test_nothing_is_changed(alone):
    patient = alone()
    patient.server.smbclient('ls')
    wait_until(lambda: not patient.server.measured(), what='its end')
    # There is a segment to be added up: a report would do it.
    before = {file.name: file.read_bytes()
              for file in patient.server.latency.iterdir()}
    assert any(name.startswith('smbd-') for name in before)
    assert patient.findings() == {}
    assert before == {file.name: file.read_bytes()
                      for file in patient.server.latency.iterdir()}


def test_only_for_root():
    result = subprocess.run(
        ['setpriv', '--reuid=65534', '--clear-groups', READER, 'doctor'],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
        universal_newlines=True)
    if 'Permission denied' in result.stderr:
        pytest.skip('the build is not readable by others')
    assert result.returncode == 1 and 'root' in result.stderr


# --- Samba and the module ---------------------------------------------------

def test_no_samba(doctor):
    doctor.module()
    doctor.finds('samba', 'wrong', 'no smbd in PATH', '^apt install samba;',
                 path=str(doctor.path))


def test_the_module_is_missing(doctor):
    doctor.module().unlink()
    doctor.finds('module_file', 'wrong', 'not installed: there is no .*so',
                 'apt install samba-vfs-latency.*make install')


def test_the_module_is_another_file(doctor):
    doctor.module(lambda data: b'garbage' * 100)
    doctor.finds('module_identity', 'wrong', 'is not vfs_latency',
                 'apt install samba-vfs-latency')


def test_others_may_write_the_module(doctor):
    doctor.module().chmod(0o666)
    doctor.finds('module_rights', 'wrong', 'mode 0666',
                 'chown root:root .* && chmod 0644 .*latency.so')


def test_a_module_for_another_samba(doctor):
    doctor.module(lambda data: data.replace(b' for Samba 4.',
                                            b' for Samba 9.'))
    doctor.finds('module_release', 'wrong', r'for Samba 9\.\d+.* is Samba 4\.',
                 'smblatency-build')


def test_a_module_that_cannot_be_loaded(doctor):
    doctor.module(lambda data: data.replace(b'\0smb_register_vfs\0',
                                            b'\0smb_register_vfx\0'))
    doctor.finds('module_loads', 'wrong', 'cannot load .*smb_register_vfx',
                 'build and install it for this Samba')


def test_a_module_of_another_version(doctor):
    doctor.module(lambda data: re.sub(
        rb'vfs_latency \d+\.(\d+)\.\d for', rb'vfs_latency 0.\1.9 for', data))
    doctor.finds('module_version', 'note', r'vfs_latency 0\.\d+\.9, smbla',
                 'install the same version of both')


def test_a_module_without_probes(doctor):
    doctor.module(source=BUILD / 'tests' / 'without_probes.so')
    doctor.finds('module_probes', 'note', 'has no probes',
                 'apt install systemtap-sdt-dev')


# --- smb.conf ---------------------------------------------------------------

def test_no_smb_conf(doctor):
    doctor.options = ['--configfile', '/nowhere/smb.conf']
    found = doctor.findings()
    assert set(found) == {'smb_conf', 'smbd_running'}
    assert found['smb_conf'][0]['do'] == 'testparm -s /nowhere/smb.conf'


@pytest.mark.parametrize('word', ['vfs_latency', 'latancy', 'latency.so',
                                  'Latency:top'])
def test_a_module_that_there_is_not(doctor, word):
    doctor.conf('vfs objects = latency', 'vfs objects = acl_xattr latency:a '
                + word)
    found = doctor.findings()
    assert set(found) == {'module_name', 'position'}
    (one,) = found['module_name']
    assert "[share] has '%s' in vfs objects" % word.split(':')[0] in one['what']
    assert "write 'latency' instead" in one['do']
    assert 'reload-config' in one['do']


def test_no_share_is_measured(doctor):
    doctor.conf('\tvfs objects = latency\n', '')
    doctor.finds('shares', 'wrong', 'no share is measured',
                 "^add 'vfs objects = latency' .* smbcontrol -s .*smb.conf "
                 'smbd reload-config')


def test_a_share_with_objects_of_its_own(doctor):
    doctor.conf('[global]', '[other]\n\tpath = /tmp\n'
                '\tvfs objects = acl_xattr\n'
                '[global]\n\tvfs objects = latency\n')
    doctor.finds('shares_left_out', 'note', r'\[other\] is not measured',
                 "'vfs objects = latency acl_xattr'")


def test_a_module_in_front(doctor):
    doctor.conf('vfs objects = latency', 'vfs objects = acl_xattr latency')
    doctor.finds('position', 'note', 'number 2 of 2 in vfs objects = '
                 'acl_xattr latency', 'latency:top ... latency:bottom')


@pytest.mark.parametrize('wrong, right', [
    ('latency:slow treshold', 'latency:slow threshold'),
    ('latency:slow_threshold', 'latency:slow threshold'),
    ('latency:exmept', 'latency:exempt'),
    ('vfs_latency:exempt', 'latency:exempt')])
def test_a_misspelt_option(doctor, wrong, right):
    doctor.conf('vfs objects = latency', 'vfs objects = latency\n%s = 100'
                % wrong)
    doctor.finds('option_names', 'wrong', r"\[share\] has '%s', which is not an"
                 % wrong, "write '%s' instead" % right)


def test_an_option_like_none(doctor):
    doctor.conf('vfs objects = latency', 'vfs objects = latency\n'
                'latency:colour of the shed = red')
    doctor.finds('option_names', 'wrong', 'latency:colour of the shed',
                 'man vfs_latency')


def test_options_as_samba_compares_them(doctor):
    doctor.conf('vfs objects = latency', 'vfs objects = latency\n'
                'Latency:SlowThreshold = 100\nlatency:Exempt = stat')
    assert doctor.findings() == {}


@pytest.mark.parametrize('line, what, advice', [
    ('latency:slow threshold = 100 ms', 'not a number', 'without a unit'),
    ('latency:slow threshold = -1', 'not a number', 'without a unit'),
    ('latency:exempt = stat read_dir', 'unknown op: read_dir', '--list-ops'),
    ('latency:directory = /tmp/x', r'in \[share\], where it has no effect',
     r'move it to \[global\]')])
def test_the_value_of_an_option(doctor, line, what, advice):
    doctor.conf('vfs objects = latency', 'vfs objects = latency\n' + line)
    doctor.finds('option_values', 'wrong', what, advice)


def test_a_directory_without_slash(doctor):
    doctor.conf('[global]', '[global]\nlatency:directory = latency')
    doctor.finds('option_values', 'wrong', 'does not begin with a slash',
                 'absolute path')


def test_an_option_of_a_share_that_is_not_measured(doctor):
    doctor.conf('[global]', '[other]\n\tpath = /tmp\n'
                '\tlatency:slow threshold = 5\n[global]')
    doctor.finds('option_values', 'wrong', r'\[other\] has latency:slow '
                 'threshold, but is not measured', 'add latency to its')


# --- the directory and the segments -----------------------------------------

def test_no_directory_for_the_directory(doctor, tmp_path):
    doctor.conf('[global]', '[global]\nlatency:directory = %s/no/latency'
                % tmp_path)
    doctor.finds('directory_parent', 'wrong', 'no directory %s/no' % tmp_path,
                 '^mkdir -p %s/no$' % tmp_path)


def test_others_may_write_the_directory(doctor, tmp_path):
    (tmp_path / 'latency').mkdir()
    (tmp_path / 'latency').chmod(0o777)
    doctor.options += ['--segments', tmp_path / 'latency']
    doctor.finds('directory_rights', 'wrong', 'writable by no one else',
                 'chown root .* && chmod go-w %s/latency' % tmp_path)


def test_the_directory_is_a_symlink(doctor, tmp_path):
    (tmp_path / 'latency').symlink_to('/etc')
    doctor.options += ['--segments', tmp_path / 'latency']
    doctor.finds('directory_rights', 'wrong', 'cannot open',
                 'rm %s/latency' % tmp_path)


def test_the_file_system_is_read_only(doctor, tmpfs):
    path = tmpfs(1 << 24)
    run('mount', '-o', 'remount,ro', path)
    doctor.options += ['--segments', path / 'latency']
    doctor.finds('room', 'wrong', '%s is on a .*read-only' % path, 'findmnt')


def test_the_file_system_is_full(doctor, tmpfs):
    path = tmpfs(1 << 16)
    (path / 'latency').mkdir(0o700)
    (path / 'filling').write_bytes(bytes(1 << 16))
    doctor.options += ['--segments', path / 'latency']
    doctor.finds('room', 'wrong', 'is full', 'df -h %s/latency' % path)


def test_the_file_system_is_nearly_full(doctor, tmpfs):
    path = tmpfs(1 << 22)
    (path / 'latency').mkdir(0o700)
    doctor.options += ['--segments', path / 'latency']
    doctor.finds('room', 'note', 'has only 4096 KiB', 'df -h')


def test_a_segment_that_is_bad(doctor, tmp_path):
    (tmp_path / 'latency').mkdir(0o700)
    bad = tmp_path / 'latency' / 'smbd-1-0000000000000001.segment'
    bad.write_bytes(b'garbage' * 1000)
    doctor.options += ['--segments', tmp_path / 'latency']
    doctor.finds('segments', 'wrong', bad.name, 'rm %s' % bad)


def test_operations_that_found_no_room(doctor, tmp_path):
    shutil.copytree(doctor.server.latency, tmp_path / 'latency')
    (segment, *_) = (tmp_path / 'latency').glob('*.segment')
    data = bytearray(segment.read_bytes())
    # As include/latency_format.h says.
    struct.pack_into('=Q', data, 144, 7)
    segment.write_bytes(data)
    doctor.options += ['--segments', tmp_path / 'latency']
    doctor.finds('uncounted', 'note', '^there was no room to count 7 operations$',
                 'df -h')


def test_measuring_is_switched_off(alone):
    patient = alone()
    patient.server.client().run('ls')
    run(READER, '--segments', patient.server.latency, 'all', 'off')
    patient.finds('switched_off', 'wrong', 'in 1 running smbds, and in all new '
                  'ones', '^smblatency-stat all on$')


# --- smbds ------------------------------------------------------------------

def test_no_smbd_runs(alone):
    patient = alone()
    patient.server.stop()
    patient.finds('smbd_running', 'wrong', 'no smbd is running', '^smbd -D -s')


def test_an_smbd_that_was_replaced(alone, tmp_path):
    patient = alone(start=False)
    (tmp_path / 'old').mkdir()
    program = tmp_path / 'old' / 'smbd'
    shutil.copy2(shutil.which('smbd'), program)
    patient.server.wrapper = ['env', 'PATH=%s:%s' % (program.parent,
                                                     os.environ['PATH'])]
    patient.server.start()
    program.unlink()
    patient.finds('smbd_replaced', 'wrong', 'program has been replaced',
                  '^systemctl restart smbd')


def test_a_module_that_was_replaced(alone):
    patient = alone(start=False)
    file = patient.module()
    patient.server.modules = patient.modules
    shutil.copy2(patient.server.preload[0], patient.modules.parent)
    patient.server.start()
    patient.server.client().run('ls')
    (pid,) = patient.server.measured()
    # As packages do it.
    shutil.copy2(file, file.with_suffix('.new'))
    file.with_suffix('.new').rename(file)
    patient.finds('module_replaced', 'note', 'pid %d$' % pid,
                  '^nothing: .*when their clients connect again')


def test_another_directory_since(alone, tmp_path):
    patient = alone()
    patient.server.client().run('ls')
    patient.conf('[global]', '[global]\nlatency:directory = %s/new' % tmp_path)
    patient.finds('smbd_directory', 'wrong', 'count in %s, as'
                  % patient.server.latency,
                  '^smblatency-stat --segments=%s;' % patient.server.latency)


def test_an_smbd_without_segment(alone):
    patient = alone()
    (patient.server.directory / 'lock' / 'latency').mkdir(0o777)
    (patient.server.directory / 'lock' / 'latency').chmod(0o777)
    patient.server.client().run('ls')
    patient.server.latency.chmod(0o700)
    patient.finds('smbd_segment', 'wrong', '1 smbds have loaded .* no segment',
                  r'^grep -h vfs_latency: %s/log\.\*;'
                  % patient.server.directory)
    # The advice is a command that works.
    assert 'this smbd is not measured' in run(
        'sh', '-c', 'grep -h vfs_latency: %s/log.*'
        % patient.server.directory).stdout


def test_a_client_that_came_before_the_line(alone):
    patient = alone(objects='')
    patient.server.client().run('ls')
    patient.conf('read only = no', 'read only = no\nvfs objects = latency')
    patient.finds('smbd_older', 'wrong', r'1 smbds serve \[share\] without '
                  'the module', 'smbcontrol -s .* smbd close-share share$')


# --- the machine ------------------------------------------------------------

def test_the_exporter_does_not_run(doctor):
    doctor.program('systemctl', 'case $1 in is-enabled) echo enabled ;; '
                   'is-active) echo failed; exit 3 ;; esac')
    doctor.finds('exporter', 'wrong', 'is enabled, but failed',
                 'journalctl -u smblatency-exporter')


def test_the_exporter_runs(doctor):
    doctor.program('systemctl', 'case $1 in is-enabled) echo enabled ;; '
                   'is-active) echo active ;; esac')
    assert doctor.findings() == {}
    assert 'smblatency-exporter.service is running' in doctor.ask().stdout


@pytest.mark.parametrize('mode, group, may', [
    (0o700, 65534, False), (0o750, 65534, False), (0o2750, 0, False),
    (0o2750, 65534, True)])
def test_a_service_that_may_not_read(doctor, tmp_path, mode, group, may):
    (tmp_path / 'latency').mkdir()
    os.chown(tmp_path / 'latency', 0, group)
    (tmp_path / 'latency').chmod(mode)
    doctor.options += ['--segments', tmp_path / 'latency']
    doctor.program('systemctl', 'case "$1 $4" in is-active*) echo active ;; '
                   '"show smblatency-recorder.service") echo nobody ;; '
                   '"show "*) echo ;; esac')
    if may:
        assert doctor.findings() == {}
        return
    doctor.finds('service_rights', 'wrong', 'smblatency-recorder.service runs '
                 'as nobody, who is in no group that may read %s/latency'
                 % tmp_path, '^systemd-tmpfiles --create smblatency.conf;')


def test_no_bpftrace(doctor):
    doctor.program('bpftrace', 'exit 127')
    doctor.finds('bpftrace', 'note', 'no working bpftrace',
                 '^apt install bpftrace$')


def test_another_clock(doctor):
    doctor.clock('hpet')
    doctor.finds('clock', 'note', 'by hpet, not by the TSC',
                 'echo tsc >/sys/devices')


def test_profiling_is_on(alone):
    patient = alone()
    patient.server.profile_on()
    patient.finds('profiling', 'note', "Samba's own profiling is on",
                  'smbcontrol -s .* smbd profile off')


# --- how it is told ---------------------------------------------------------

def test_text_has_what_why_and_what_to_do(doctor):
    doctor.conf('\tvfs objects = latency\n', '')
    result = doctor.ask()
    assert result.returncode == 1 and result.stderr == ''
    assert re.search(r'^wrong  no share is measured\n  why: .+\n  do:  add .+$',
                     result.stdout, re.M)
    assert result.stdout.endswith('\n1 thing is wrong.\n')
    assert '\x1b' not in result.stdout


def test_names_are_escaped(doctor):
    doctor.conf('[global]', '[ev\x1bil]\n\tpath = /tmp\n'
                '\tvfs objects = latency\n[global]')
    said = doctor.ask().stdout
    assert '[ev\\x1bil] is measured' in said
    assert '\x1b' not in said
