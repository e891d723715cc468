# SPDX-License-Identifier: GPL-3.0-or-later
"""A client with two connections (multichannel): smbd hands the second one to the
process of the first."""

import contextlib
import socket
import struct

from impacket import smb3structs
from impacket.smbconnection import SMBConnection

from conftest import PASSWORD, USER, run, wait_until


def connect(server):
    """A client of SMB 3.0, which may have several."""
    client = SMBConnection('127.0.0.1', '127.0.0.1', sess_port=server.port,
                           preferredDialect=smb3structs.SMB2_DIALECT_30)
    client.login(USER, PASSWORD)
    client.connectTree('share')
    return client


def negotiate(socket_, guid):
    """Says what SMB 3.0 begins with, as the client of that GUID."""
    header = struct.pack('<4sHHIHHIIQIIQ16s', b'\xfeSMB', 64, 0, 0, 0, 1, 0, 0,
                         0, 0, 0, 0, b'')
    multichannel, dialect = 8, smb3structs.SMB2_DIALECT_30
    body = struct.pack('<HHHHI16sQH', 36, 1, 1, 0, multichannel,
                       guid.encode(), 0, dialect)
    socket_.sendall(struct.pack('>I', len(header + body)) + header + body)
    assert socket_.recv(65536)[4:8] == b'\xfeSMB'


@contextlib.contextmanager
def second_connection(server, client):
    """A socket that the process has which measures this client alone."""
    pid, = server.measured()
    with socket.create_connection(('127.0.0.1', server.port)) as second:
        second.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        negotiate(second, client.getSMBServer().ClientGuid)
        wait_until(lambda: run('ss', '-tnpH', 'state', 'established', 'sport',
                               '=', ':%d' % server.port).stdout.count(
                                   'pid=%d,' % pid) == 2,
                   what='the second connection to be handed over')
        yield second
