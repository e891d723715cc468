/*
 * connect and disconnect, which set up the measuring of a layer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VFS_LATENCY_H
#define VFS_LATENCY_H

#include "module.h"

#pragma GCC visibility push(hidden)

int latency_connect(struct vfs_handle_struct *handle, const char *service,
		    const char *user);
void latency_disconnect(struct vfs_handle_struct *handle);

#pragma GCC visibility pop

#endif
