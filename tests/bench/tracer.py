# SPDX-License-Identifier: GPL-3.0-or-later
"""What watches a client's smbd while it is measured: a tracer, a reader.

It may run on every CPU, that of smbd too, as the scheduler likes it: strace is
several times dearer on another CPU than smbd.
"""

import os
import signal
import subprocess

from smbd import READER, Problem, wait_until


class Tracer:
    """The tracer of a way, on the smbd of one client, until stop()."""

    def __init__(self, client, cpus):
        smbd = client.smbd
        names = {'so': smbd.modules.latency, 'pid': client.pid,
                 'segments': smbd.latency, 'reader': READER}
        printed = smbd.directory / 'tracer'
        with open(printed, 'wb') as output:
            # A session of its own: our scripts have children.
            self.process = subprocess.Popen(
                [word.format(**names) for word in smbd.way.tracer],
                stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
                env=dict(os.environ, LATENCY_SO=str(smbd.modules.latency)),
                preexec_fn=lambda: os.sched_setaffinity(0, cpus))

        def attached():
            ended = self.process.poll() is not None
            text = printed.read_text(errors='replace')
            if smbd.way.says not in text and ended:
                raise Problem('it ended: ' + ' '.join(text.split()))
            return smbd.way.says in text

        try:
            wait_until(attached, 60, ' '.join(smbd.way.tracer))
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """What it has found is not wanted, so it need not print it."""
        for sign in signal.SIGTERM, signal.SIGKILL:
            try:
                os.killpg(self.process.pid, sign)
                self.process.wait(10)
                return
            except ProcessLookupError:
                self.process.wait(10)
                return
            except subprocess.TimeoutExpired:
                pass
