# SPDX-License-Identifier: GPL-3.0-or-later
"""Probes: the small-file copy while a tracer is attached.

Each tracer takes turns with none, on an smbd with the module; what counts is
the median of the ratios of neighbours. strace -cf is there as in the talk of
2017. The CPU time is that of smbd, with what the kernel does for the tracer in
smbd's name; strace itself runs elsewhere, so look at its wall time.
"""

import os
import signal
import statistics
import subprocess
import time

from smbd import TOP, WAYS, Problem, cpu_ns

TOOLS = str(TOP / 'tools')
USDT = 'usdt:{so}:'
BEGIN = 'BEGIN {{ printf("attached\\n"); }} '

# name: what it says when it is attached, and its command.
TRACERS = {
    'request_end, counted': ('attached', [
        'bpftrace', '-B', 'line', '-p', '{pid}', '-e',
        BEGIN + USDT + 'smb2:request_end {{ @[arg1] = count(); }}']),
    'op_return, counted': ('attached', [
        'bpftrace', '-B', 'line', '-p', '{pid}', '-e',
        BEGIN + USDT + 'vfs_latency:op_return {{ @ = count(); }}']),
    'pwrite_return, counted': ('attached', [
        'bpftrace', '-B', 'line', '-p', '{pid}', '-e',
        BEGIN + USDT + 'vfs_latency:pwrite_return {{ @ = count(); }}']),
    'smbslower.bt': ('TIME', [TOOLS + '/smbslower.bt', '-p', '{pid}']),
    'smbslower.bt -r': ('TIME', [
        TOOLS + '/smbslower.bt', '-r', '-p', '{pid}']),
    'smbslower.bt -o': ('TIME', [
        TOOLS + '/smbslower.bt', '-o', '-p', '{pid}']),
    'smbdist.bt': ('Tracing', [TOOLS + '/smbdist.bt', '-p', '{pid}']),
    'smbdist.bt -o': ('Tracing', [
        TOOLS + '/smbdist.bt', '-o', '-p', '{pid}']),
    'smbstacks.bt': ('Tracing', [TOOLS + '/smbstacks.bt', '-p', '{pid}']),
    'tsmbd.bt': ('Collecting', [TOOLS + '/tsmbd.bt', '{pid}']),
    'tsmbd.bt -s -d': ('Collecting', [
        TOOLS + '/tsmbd.bt', '-s', '-d', '{pid}']),
    'strace -cf': ('attached', [
        'strace', '-cf', '-o', '/dev/null', '-p', '{pid}']),
}


class Tracer:
    """A tracer of one smbd, in a session of its own, until stop()."""

    def __init__(self, name, module, pid):
        says, command = TRACERS[name]
        self.process = subprocess.Popen(
            [word.format(so=module, pid=pid) for word in command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True,
            env=dict(os.environ, LATENCY_SO=str(module)),
            start_new_session=True)
        seen = ''
        for line in self.process.stdout:
            seen += line
            if says in line:
                return
        raise Problem('%s: %s' % (name, seen))

    def stop(self):
        """What it counted is not wanted, so it need not print it."""
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()


def one_copy(bench, name, files):
    """CPU and wall time a file, in ns."""
    with bench.smbd(WAYS['latency']) as smbd:
        client = smbd.connect()
        tree = bench.tree(files)
        client.do(*tree[:-1])
        tracer = name and Tracer(name, bench.modules.latency, client.pid)
        wall = time.monotonic()
        cpu = cpu_ns(client.pid)
        client.do(tree[-1])
        cpu = cpu_ns(client.pid) - cpu
        wall = time.monotonic() - wall
        if tracer:
            tracer.stop()
        client.close()
        return cpu / files, wall * 1e9 / files


def measure(bench, options):
    rows = []
    for name in TRACERS:
        if options.way and name not in options.way:
            continue
        pairs = []
        for pair in range(options.pairs):
            order = [None, name] if pair % 2 else [name, None]
            took = {which: one_copy(bench, which, options.files)
                    for which in order}
            pairs.append((took[None], took[name]))
        row = {'tracer': name}
        for i, what in enumerate(['CPU', 'wall']):
            row['%s us/file without' % what] = statistics.median(
                without[i] for without, _ in pairs) / 1000
            row['%s us/file with' % what] = statistics.median(
                with_[i] for _, with_ in pairs) / 1000
            row['%s +%%' % what] = statistics.median(
                100 * (with_[i] / without[i] - 1) for without, with_ in pairs)
        rows.append(row)
        options.progress(row)
    return {'probes': rows}
