/*
 * Preloaded into smbd: each segment of a process gets a second name in the
 * directory VFS_LATENCY_KEEP before it gets its own, so what it has counted can
 * be seen whatever becomes of the process and of the segment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int linkat(int from_dir, const char *from, int to_dir, const char *to,
	   int flags)
{
	int (*next)(int, const char *, int, const char *, int) =
		(int (*)(int, const char *, int, const char *, int))
		dlsym(RTLD_NEXT, "linkat");
	const char *keep = getenv("VFS_LATENCY_KEEP");
	char path[4096];

	if (keep != NULL && strstr(to, ".segment") != NULL) {
		int saved_errno = errno;

		snprintf(path, sizeof(path), "%s/%s", keep, to);
		if (next(from_dir, from, AT_FDCWD, path, flags) != 0) {
			perror(path);
			abort();
		}
		errno = saved_errno;
	}
	return next(from_dir, from, to_dir, to, flags);
}
