/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FOLLOWER_MARK_H
#define FOLLOWER_MARK_H

/* The readings that a follower remembers, beside the latest. */
enum follower_mark {
	FOLLOWER_FIRST,
	FOLLOWER_LAST,
	FOLLOWER_MARKS,
};

#endif
