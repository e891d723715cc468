# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that makes each request by itself, in Python.

    python3 client.py SMB.CONF ADDRESS SHARE USER PASSWORD PROGRAM

PROGRAM is Python with a connection `smb` (samba.samba3.libsmb_samba_internal);
before it runs, a line "ready" is printed, and a line is waited for.
"""

import sys
import time  # noqa: for the program

from samba import credentials
from samba.samba3 import libsmb_samba_internal as libsmb
from samba.samba3 import param

conf, address, share, user, password, program = sys.argv[1:]
lp = param.get_context()
lp.load(conf)
creds = credentials.Credentials()
creds.guess()
creds.set_username(user)
creds.set_password(password)
smb = libsmb.Conn(address, share, lp=lp, creds=creds)
print('ready', flush=True)
sys.stdin.readline()
exec(program, {'smb': smb, 'time': time})  # pylint: disable=exec-used
print('done', flush=True)
sys.stdin.readline()
