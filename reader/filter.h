/*
 * Which part of what was counted is wanted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FILTER_H
#define FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "segment_image.h"

/* Which part of a snapshot is wanted; NULL or 0: all. */
struct filter {
	const char *share;
	const char *user;
	const char *client;
	pid_t pid;
};

/* Is this process wanted? The departed are nobody's process. */
bool filter_image(const struct filter *filter,
		  const struct segment_image *image);

/*
 * Is the name in a field of `size` bytes, see name.h, the one that is wanted
 * (NULL: any)? SMB's names of shares and Windows' names of users have no case;
 * nor do those of Unix users here, unless they are too long for the field.
 */
bool filter_name(const char *wanted, const char *field, size_t size);
bool filter_slot(const struct filter *filter, const struct latency_slot *slot);

/*
 * Does it perhaps want some of what a slot has that it does not want as a
 * whole? That of clients that are summed up as "(others)".
 */
bool filter_may_want(const struct filter *filter,
		     const struct latency_slot *slot);

#endif
