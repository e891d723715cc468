/*
 * What a history counts by: keys (share, user, client, vfs objects) and paths
 * of the calling context tree, each with a number in the database.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_NAMES_H
#define HISTORY_NAMES_H

#include "history_db.h"
#include "segment_image.h"

/* A frame below another path, by name: segments number them differently. */
struct history_path {
	uint32_t parent;		/* number of the path above; 0: none */
	int root;			/* op, if of layer 0; else -1 */
	bool async;			/* send/recv pair */
	enum latency_class error_class;
	char layer[sizeof(((struct latency_layer *)NULL)->name)];
	char op[sizeof(((struct latency_op *)NULL)->name)];
};

/* All paths; in memory, since every node asks for one. */
struct history_paths {
	struct history_path *paths;	/* number n at n - 1 */
	uint32_t count;
	uint32_t *place;		/* number by hash; 0: free */
	uint32_t mask;
};

/* Reads them. Returns false with *error; free them also then. */
bool history_paths_read(struct history_db *db, struct history_paths *paths,
			struct latency_error *error);

void history_paths_free(struct history_paths *paths);

/* Path number n; NULL if there is none. */
static inline const struct history_path *history_path(
	const struct history_paths *paths, uint32_t n)
{
	return n > 0 && n <= paths->count ? &paths->paths[n - 1] : NULL;
}

/* The number of a path, added if it is new; 0 with *error. */
uint32_t history_path_number(struct history_db *db, struct history_paths *paths,
			     const struct history_path *path,
			     struct latency_error *error);

/*
 * Forgets the paths after so many, and reads them again: a transaction that
 * added some was rolled back.
 */
bool history_paths_again(struct history_db *db, struct history_paths *paths,
			 struct latency_error *error);

/* The number of a key, added if it is new; 0 with *error. */
uint32_t history_key_number(struct history_db *db,
			    const struct latency_slot_key *key,
			    struct latency_error *error);

/* Key number n. Returns false with *error. */
bool history_key(struct history_db *db, uint32_t n,
		 struct latency_slot_key *key, struct latency_error *error);

#endif
