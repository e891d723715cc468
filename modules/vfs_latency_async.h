/*
 * The send/recv pairs: wrappers that the op table cannot generate, since their
 * parameters follow no rule.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VFS_LATENCY_ASYNC_H
#define VFS_LATENCY_ASYNC_H

#include "module.h"

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
