/*
 * The function table, with a wrapper for each op.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VFS_LATENCY_OPS_H
#define VFS_LATENCY_OPS_H

#include "module.h"

extern const struct vfs_fn_pointers latency_functions
	__attribute__((visibility("hidden")));

#endif
