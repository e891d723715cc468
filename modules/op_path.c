/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "op_path.h"

static const char *below(const struct files_struct *dirfsp,
			 const struct smb_filename *smb_fname)
{
	const char *directory;

	if (dirfsp == NULL || dirfsp->fsp_name == NULL ||
	    smb_fname->base_name[0] == '/') {
		return smb_fname_str_dbg(smb_fname);
	}
	directory = dirfsp->fsp_name->base_name;
	if (directory[0] == '/' || ISDOT(directory)) {
		/* The root of the share: paths are relative to that. */
		return smb_fname_str_dbg(smb_fname);
	}
	return talloc_asprintf(talloc_tos(), "%s/%s", directory,
			       smb_fname_str_dbg(smb_fname));
}

const char *op_path_string(struct op_path path)
{
	if (path.name != NULL && path.name->base_name != NULL) {
		return below(path.fsp, path.name);
	}
	return path.fsp != NULL ? fsp_str_dbg(path.fsp) : NULL;
}
