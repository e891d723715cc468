/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "op_path.h"
#include "name.h"

/* The directory below the root of the share that a name is in; NULL: none. */
static const char *directory_of(struct op_path path)
{
	const struct files_struct *dirfsp = path.fsp;
	const char *directory;

	if (dirfsp == NULL || dirfsp->fsp_name == NULL ||
	    path.name->base_name[0] == '/') {
		return NULL;
	}
	directory = dirfsp->fsp_name->base_name;
	/* The root of the share: paths are relative to that. */
	return directory[0] == '/' || ISDOT(directory) ? NULL : directory;
}

static const char *below(struct op_path path)
{
	const char *directory = directory_of(path);

	if (directory == NULL) {
		return smb_fname_str_dbg(path.name);
	}
	return talloc_asprintf(talloc_tos(), "%s/%s", directory,
			       smb_fname_str_dbg(path.name));
}

const char *op_path_string(struct op_path path)
{
	if (path.name != NULL && path.name->base_name != NULL) {
		return below(path);
	}
	return path.fsp != NULL ? fsp_str_dbg(path.fsp) : NULL;
}

static void copy_long(char *to, size_t size, struct op_path path)
{
	int saved_errno = errno;
	TALLOC_CTX *frame = talloc_stackframe();
	const char *string = op_path_string(path);

	path_copy(to, size, string != NULL ? string : "");
	TALLOC_FREE(frame);
	errno = saved_errno;
}

void op_path_copy(char *to, size_t size, struct op_path path)
{
	const struct smb_filename *name = path.name;
	const char *directory = NULL;
	size_t directory_length, length, stream_length;

	if (name != NULL && name->base_name != NULL) {
		directory = directory_of(path);
	} else {
		name = path.fsp != NULL ? path.fsp->fsp_name : NULL;
		if (name == NULL || name->base_name == NULL) {
			to[0] = '\0';
			return;
		}
	}
	directory_length = directory != NULL ? strlen(directory) + 1 : 0;
	length = strlen(name->base_name);
	stream_length = name->stream_name != NULL ?
		strlen(name->stream_name) : 0;
	if (unlikely(directory_length + length + stream_length >= size)) {
		copy_long(to, size, path);
		return;
	}
	if (directory != NULL) {
		memcpy(to, directory, directory_length - 1);
		to[directory_length - 1] = '/';
		to += directory_length;
	}
	memcpy(to, name->base_name, length);
	if (name->stream_name != NULL) {
		memcpy(to + length, name->stream_name, stream_length);
	}
	to[length + stream_length] = '\0';
}
