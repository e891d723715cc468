/*
 * A set of files by share, user, client and path, with their figures.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HOT_FILE_SET_H
#define HOT_FILE_SET_H

#include <stdbool.h>

#include "dimension.h"
#include "latency_error.h"
#include "latency_format.h"

enum hot_figure {
#define FIGURE(NAME, field, word, doc) HOT_##NAME,
#include "latency_figures.h"
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
	struct latency_file_sum most_where_listed; /* see hot_group */
	unsigned group;			/* its number */
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
	struct hot_group *groups;	/* by share, user, client */
	unsigned group_count;
	unsigned *table;		/* number + 1, by hash */
	unsigned table_size;
};

uint64_t hot_figure(const struct latency_file_sum *sum, enum hot_figure figure);

/* A copy, to be freed as well. Returns false if there is no memory. */
bool hot_files_copy(const struct hot_files *files, struct hot_files *copy);

void hot_files_free(struct hot_files *files);

/* What slots with the same names have, and of that what no list has. */
struct hot_group {
	char *share, *user, *client;
	struct latency_file_sum most;	/* of one file, at most */
	struct latency_file_sum dropped; /* of all together */
	struct latency_file_sum all;	/* and of those that are listed */
	struct latency_file_sum unknown; /* of which file is not known */
};

/* No figure becomes less than 0; none stays above its limit. */
void hot_sum_add(struct latency_file_sum *sum,
		 const struct latency_file_sum *more);
void hot_sum_subtract(struct latency_file_sum *sum,
		      const struct latency_file_sum *less);
void hot_sum_limit(struct latency_file_sum *sum,
		   const struct latency_file_sum *most);

/* The file with the names of the key, or NULL. */
struct hot_file *hot_file_find(const struct hot_files *files,
			       const struct hot_file *key);

/* The same, added with all figures 0 if it is missing; NULL: no memory. */
struct hot_file *hot_file_of(struct hot_files *files,
			     const struct hot_file *key);

/* Frees its names. */
void hot_file_free(struct hot_file *file);

/* The same for what is not in the lists of slots with these names. */
struct hot_group *hot_group_of(struct hot_files *files,
			       const struct hot_file *key);

/* The group of these files that has the names of another one, or NULL. */
const struct hot_group *hot_group_find(const struct hot_files *files,
				       const struct hot_group *group);

/*
 * Adds to what each file misses what it may have had where it is not listed;
 * no file misses more than was dropped. Once, when all is added.
 */
void hot_files_bound(struct hot_files *files);

#endif
