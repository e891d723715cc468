# SPDX-License-Identifier: GPL-3.0-or-later
"""A network that is as slow as a test wants: smbd and its client are in two
network namespaces. Each has a TUN device, and a process between them passes
packets on, late.
"""

import fcntl
import heapq
import multiprocessing
import os
import re
import select
import struct
import time

from conftest import PASSWORD, USER, Client, run

SERVER, CLIENT = '10.97.0.1', '10.97.0.2'
SERVER6, CLIENT6 = 'fd97::1', 'fd97::2'
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 1, 0x1000


def open_tun(name):
    fd = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack('16sH22x', name.encode(),
                                           IFF_TUN | IFF_NO_PI))
    return fd


def pass_on(fds, delay_s, lose, least, both):
    """What comes from one device goes to the other, so much later. Of packets
    from the server of so many bytes at least, and of the client's if both,
    each lose-th is lost; 0: none."""
    other = {fds[0]: fds[1], fds[1]: fds[0]}
    waiting, number, large = [], 0, {fd: 0 for fd in fds}
    while True:
        left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        for fd in select.select(fds, [], [], left)[0]:
            packet = os.read(fd, 1 << 16)
            number += 1
            if lose and (both or fd == fds[0]) and len(packet) >= least:
                large[fd] += 1
                if large[fd] % lose == 0:
                    continue
            heapq.heappush(waiting, (time.monotonic() + delay_s, number,
                                     other[fd], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, fd, packet = heapq.heappop(waiting)
            try:
                os.write(fd, packet)
            except OSError:
                pass


class Network:
    """Two namespaces; open() joins them, with so much delay each way."""

    def __init__(self):
        self.names = ['latency-%d-%s' % (os.getpid(), side)
                      for side in ('s', 'c')]
        self.fds = []
        self.box = None

    def open(self, delay_ms, lose=0, least=500, both=False):
        for side, name in enumerate(self.names):
            device = self.device(side)
            run('ip', 'netns', 'add', name)
            self.fds.append(open_tun(device))
            run('ip', 'link', 'set', device, 'netns', name)
            self.run(side, 'ip', 'link', 'set', 'lo', 'up')
            self.run(side, 'ip', 'addr', 'add', (SERVER, CLIENT)[side],
                     'peer', (CLIENT, SERVER)[side], 'dev', device)
            self.run(side, 'ip', 'addr', 'add',
                     (SERVER6, CLIENT6)[side] + '/64', 'dev', device, 'nodad')
            self.run(side, 'ip', 'link', 'set', device, 'up')
        self.box = multiprocessing.get_context('fork').Process(
            target=pass_on, args=(self.fds, delay_ms / 1000, lose,
                                  least, both), daemon=True)
        self.box.start()

    @staticmethod
    def device(side):
        return 'lt%d%s' % (os.getpid() % 10**8, 'sc'[side])

    def wrapper(self, side):
        return ['ip', 'netns', 'exec', self.names[side]]

    def run(self, side, *command):
        return run(*self.wrapper(side), *command).stdout

    def close(self):
        if self.box is not None:
            self.box.kill()
            self.box.join()
        for fd in self.fds:
            os.close(fd)
        for name in self.names:
            run('ip', 'netns', 'del', name, check=False)

    def start(self, server):
        server.wrapper = self.wrapper(0)
        server.global_lines += ['interfaces = lo %s %s' % (SERVER, SERVER6),
                                'bind interfaces only = no']
        return server.start()

    def client(self, server, address=SERVER):
        client = Client([*self.wrapper(1), 'smbclient', '-p', str(server.port),
                         '//server/share', '-I', address, '-U',
                         '%s%%%s' % (USER, PASSWORD), '-s', str(server.conf)])
        server.clients.append(client)
        return client

    def sockets(self, server):
        """What the kernel tells everybody of the connections."""
        return self.run(0, 'ss', '-tinH', 'state', 'established',
                        'sport = :%d' % server.port)

    def min_rtt_us(self, server):
        return min(float(ms) for ms in re.findall(
            r'minrtt:([\d.]+)', self.sockets(server))) * 1000
