/*
 * The path and the error of an op, as it is called, and as text when needed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_PATH_H
#define OP_PATH_H

#include "module.h"

/*
 * What an op works on: an open file, a name, a name below an open directory,
 * or nothing. It stays what it was during the op, and is made a string only
 * when somebody wants to see it.
 */
struct op_path {
	const struct files_struct *fsp;
	const struct smb_filename *name;
	uint64_t behind;	/* 1 + the offset in the file; 0: not known */
};

/* The path column of latency_ops.h. */
#define FSP_PATH(open_file) ((struct op_path){ .fsp = (open_file) })
#define FSP_PATH_AT(open_file, offset)       \
	((struct op_path){ .fsp = (open_file), \
			   .behind = 1 + (uint64_t)(offset) })
#define NAME_PATH(smb_fname) ((struct op_path){ .name = (smb_fname) })
#define AT_PATH(dirfsp, smb_fname) \
	((struct op_path){ .fsp = (dirfsp), .name = (smb_fname) })
#define NO_PATH ((struct op_path){ .fsp = NULL })

/* The offset, or LATENCY_TRACE_UNKNOWN. */
static inline uint64_t op_path_offset(struct op_path path)
{
	return path.behind - 1;
}

/* The path, relative to the share; a string on talloc_tos(), or NULL. */
const char *op_path_string(struct op_path path);

/*
 * The same into a field of `size` bytes, cut at its front if it is too long; ""
 * for none. Leaves errno alone, and allocates only for a long one.
 */
void op_path_copy(char *to, size_t size, struct op_path path);

/* Why an op failed: errno, or UINT32_MAX if it does not say. */
static inline uint32_t op_error_errno(void)
{
	return errno != 0 ? (uint32_t)errno : UINT32_MAX;
}

/* The same from a status; warnings and informations are no errors. */
static inline uint32_t op_error_ntstatus(NTSTATUS status)
{
	return NT_STATUS_V(status) >= 0xc0000000u ? NT_STATUS_V(status) : 0;
}

#endif
