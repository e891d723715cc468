/*
 * The segments that a follower knows, and what is remembered of each: for
 * follower.c, which reads them, and follower_pair.c, which shows them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FOLLOWED_H
#define FOLLOWED_H

#include <sys/stat.h>

#include "content.h"
#include "follower_mark.h"
#include "snapshot.h"

struct dirent;

/* What tells whether a segment is the same, and has counted nothing. */
struct print {
	unsigned char version[24];	/* magic, byte order, version, size */
	uint64_t id;
	uint32_t seq;			/* of latency_time */
	uint32_t phase;
	bool owned;
};

/* A segment, by its name. */
struct followed {
	char name[64];
	uint64_t id;			/* in the name */
	ino_t inode;
	int fd;				/* -1: is opened each time */
	bool seen;			/* in this reading */
	struct print print;		/* before `now` was read */
	struct content *now;		/* NULL: there is none */
	struct content *at[FOLLOWER_MARKS];
};

struct follower {
	const char *directory;
	const struct filter *filter;
	struct packer packer;
	struct snapshot reading;	/* the latest; no images */
	struct snapshot marked[FOLLOWER_MARKS]; /* when */
	struct followed departed;
	struct stat departed_stat;	/* of the file that was read */
	uint64_t *folded;		/* ids that the departed include */
	unsigned folded_count;
	uint64_t merged_hash;		/* of when they merged names */
	unsigned long merges;		/* how often that has changed */
	struct followed *segments;	/* by id, then name; new ones behind */
	unsigned count;
	unsigned sorted;		/* how many of them are not new */
	unsigned room;
	unsigned dead;			/* in the latest reading, not folded */
	unsigned long gone;
	uint64_t folded_ns;		/* CLOCK_MONOTONIC; 0: never */
	unsigned descriptors;		/* that are open */
	unsigned most_descriptors;
};

/*
 * Reads the segment of this directory entry if it is new or may have changed.
 * Returns false if there is no memory.
 */
bool followed_read(struct follower *follower, int dir,
		   const struct dirent *entry);

/* Reads it; what is bad is one of the problems. Returns false: no memory. */
bool followed_read_whole(struct follower *follower, int dir,
			 struct followed *segment);

/* Once all of a reading have been found: the new ones are new no more. */
void followed_sort(struct follower *follower);

/* The contents are its from then on. */
void followed_set(struct follower *follower, struct followed *segment,
		  struct content *content);

void followed_close(struct follower *follower, struct followed *segment);

#endif
