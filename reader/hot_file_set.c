/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "hot_file_set.h"
#include "name.h"
#include "subtract.h"

/* -------------------------------- figures -------------------------------- */

uint64_t hot_figure(const struct latency_file_sum *sum, enum hot_figure figure)
{
	switch (figure) {
#define FIGURE(NAME, field, word, doc) case HOT_##NAME: return sum->field;
#include "latency_figures.h"
	default:
		return 0;
	}
}

void hot_sum_add(struct latency_file_sum *sum,
		 const struct latency_file_sum *more)
{
#define FIGURE(NAME, field, word, doc) sum->field += more->field;
#include "latency_figures.h"
}

void hot_sum_subtract(struct latency_file_sum *sum,
		      const struct latency_file_sum *less)
{
#define FIGURE(NAME, field, word, doc) subtract_from(&sum->field, less->field);
#include "latency_figures.h"
}

void hot_sum_limit(struct latency_file_sum *sum,
		   const struct latency_file_sum *most)
{
#define FIGURE(NAME, field, word, doc) \
	if (sum->field > most->field) { \
		sum->field = most->field; \
	}
#include "latency_figures.h"
}

/* --------------------------------- names --------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static unsigned place_of(const struct hot_files *f, const struct hot_file *key)
{
	uint64_t h = names_hash(NAMES_HASH, key->share);

	h = names_hash(h, key->user != NULL ? key->user : "");
	h = names_hash(h, key->client != NULL ? key->client : "");
	h = names_hash(h, key->path);
	return (unsigned)(h % f->table_size);
}

/* Cut paths with the same end may be of different files. */
static bool is_file(const struct hot_file *file, const struct hot_file *key)
{
	return strcmp(file->path, key->path) == 0 && file->cut == key->cut &&
		(!file->cut || file->hash == key->hash) &&
		strcmp(file->share, key->share) == 0 &&
		same(file->user, key->user) && same(file->client, key->client);
}

struct hot_file *hot_file_find(const struct hot_files *f,
			       const struct hot_file *key)
{
	unsigned i;

	if (f->table_size == 0) {
		return NULL;
	}
	for (i = place_of(f, key); f->table[i] != 0;
	     i = (i + 1) % f->table_size) {
		if (is_file(&f->file[f->table[i] - 1], key)) {
			return &f->file[f->table[i] - 1];
		}
	}
	return NULL;
}

static void enter(struct hot_files *f, unsigned number)
{
	unsigned i = place_of(f, &f->file[number]);

	while (f->table[i] != 0) {
		i = (i + 1) % f->table_size;
	}
	f->table[i] = number + 1;
}

/* Room for one more; the table is at most half full. */
static bool grow(struct hot_files *f)
{
	unsigned size = f->table_size == 0 ? 512 : f->table_size * 2, i;
	struct hot_file *file;
	unsigned *table;

	if (f->count < f->table_size / 2) {
		return true;
	}
	file = realloc(f->file, size / 2 * sizeof(*file));
	if (file == NULL) {
		return false;
	}
	f->file = file;
	table = calloc(size, sizeof(*table));
	if (table == NULL) {
		return false;
	}
	free(f->table);
	f->table = table;
	f->table_size = size;
	for (i = 0; i < f->count; i++) {
		enter(f, i);
	}
	return true;
}

static char *copy_of(const char *text)
{
	return text != NULL ? strdup(text) : NULL;
}

void hot_file_free(struct hot_file *file)
{
	free(file->share);
	free(file->user);
	free(file->client);
	free(file->path);
}

/* The file of this key, added if it is missing; NULL: no memory. */
struct hot_file *hot_file_of(struct hot_files *f, const struct hot_file *key)
{
	struct hot_file *file = hot_file_find(f, key);

