/*
 * Follows a directory of segments from one reading to the next, without reading
 * again what cannot have changed, and without keeping whole snapshots.
 *
 * On a large server most smbds wait for their clients most of the time. A
 * process that waits counts nothing: its main thread is the only one that
 * counts, and a wait begins and ends with an update of latency_time. So if the
 * seq of that is even, and the same as before the segment was read last, and
 * the phase is one of waiting, then nothing in it has changed, but for
 * latency_control, which is no count. Of a segment without an event loop the
 * seq is 0: it is always read. What belongs to nobody any more was read after
 * its process had ended, and changes as little.
 *
 * What has been read is kept packed. Of two readings those segments that have
 * changed are made whole again, and of the others only the header is told:
 * what they have counted is the same in both, and nothing of their difference.
 *
 * Folding looks at all segments, so it is done at the first reading, and then
 * once a minute if somebody has died. What is not folded yet is shown as what
 * it will be: as one of the departed. Only names that folding will merge into
 * "(others)" are still told apart until then.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FOLLOWER_H
#define FOLLOWER_H

#include "filter.h"
#include "follower_mark.h"
#include "snapshot.h"

struct follower;

/* Is shown an image. Returns false to end it all. */
typedef bool (*follower_visitor)(const struct segment_image *image,
				 void *private_data);

/*
 * Two readings: the headers of their segments, as segment_image_strip() leaves
 * them. Those of segments that have changed, so many, come first. In the others
 * nothing happened; `connected` of their images tells which of their tree
 * connects the filter wants.
 */
struct follower_pair {
	struct snapshot earlier;
	struct snapshot later;
	unsigned earlier_changed;
	unsigned later_changed;
};

/*
 * Begins to follow a directory; the filter and the name must stay. Allows this
 * process as many descriptors as it may have: one is kept for each segment, as
 * long as there are. Returns NULL if there is no memory.
 */
struct follower *follower_new(const char *directory,
			      const struct filter *filter);
void follower_free(struct follower *follower);

/*
 * Reads what has changed. Returns false with *error and errno (ENOENT: there is
 * no such directory): then it is as after the reading before.
 */
bool follower_read(struct follower *follower, struct latency_error *error);

/* The same of a directory that is not there. */
void follower_read_nothing(struct follower *follower);

/* Of the latest reading: when it was, and its problems. It has no images. */
const struct snapshot *follower_reading(const struct follower *follower);

/* How many processes have ended, of all that there ever were. */
unsigned long follower_gone(const struct follower *follower);

/* How often the departed have merged names, between two readings at least. */
unsigned long follower_merges(const struct follower *follower);

/* Remembers the latest reading under this mark, instead of what was there. */
void follower_set_mark(struct follower *follower, enum follower_mark mark);

/*
 * Shows the visitor the images of segments that are as they were at the mark,
 * one by one; each is gone when the next one comes. Left out are processes that
 * the filter's pid does not mean. Returns false if the visitor does, or if
 * there is no memory.
 */
bool follower_visit(const struct follower *follower, enum follower_mark mark,
		    follower_visitor visitor, void *private_data);

/*
 * What happened from the mark to the latest reading: of segments that have
 * changed since, or of all, the departed first, `earlier` is shown the image as
 * of the mark, related to the later reading as by snapshot_relate(), and
 * `later` that as of the reading. The pair is to be freed before the next
 * reading. Returns NULL if a visitor returns false, or if there is no memory.
 */
struct follower_pair *follower_since(const struct follower *follower,
				     enum follower_mark mark, bool all,
				     follower_visitor earlier,
				     follower_visitor later,
				     void *private_data);
void follower_pair_free(struct follower_pair *pair);

#endif
