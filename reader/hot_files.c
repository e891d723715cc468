/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "held_dir.h"
#include "hot_files.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "segment_reader.h"
#include "subtract.h"

#define CUT_DIRECTORY "(path too long)"

/* What slots with the same names have that is not in their lists. */
struct hot_group {
	char *share, *user, *client;
	struct latency_file_sum most;	/* of one file, at most */
	struct latency_file_sum dropped; /* of all together */
};

/* -------------------------------- figures -------------------------------- */

uint64_t hot_figure(const struct latency_file_sum *sum, enum hot_figure figure)
{
	switch (figure) {
#define FIGURE(NAME, field, name) case HOT_##NAME: return sum->field;
	HOT_FIGURES(FIGURE)
#undef FIGURE
	default:
		return 0;
	}
}

static void add(struct latency_file_sum *sum,
		const struct latency_file_sum *more)
{
#define FIGURE(NAME, field, name) sum->field += more->field;
	HOT_FIGURES(FIGURE)
#undef FIGURE
}

static void subtract(struct latency_file_sum *sum,
		     const struct latency_file_sum *less)
{
#define FIGURE(NAME, field, name) subtract_from(&sum->field, less->field);
	HOT_FIGURES(FIGURE)
#undef FIGURE
}

static void limit(struct latency_file_sum *sum,
		  const struct latency_file_sum *most)
{
#define FIGURE(NAME, field, name) \
	if (sum->field > most->field) { \
		sum->field = most->field; \
	}
	HOT_FIGURES(FIGURE)
#undef FIGURE
}

static bool is_less(const struct latency_file_sum *a,
		    const struct latency_file_sum *b)
{
#define FIGURE(NAME, field, name) a->field < b->field ||
	return HOT_FIGURES(FIGURE) false;
#undef FIGURE
}

/* --------------------------------- names --------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static uint64_t hash_text(uint64_t h, const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	}
	return (h ^ 0xff) * 1099511628211u;
}

static unsigned place_of(const struct hot_files *f, const struct hot_file *key)
{
	uint64_t h = 14695981039346656037u;	/* FNV-1a */

	h = hash_text(h, key->share);
	h = hash_text(h, key->user);
	h = hash_text(h, key->client);
	h = hash_text(h, key->path);
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

static struct hot_file *find(const struct hot_files *f,
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

static void free_file(struct hot_file *file)
{
	free(file->share);
	free(file->user);
	free(file->client);
	free(file->path);
}

/* The file of this key, added if it is missing; NULL: no memory. */
static struct hot_file *file_of(struct hot_files *f, const struct hot_file *key)
{
	struct hot_file *file = find(f, key);

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
	};
	if (file->share == NULL || file->path == NULL ||
	    (key->user != NULL && file->user == NULL) ||
	    (key->client != NULL && file->client == NULL)) {
		free_file(file);
		return NULL;
	}
	enter(f, f->count++);
	return file;
}

/* NULL: there is none, as in a copy. */
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

static struct hot_group *group_of(struct hot_files *f,
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

/* -------------------------------- reading -------------------------------- */

static bool add_slot(struct hot_files *f, const struct segment_image *image,
		     const struct latency_slot *slot)
{
	const struct latency_files *files = image_files(image, slot);
	struct hot_file key = {
		.share = (char *)slot->key.share,
		.user = f->by & BY(BY_USER) ? (char *)slot->key.user : NULL,
		.client = f->by & BY(BY_CLIENT) ? (char *)slot->key.client :
			NULL,
	};
	struct hot_group *group;
	unsigned i;

	if (files == NULL) {
		return true;
	}
	group = group_of(f, &key);
	if (group == NULL) {
		return false;
	}
	add(&group->most, &files->most);
	add(&group->dropped, &files->dropped);
	add(&f->dropped, &files->dropped);
	add(&f->all, &files->dropped);
	add(&f->unknown, &files->unknown);
	for (i = 0; i < files->count; i++) {
		const struct latency_file *from = image_file(image, files, i);
		struct hot_file *file;

		key.path = (char *)from->path;
		key.cut = from->cut != 0;
		key.hash = from->hash;
		file = file_of(f, &key);
		if (file == NULL) {
			return false;
		}
		add(&file->sum, &from->sum);
		add(&file->missed, &from->missed);
		add(&file->most_where_listed, &files->most);
		add(&f->all, &from->sum);
	}
	return true;
}

/*
 * In slots that do not list it, a file may have had the most that one has had
 * there. But all that it misses is among what was dropped.
 */
static void set_missed(struct hot_files *f)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		struct hot_file *file = &f->file[i];
		const struct hot_group *group = find_group(f, file);
		struct latency_file_sum elsewhere = group->most;

		subtract(&elsewhere, &file->most_where_listed);
		add(&file->missed, &elsewhere);
		limit(&file->missed, &group->dropped);
	}
}

