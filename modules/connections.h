/*
 * The transport connections of the client: which there are, what the kernel
 * counts of them, and how their requests are protected.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include "module.h"

#pragma GCC visibility push(hidden)

/*
 * Takes the figures of all connections now: at most every 20 ms, a system call
 * of about 1 us each. The least minimum round trip of them all is for
 * turn.network, none as long as one is not known.
 */
void connections_sample(const struct smbXsrv_client *client);

/* A request has ended; it counts for its connection. */
void connections_count(const struct smbd_smb2_request *smb2req);

/* In a forked child: they are the parent's. */
void connections_forget(void);

#pragma GCC visibility pop

#endif
