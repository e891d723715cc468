/*
 * A segment directory that a reader holds: nobody folds in it meanwhile.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HELD_DIR_H
#define HELD_DIR_H

#include <stdbool.h>

#include "latency_error.h"

/*
 * On a read-only mount, or by a reader that may write nothing, the file to lock
 * may be missing, and is never locked exclusively: nothing is folded then, the
 * dead are read as they are. So too if other readers keep it all the time.
 */
struct held_dir {
	int fd;
	int lock;			/* -1: there is none */
	bool exclusive;
	int refusal;			/* errno: why it is not exclusive */
};

/*
 * Opens the directory and locks it, exclusively where that can be, waiting for
 * seconds if it must. Returns false with *error and errno (ENOENT: there is no
 * such directory).
 */
bool held_dir_open(struct held_dir *held, const char *directory,
		   struct latency_error *error);

/* Says in *error why it is not exclusive, by errno, which may change. */
void held_dir_error(const char *directory, struct latency_error *error);

/* From now on others may read, too. If that fails, they wait. */
void held_dir_share(struct held_dir *held);

void held_dir_close(struct held_dir *held);

#endif
