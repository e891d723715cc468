/*
 * What all files of the module share: Samba's headers, and the ops as numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MODULE_H
#define MODULE_H

#include "includes.h"
#include "smbd/smbd.h"
#include "smbd/globals.h"
#include "system/filesys.h"

#include "latency_config.h"
#include "latency_format.h"
#include "segment_writer.h"

#define LATENCY_MODULE "latency"

#undef DBGC_CLASS
#define DBGC_CLASS DBGC_VFS

/* The ops, numbered in the order of the table. */
enum latency_op_number {
#define OP(ret, name, class, params, args, path, doc) OP_##name,
#define OP_BY_HAND(name, class, doc) OP_##name,
#define OP_PAIR(name, class, doc) OP_##name,
#include "latency_ops.h"
	OP_COUNT
};

#endif
