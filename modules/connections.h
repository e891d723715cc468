/*
 * The transport connections of the client: what the kernel counts of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONNECTIONS_H
#define CONNECTIONS_H

#include "module.h"

#pragma GCC visibility push(hidden)

/*
 * Takes the figures of all connections now; for once a second, a system call of
 * about 1 us each. The least minimum round trip of them all is for
 * turn.network, none as long as one is not known.
 */
void connections_sample(const struct smbXsrv_client *client);

#pragma GCC visibility pop

#endif
