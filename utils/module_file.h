/*
 * The file of the module, latency.so, as it lies there: for which Samba it was
 * built, whether it has probes. It is read, not loaded, and not believed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MODULE_FILE_H
#define MODULE_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

struct module_file {
	char path[PATH_MAX];
	int error;			/* errno of reading it, or 0 */
	struct stat st;
	char version[16];		/* ours; "": it does not say */
	char samba[48];			/* what it was built for */
	bool probes;			/* has .note.stapsdt */
};

/* Reads latency.so in a directory. */
void module_file_read(struct module_file *module, const char *directory);

#endif
