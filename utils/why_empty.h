/*
 * Why there is nothing to report: looks for it, and prints nothing. What it
 * cannot find out it says is not known.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WHY_EMPTY_H
#define WHY_EMPTY_H

#include <stdbool.h>
#include <sys/types.h>

#define FINDINGS 16

struct findings {
	unsigned count;
	char text[FINDINGS][512];	/* a sentence each, no full stop */
};

/* Where nothing was found. */
struct emptiness {
	const char *directory;		/* of the segments */
	bool given;			/* by --segments, not by smb.conf */
	const char *configfile;		/* NULL: Samba's own */
	pid_t pid;			/* only this process; 0: all */
};

/* The most telling finding comes first; there is at least one. */
void why_empty(const struct emptiness *e, struct findings *findings);

#endif
