/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "held_dir.h"
#include "hot_files.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "segment_reader.h"

#define CUT_DIRECTORY "(path too long)"

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
	group = hot_group_of(f, &key);
	if (group == NULL) {
		return false;
	}
	key.group = (unsigned)(group - f->groups);
	hot_sum_add(&group->most, &files->most);
	hot_sum_add(&group->dropped, &files->dropped);
	hot_sum_add(&group->all, &files->dropped);
	hot_sum_add(&group->unknown, &files->unknown);
	hot_sum_add(&f->dropped, &files->dropped);
	hot_sum_add(&f->all, &files->dropped);
	hot_sum_add(&f->unknown, &files->unknown);
	for (i = 0; i < files->count; i++) {
		const struct latency_file *from = image_file(image, files, i);
		struct hot_file *file;

		key.path = (char *)from->path;
		key.cut = from->cut != 0;
		key.hash = from->hash;
		file = hot_file_of(f, &key);
		if (file == NULL) {
			return false;
		}
		hot_sum_add(&file->sum, &from->sum);
		hot_sum_add(&file->missed, &from->missed);
		hot_sum_add(&file->most_where_listed, &files->most);
		hot_sum_add(&group->all, &from->sum);
		hot_sum_add(&f->all, &from->sum);
	}
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
		return errors_add(&f->problems, &f->problem_count,
				  &problem);
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

/* What there was at the last reset. */
static bool add_baselines(struct hot_files *f, int dir,
			  const struct filter *filter)
{
	struct segment_image departed = { .header = NULL };
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok = d != NULL &&
		add_segment(f, dir, BASELINE_DEPARTED_NAME, filter, &departed);

	while (ok && (e = readdir(d)) != NULL) {
		ok = !baseline_is(e->d_name) ||
			strcmp(e->d_name, BASELINE_DEPARTED_NAME) == 0 ||
			add_segment(f, dir, e->d_name, filter, &departed);
	}
	if (d != NULL) {
		closedir(d);
	}
	if (departed.header != NULL) {
		segment_image_free(&departed);
	}
	return ok;
}

static bool subtract_baselines(struct hot_files *f, int dir,
			       const struct filter *filter)
{
	struct hot_files before = { .by = f->by };
	bool ok = add_baselines(&before, dir, filter);

	if (ok && before.group_count != 0) {
		hot_files_bound(&before);
		hot_files_subtract(f, &before);
	}
	hot_files_free(&before);
	return ok;
}

bool hot_files_read(const char *directory, const struct filter *filter,
		    unsigned by, bool since_reset, struct hot_files *f,
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
		ok = errors_add(&f->problems, &f->problem_count,
				  &problem);
	}
	ok = ok && add_segments(f, held.fd, filter);
	if (ok) {
		hot_files_bound(f);
		ok = !since_reset || subtract_baselines(f, held.fd, filter);
	}
	held_dir_close(&held);
	if (!ok) {
		error_set(error, "%s: %s", directory, strerror(errno));
		hot_files_free(f);
		return false;
	}
	return true;
}

/* ------------------------------- intervals ------------------------------- */

static bool is_less(const struct latency_file_sum *a,
		    const struct latency_file_sum *b)
{
#define FIGURE(NAME, field, word, doc) a->field < b->field ||
	return
#include "latency_figures.h"
		false;
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
		hot_sum_limit(&file->missed, dropped);
	} else if (!is_less(&file->sum, &earlier->sum)) {
		hot_sum_subtract(&file->sum, &earlier->sum);
		hot_sum_subtract(&file->missed, &earlier->missed);
	}
}

/* One that has gone back began anew, as a file does. */
static void subtract_groups(struct hot_files *f,
			    const struct hot_files *earlier)
{
	unsigned i;

	for (i = 0; i < f->group_count; i++) {
		struct hot_group *g = &f->groups[i];
		const struct hot_group *before = hot_group_find(earlier, g);

		if (before == NULL || is_less(&g->all, &before->all) ||
		    is_less(&g->unknown, &before->unknown)) {
			continue;
		}
		hot_sum_subtract(&g->dropped, &before->dropped);
		hot_sum_subtract(&g->all, &before->all);
		hot_sum_subtract(&g->unknown, &before->unknown);
	}
}

void hot_files_subtract(struct hot_files *f, const struct hot_files *earlier)
{
	unsigned i, kept = 0;

	subtract_groups(f, earlier);

	hot_sum_subtract(&f->all, &earlier->all);
	hot_sum_subtract(&f->dropped, &earlier->dropped);
	hot_sum_subtract(&f->unknown, &earlier->unknown);
	for (i = 0; i < f->count; i++) {
		struct hot_file *file = &f->file[i];

		subtract_file(file, hot_file_find(earlier, file),
			      &f->groups[file->group].dropped);
		if (file->sum.requests == 0) {
			hot_file_free(file);
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
	dir = hot_file_of(dirs, &key);
	free(path);
	if (dir != NULL) {
		hot_sum_add(&dir->sum, &file->sum);
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
		struct hot_file *dir = &dirs.file[i];

		/* All that was dropped may be of one directory. */
		dir->missed = f->dropped;
		if (f->group_count != 0) {
			hot_sum_limit(&dir->missed,
				      &f->groups[dir->group].dropped);
		}
	}
	for (i = 0; i < f->count; i++) {
		hot_file_free(&f->file[i]);
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

#define FIGURE(NAME, field, word, doc) \
static int by_##NAME(const void *a, const void *b) \
{ \
	const struct hot_file *x = a, *y = b; \
\
	if (x->sum.field != y->sum.field) { \
		return x->sum.field < y->sum.field ? 1 : -1; \
	} \
	return by_path(x, y); \
}
#include "latency_figures.h"

void hot_files_sort(struct hot_files *f, enum hot_figure by)
{
	static int (*const compare[HOT_FIGURE_END])(const void *,
						    const void *) = {
#define FIGURE(NAME, field, word, doc) [HOT_##NAME] = by_##NAME,
#include "latency_figures.h"
	};

	if (f->count != 0) {
		qsort(f->file, f->count, sizeof(*f->file), compare[by]);
	}
	free(f->table);
	f->table = NULL;
	f->table_size = 0;
}
