/*
 * The path and the error of an op, for who wants to see them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_PATH_H
#define OP_PATH_H

#include "module.h"

/* The path column of latency_ops.h: a string on talloc_tos(), or NULL. */
#define FSP_PATH(fsp) fsp_str_dbg(fsp)
#define NAME_PATH(smb_fname) op_path_name(smb_fname)
#define AT_PATH(dirfsp, smb_fname) op_path_at(dirfsp, smb_fname)
#define NO_PATH NULL

const char *op_path_name(const struct smb_filename *smb_fname);
const char *op_path_at(const struct files_struct *dirfsp,
		       const struct smb_filename *smb_fname);

/* Why an op failed: errno, or UINT32_MAX if it does not say. */
static inline uint32_t op_error_errno(void)
{
	return errno != 0 ? (uint32_t)errno : UINT32_MAX;
}

/* The same from a status; warnings and informations are no errors. */
static inline uint32_t op_error_ntstatus(NTSTATUS status)
{
	return NT_STATUS_IS_ERR(status) ? NT_STATUS_V(status) : 0;
}

#endif