	if (file != NULL) {
		return file;
	}
	if (!grow(f)) {
		return NULL;
	}
	file = &f->file[f->count];
	*file = (struct hot_file){
		.share = strdup(key->share),
		.user = copy_of(key->user),
		.client = copy_of(key->client),
		.path = strdup(key->path),
		.cut = key->cut,
		.hash = key->hash,
		.group = key->group,
	};
	if (file->share == NULL || file->path == NULL ||
	    (key->user != NULL && file->user == NULL) ||
	    (key->client != NULL && file->client == NULL)) {
		hot_file_free(file);
		return NULL;
	}
	enter(f, f->count++);
	return file;
}

static struct hot_group *find_group(const struct hot_files *f,
				    const struct hot_file *key)
{
	unsigned i;

	for (i = 0; i < f->group_count; i++) {
		struct hot_group *g = &f->groups[i];

		if (strcmp(g->share, key->share) == 0 &&
		    same(g->user, key->user) && same(g->client, key->client)) {
			return g;
		}
	}
	return NULL;
}

struct hot_group *hot_group_of(struct hot_files *f,
			       const struct hot_file *key)
{
	struct hot_group *g = find_group(f, key);

	if (g != NULL) {
		return g;
	}
	g = realloc(f->groups, (f->group_count + 1) * sizeof(*g));
	if (g == NULL) {
		return NULL;
	}
	f->groups = g;
	g += f->group_count;
	*g = (struct hot_group){
		.share = strdup(key->share),
		.user = copy_of(key->user),
		.client = copy_of(key->client),
	};
	if (g->share == NULL) {
		free(g->user);
		free(g->client);
		return NULL;
	}
	f->group_count++;
	return g;
}

const struct hot_group *hot_group_find(const struct hot_files *f,
				       const struct hot_group *group)
{
	const struct hot_file key = {
		.share = group->share,
		.user = group->user,
		.client = group->client,
	};

	return find_group(f, &key);
}

/*
 * In slots that do not list it, a file may have had the most that one has had
 * there. But all that it misses is among what was dropped.
 */
void hot_files_bound(struct hot_files *f)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		struct hot_file *file = &f->file[i];
		const struct hot_group *group = &f->groups[file->group];
		struct latency_file_sum elsewhere = group->most;

		hot_sum_subtract(&elsewhere, &file->most_where_listed);
		hot_sum_add(&file->missed, &elsewhere);
		hot_sum_limit(&file->missed, &group->dropped);
	}
}

static bool copy_groups(const struct hot_files *f, struct hot_files *copy)
{
	unsigned i;

	for (i = 0; i < f->group_count; i++) {
		const struct hot_group *from = &f->groups[i];
		const struct hot_file key = {
			.share = from->share,
			.user = from->user,
			.client = from->client,
		};
		struct hot_group *g = hot_group_of(copy, &key);

		if (g == NULL) {
			return false;
		}
		g->most = from->most;
		g->dropped = from->dropped;
		g->all = from->all;
		g->unknown = from->unknown;
	}
	return true;
}

bool hot_files_copy(const struct hot_files *f, struct hot_files *copy)
{
	unsigned i;
	bool ok;

	*copy = (struct hot_files){
		.by = f->by,
		.all = f->all,
		.dropped = f->dropped,
		.unknown = f->unknown,
	};
	ok = copy_groups(f, copy);
	for (i = 0; ok && i < f->count; i++) {
		struct hot_file *file = hot_file_of(copy, &f->file[i]);

		ok = file != NULL;
		if (ok) {
			file->sum = f->file[i].sum;
			file->missed = f->file[i].missed;
		}
	}
	if (!ok) {
		hot_files_free(copy);
	}
	return ok;
}

void hot_files_free(struct hot_files *f)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		hot_file_free(&f->file[i]);
	}
	for (i = 0; i < f->group_count; i++) {
		free(f->groups[i].share);
		free(f->groups[i].user);
		free(f->groups[i].client);
	}
	free(f->groups);
	free(f->file);
	free(f->table);
	free(f->problems);
	memset(f, 0, sizeof(*f));
}
