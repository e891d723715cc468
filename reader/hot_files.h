/*
 * Which files the requests were for: what the slots list (latency_files), added
 * up over all processes, the departed included.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HOT_FILES_H
#define HOT_FILES_H

#include <stdbool.h>

#include "dimension.h"
#include "filter.h"
#include "latency_error.h"
#include "latency_format.h"

/* The figures of a file, and what to call them. */
#define HOT_FIGURES(DO)               \
	DO(TIME, time_ns, "time")     \
	DO(REQUESTS, requests, "requests") \
	DO(FAILURES, failures, "errors") \
	DO(READ, read_bytes, "read")  \
	DO(WRITTEN, written_bytes, "written")

enum hot_figure {
#define FIGURE(NAME, field, name) HOT_##NAME,
	HOT_FIGURES(FIGURE)
#undef FIGURE
	HOT_FIGURE_END,
};

/* Names are of the heap; user and client are NULL unless they are asked for. */
struct hot_file {
	char *share, *user, *client;
	char *path;			/* of a file, or of a directory */
	bool cut;			/* "...", and the path's end */
	uint64_t hash;			/* of the whole path */
	struct latency_file_sum sum;	/* it has had at least that, */
	struct latency_file_sum missed;	/* and at most so much more */
	struct latency_file_sum most_where_listed; /* private */
};

struct hot_files {
	unsigned by; /* BY_USER, BY_CLIENT: told apart, beside share and path */
	struct hot_file *file;
	unsigned count;
	struct latency_file_sum all;	/* of what is known, listed or not */
	struct latency_file_sum dropped; /* of that: not listed */
	struct latency_file_sum unknown; /* of which file is not known */
	struct latency_error *problems;	/* segments that could not be read */
	unsigned problem_count;
	struct hot_group *groups;	/* private: by share, user, client */
	unsigned group_count;
	unsigned *table;		/* private: number + 1, by hash */
	unsigned table_size;
};

/*
 * Reads all of a directory that the filter wants, after the dead are folded.
 * Returns false with *error and errno; then nothing is to be freed.
 */
bool hot_files_read(const char *directory, const struct filter *filter,
		    unsigned by, struct hot_files *files,
		    struct latency_error *error);

/* A copy, to be freed as well. Returns false if there is no memory. */
bool hot_files_copy(const struct hot_files *files, struct hot_files *copy);

/*
 * Leaves what has come since an earlier reading of the same, as far as it is
 * known: a file that was not listed all the time may miss more.
 */
void hot_files_subtract(struct hot_files *files,
			const struct hot_files *earlier);

/*
 * Makes files their directories, of at most `depth` names; 0: all of them.
 * Files below the root of a share are of ".". Returns false: no memory.
 */
bool hot_files_to_dirs(struct hot_files *files, unsigned depth);

/* The largest first. */
void hot_files_sort(struct hot_files *files, enum hot_figure by);

uint64_t hot_figure(const struct latency_file_sum *sum, enum hot_figure figure);

void hot_files_free(struct hot_files *files);

#endif
