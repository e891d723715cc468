/*
 * The Samba that is installed here, as smbd itself tells.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SAMBA_INSTALL_H
#define SAMBA_INSTALL_H

#include <limits.h>
#include <stdbool.h>

struct samba_install {
	char version[48];		/* "4.17.12-Debian"; "": none is */
	char modules[PATH_MAX];		/* where it looks for VFS modules */
};

/* modules is the directory that this was built for where smbd does not say. */
void samba_install_ask(struct samba_install *samba);

/* Are two versions of one release? As "4.22" of "4.22.11". */
bool same_release(const char *a, const char *b);

#endif
