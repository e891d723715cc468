# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways that are compared: without the module, with it, with others.

Each is defined here and nowhere else; the parts choose among them by name.
"""

from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


class Way:
    """One way to measure (or not) what smbd does.

    objects: its modules, from the top; share, globals_: lines of smb.conf;
    off: switched off at run time; profile: smbd's own profiling is on; module:
    the latency.so to take, below the build directory; tracer: a command that
    watches the client's smbd meanwhile, and says what it prints when it does;
    against: what the copy with it is compared with; no_tsc: time is that of
    clock_gettime(), as in many virtual machines.

    In tracer, {so} stands for the module, {pid} for the client's smbd,
    {segments} for the directory of its segment, {reader} for smblatency-stat.
    """

    def __init__(self, name, objects='', share=(), globals_=(), off=False,
                 profile=False, module='latency.so', tracer=None,
                 says='attached', against='none', no_tsc=False):
        self.name = name
        self.objects = objects
        self.share = list(share)
        self.globals = list(globals_)
        self.off = off
        self.profile = profile
        self.module = module
        self.tracer = tracer
        self.says = says
        self.against = against
        self.no_tsc = no_tsc

    def __repr__(self):
        return self.name

    def what(self):
        """What is run, in words."""
        parts = ['vfs objects = ' + self.objects if self.objects else
                 'no module']
        parts += self.share + self.globals
        if self.module != 'latency.so':
            parts.append(self.module)
        if self.no_tsc:
            parts.append('without the TSC')
        if self.off:
            parts.append('switched off in the segment')
        if self.profile:
            parts.append('smbcontrol smbd profile on')
        if self.tracer:
            parts.append('attached: ' + ' '.join(self.tracer).replace(
                '{{', '{').replace('}}', '}').replace(str(TOP) + '/', ''))
        return '; '.join(parts).replace('|', '/')


def probed(name, says, *tracer):
    """Latency with a tracer of its probes."""
    return Way(name, 'latency', tracer=list(tracer), says=says)


def tool(name, says, *options):
    """Latency with one of our scripts, named after it and its options."""
    return probed(' '.join([name, *options[:-2 if '-p' in options else -1]]),
                  says, str(TOP / 'tools' / name), *options)


def counted(name, probe, key=''):
    """Latency with a probe that bpftrace counts."""
    return probed(name, 'attached', 'bpftrace', '-B', 'line', '-p', '{pid}',
                  '-e', 'BEGIN {{ printf("attached\\n"); }} usdt:{so}:%s '
                  '{{ @%s = count(); }}' % (probe, key))


def read(name, seconds):
    """Latency while its segment is read, which is little beside the copy."""
    return Way(name, 'latency', against='latency', says='of 1 smbd',
               tracer=['{reader}', '--segments', '{segments}', '-i', seconds])


WAYS = {way.name: way for way in [
    Way('none'),
    Way('pass-through', 'pass_through'),
    Way('two stamps', 'two_stamps'),
    Way('latency', 'latency'),
    Way('latency off', 'latency', off=True),
    # Without a segment it only passes on.
    Way('latency unmeasured', 'latency',
        globals_=['latency:directory = /dev/null/nowhere']),
    Way('latency no TSC', 'latency', no_tsc=True),
    Way('latency exempt', 'latency',
        share=['latency:exempt = readdir telldir translate_name']),
    Way('latency x2', 'latency:a latency:b'),
    Way('latency x4', 'latency:a latency:b latency:c latency:d'),
    Way('latency without probes', 'latency',
        module='tests/without_probes.so'),
    Way('time_audit', 'time_audit'),
    # The names of its two lists that stand for no operation at all.
    Way('full_audit', 'full_audit', share=['full_audit:success = none',
                                           'full_audit:failure = none']),
    Way('profiling', profile=True),
    counted('requests probed', 'smb2:request_end', '[arg1]'),
    counted('latency probed', 'vfs_latency:op_return'),
    counted('pwrite probed', 'vfs_latency:pwrite_return'),
    tool('smbdist.bt', 'Tracing', '-p', '{pid}'),
    tool('smbdist.bt', 'Tracing', '-o', '-p', '{pid}'),
    tool('smbslower.bt', 'TIME', '-p', '{pid}'),
    tool('smbslower.bt', 'TIME', '-r', '-p', '{pid}'),
    tool('smbslower.bt', 'TIME', '-o', '-p', '{pid}'),
    tool('smbstacks.bt', 'Tracing', '-p', '{pid}'),
    tool('tsmbd.bt', 'Collecting', '{pid}'),
    tool('tsmbd.bt', 'Collecting', '-s', '-d', '{pid}'),
    # All events, as they are written to a file.
    Way('latency traced', 'latency', says='tracing 1 smbd', tracer=[
        '{reader}', '--segments', '{segments}', 'trace', '--json', '{pid}']),
    # As in the talk of 2017.
    Way('strace -cf', tracer=['strace', '-cf', '-o', '/dev/null', '-p',
                              '{pid}']),
    read('latency read 1/s', '1'),
    read('latency read 100/s', '0.01'),
]}