static bool add_problem(struct hot_files *f,
			const struct latency_error *problem)
{
	struct latency_error *more = realloc(
		f->problems, (f->problem_count + 1) * sizeof(*more));

	if (more == NULL) {
		return false;
	}
	f->problems = more;
	more[f->problem_count++] = *problem;
	return true;
}

/* departed: to be filled in where that is the segment; else it is given. */
static bool add_segment(struct hot_files *f, int dir, const char *name,
			const struct filter *filter,
			struct segment_image *departed)
{
	struct segment_image image;
	const struct latency_slot *slot;
	struct latency_error problem;
	bool ok = true;

	switch (segment_read_files(dir, name, &image, &problem)) {
	case SEGMENT_GOOD:
		break;
	case SEGMENT_BAD:
		return add_problem(f, &problem);
	default:
		return true;
	}
	if (filter_image(filter, &image) &&
	    (departed->header == NULL ||
	     !departed_include(departed, image.header->id))) {
		for (slot = image_slot(&image, NULL); ok && slot != NULL;
		     slot = image_slot(&image, slot)) {
			ok = !filter_slot(filter, slot) ||
				add_slot(f, &image, slot);
		}
	}
	if (image.header->kind == LATENCY_KIND_DEPARTED &&
	    departed->header == NULL) {
		*departed = image;
	} else {
		segment_image_free(&image);
	}
	return ok;
}

static bool add_segments(struct hot_files *f, int dir,
			 const struct filter *filter)
{
	struct segment_image departed = { .header = NULL };
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok;

	if (d == NULL) {
		return false;
	}
	ok = add_segment(f, dir, LATENCY_DEPARTED_NAME, filter, &departed);
	while (ok && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0) {
			ok = add_segment(f, dir, e->d_name, filter, &departed);
		}
	}
	closedir(d);
	if (departed.header != NULL) {
		segment_image_free(&departed);
	}
	return ok;
}

bool hot_files_read(const char *directory, const struct filter *filter,
		    unsigned by, struct hot_files *f,
		    struct latency_error *error)
{
	struct latency_error problem;
	struct held_dir held;
	bool ok = true;

	memset(f, 0, sizeof(*f));
	f->by = by;
	if (!held_dir_open(&held, directory, error)) {
		return false;
	}
	if (held.exclusive && !segment_fold_all(held.fd, &problem)) {
		ok = add_problem(f, &problem);
	}
	ok = ok && add_segments(f, held.fd, filter);
	held_dir_close(&held);
	if (!ok) {
		error_set(error, "%s: %s", directory, strerror(errno));
		hot_files_free(f);
		return false;
	}
	set_missed(f);
	return true;
}

/* ------------------------------- intervals ------------------------------- */

