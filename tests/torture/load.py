# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients at work."""

import contextlib
import os
import re
import signal
import subprocess
import threading


class Load:
    """Clients that copy files in, out, and remove them until it ends; those
    that lose their smbd come back, and so do those that are done. After each
    of ROUNDS they do nothing for so many seconds."""

    ROUNDS = 3

    def __init__(self, server, sources, clients, pause=0):
        self.server = server
        self.pause = pause
        self.put = 0
        self.ending = False
        self.processes = set()
        self.lock = threading.Lock()
        self.threads = [
            threading.Thread(target=self.work, args=(number, sources))
            for number in range(clients)]
        for thread in self.threads:
            thread.start()

    def work(self, number, sources):
        out = self.server.directory / ('out%d' % number)
        out.mkdir()
        commands = [
            'mkdir d%d' % number, 'cd d%d' % number, 'lcd %s' % sources,
            'mput *', 'ls', 'lcd %s' % out, 'mget *', 'deltree missing',
            'del *', *(['!exec sleep %s' % self.pause] if self.pause else [])]
        # "!" is for stdin only.
        script = out.with_suffix('.commands')
        script.write_text('\n'.join(['prompt'] + commands * self.ROUNDS) + '\n')
        command = self.server.smbclient_command('share', '%', ['-N'])
        while not self.ending:
            with open(script, encoding='utf-8') as lines:
                client = subprocess.Popen(
                    command, stdin=lines, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, universal_newlines=True,
                    errors='replace', start_new_session=True)
            with self.lock:
                self.processes.add(client)
                if self.ending:
                    self.kill(client)
            output = client.communicate()[0]
            with self.lock:
                self.processes.discard(client)
                self.put += len(re.findall('^putting file', output, re.M))

    @staticmethod
    def kill(client):
        """And what it has started: it has a group of its own."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(client.pid, signal.SIGKILL)

    def end(self):
        self.ending = True
        with self.lock:
            for client in self.processes:
                self.kill(client)
        for thread in self.threads:
            thread.join()
