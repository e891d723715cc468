/*
 * The send/recv pairs and fcntl: wrappers that the op table cannot generate,
 * since their parameters follow no rule.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VFS_LATENCY_ASYNC_H
#define VFS_LATENCY_ASYNC_H

#include "module.h"

int latency_fcntl(struct vfs_handle_struct *handle, struct files_struct *fsp,
		  int cmd, va_list cmd_arg);

#define PAIR(name)                                                         \
	extern __typeof__(*((struct vfs_fn_pointers *)0)->name##_send_fn)  \
		latency_##name##_send;                                     \
	extern __typeof__(*((struct vfs_fn_pointers *)0)->name##_recv_fn)  \
		latency_##name##_recv;
#define OP_PAIR(name, class, doc) PAIR(name)
#define OP_PAIR_TOO(name) PAIR(name)
#include "latency_ops.h"
#undef PAIR

#endif
