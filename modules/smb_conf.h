/*
 * The options of the module in smb.conf; docs/man/vfs_latency.8.in describes
 * them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SMB_CONF_H
#define SMB_CONF_H

#include "latency_error.h"
#include "place.h"

#pragma GCC visibility push(hidden)

/*
 * Where segments are: latency:directory, on talloc_tos() or in smbd's memory.
 * NULL with *error if it is no absolute path, NULL alone without memory.
 */
const char *smb_conf_directory(struct latency_error *error);

/* latency:slow threshold and latency:exempt of a share, into a layer of it. */
void smb_conf_of_share(struct layer *layer, int snum);

#pragma GCC visibility pop

#endif