bool hot_files_copy(const struct hot_files *f, struct hot_files *copy)
{
	unsigned i;
	bool ok = true;

	*copy = (struct hot_files){
		.by = f->by,
		.all = f->all,
		.dropped = f->dropped,
		.unknown = f->unknown,
	};
	for (i = 0; ok && i < f->count; i++) {
		struct hot_file *file = file_of(copy, &f->file[i]);

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

/*
 * A file that was listed all the time has what has been added. One that was
 * dropped in between begins at 0 again, and misses what it had before that.
 */
static void subtract_file(struct hot_file *file,
			  const struct hot_file *earlier,
			  const struct latency_file_sum *dropped)
{
	if (earlier == NULL) {
		limit(&file->missed, dropped);
	} else if (!is_less(&file->sum, &earlier->sum)) {
		subtract(&file->sum, &earlier->sum);
		subtract(&file->missed, &earlier->missed);
	}
}

void hot_files_subtract(struct hot_files *f, const struct hot_files *earlier)
{
	unsigned i, kept = 0;

	subtract(&f->all, &earlier->all);
	subtract(&f->dropped, &earlier->dropped);
	subtract(&f->unknown, &earlier->unknown);
	for (i = 0; i < f->count; i++) {
		struct hot_file *file = &f->file[i];

		subtract_file(file, find(earlier, file), &f->dropped);
		if (file->sum.requests == 0) {
			free_file(file);
		} else {
			f->file[kept++] = *file;
		}
	}
	f->count = kept;
	/* It has moved: what is looked for is in the whole ones. */
	free(f->table);
	f->table = NULL;
	f->table_size = 0;
}

/* ------------------------------ directories ------------------------------ */

/* Leaves of a path its directory, of at most `depth` names; 0: all of them. */
static void keep_directory(char *path, unsigned depth)
{
	char *end = strrchr(path, '/'), *c;

	if (end == NULL) {
		strcpy(path, ".");
		return;
	}
	*end = '\0';
	for (c = path; depth != 0 && *c != '\0'; c++) {
		if (*c == '/' && --depth == 0) {
			*c = '\0';
			return;
		}
	}
}

static bool add_directory(struct hot_files *dirs, const struct hot_file *file)
{
	struct hot_file key = *file, *dir;
	/* "." takes more room than an empty path. */
	char *path = malloc(strlen(file->path) + 2);

	if (path == NULL) {
		return false;
	}
	strcpy(path, file->path);
	key.path = file->cut ? (char *)CUT_DIRECTORY : path;
	key.cut = false;
	dir = file_of(dirs, &key);
	free(path);
	if (dir != NULL) {
		add(&dir->sum, &file->sum);
	}
	return dir != NULL;
}

bool hot_files_to_dirs(struct hot_files *f, unsigned depth)
{
	struct hot_files dirs = { .by = f->by };
	unsigned i;
	bool ok = true;

	for (i = 0; ok && i < f->count; i++) {
		if (!f->file[i].cut) {
			keep_directory(f->file[i].path, depth);
		}
		ok = add_directory(&dirs, &f->file[i]);
	}
	for (i = 0; ok && i < dirs.count; i++) {
		const struct hot_group *group = find_group(f, &dirs.file[i]);

		/* All that was dropped may be of one directory. */
		dirs.file[i].missed = f->dropped;
		if (group != NULL) {
			limit(&dirs.file[i].missed, &group->dropped);
		}
	}
	for (i = 0; i < f->count; i++) {
		free_file(&f->file[i]);
	}
	free(f->file);
	free(f->table);
	f->file = dirs.file;
	f->count = dirs.count;
	f->table = dirs.table;
	f->table_size = dirs.table_size;
	return ok;
}

/* --------------------------------- order --------------------------------- */

static int by_path(const struct hot_file *x, const struct hot_file *y)
{
	int order = strcmp(x->share, y->share);

	return order != 0 ? order : strcmp(x->path, y->path);
}

#define FIGURE(NAME, field, name) \
static int by_##NAME(const void *a, const void *b) \
{ \
	const struct hot_file *x = a, *y = b; \
\
	if (x->sum.field != y->sum.field) { \
		return x->sum.field < y->sum.field ? 1 : -1; \
	} \
	return by_path(x, y); \
}
HOT_FIGURES(FIGURE)
#undef FIGURE

void hot_files_sort(struct hot_files *f, enum hot_figure by)
{
	static int (*const compare[HOT_FIGURE_END])(const void *,
						    const void *) = {
#define FIGURE(NAME, field, name) [HOT_##NAME] = by_##NAME,
		HOT_FIGURES(FIGURE)
#undef FIGURE
	};

	if (f->count != 0) {
		qsort(f->file, f->count, sizeof(*f->file), compare[by]);
	}
	free(f->table);
	f->table = NULL;
	f->table_size = 0;
}

void hot_files_free(struct hot_files *f)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		free_file(&f->file[i]);
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
