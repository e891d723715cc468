# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients at work."""

import re
import subprocess
import threading


class Load:
    """Clients that copy files in, out, and remove them until it ends; those
    that lose their smbd come back, and so do those that are done."""

    def __init__(self, server, sources, clients):
        self.server = server
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
        commands = 'mkdir d%d; cd d%d; prompt; lcd %s; mput *; ls; lcd %s; ' \
            'mget *; deltree missing; del *' % (number, number, sources, out)
        command = self.server.smbclient_command('share', '%', ['-N'])
        while not self.ending:
            client = subprocess.Popen(
                [*command, '-c', '; '.join([commands] * 3)],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, universal_newlines=True,
                errors='replace')
            with self.lock:
                self.processes.add(client)
            output = client.communicate()[0]
            with self.lock:
                self.processes.discard(client)
                self.put += len(re.findall('^putting file', output, re.M))

    def end(self):
        self.ending = True
        with self.lock:
            for client in self.processes:
                client.kill()
        for thread in self.threads:
            thread.join()
