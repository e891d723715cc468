/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "segment_dir.h"
#include "segment_fold.h"
#include "snapshot.h"
#include "time_ns.h"

/* Makes room for one more in an array that doubles. */
static bool grow(void **array, unsigned count, size_t size)
{
	void *more;

	if (count != 0 && (count & (count - 1)) != 0) {
		return true;
	}
	more = realloc(*array, (count == 0 ? 1 : (size_t)count * 2) * size);
	if (more == NULL) {
		return false;
	}
	*array = more;
	return true;
}

bool snapshot_add_problem(struct snapshot *s,
			  const struct latency_error *problem)
{
	return errors_add(&s->problems, &s->problem_count, problem);
}

/* Shows it the latest image. */
static bool visit(struct snapshot *s)
{
	struct segment_image *image = &s->images[s->image_count - 1];

	if (s->visitor == NULL) {
		return true;
	}
	return s->visitor(s, image, s->private_data) &&
		(image->header->kind == LATENCY_KIND_DEPARTED ||
		 segment_image_strip(image));
}

bool snapshot_add_image(struct snapshot *s, const struct segment_image *image)
{
	if (!grow((void **)&s->images, s->image_count, sizeof(*s->images))) {
		return false;
	}
	s->images[s->image_count++] = *image;
	return true;
}

bool snapshot_add_segment(struct snapshot *s, int dir, const char *name)
{
	struct segment_image image;
	struct latency_error problem;

	switch (s->with_files ?
		segment_read_files(dir, name, &image, &problem) :
		segment_read(dir, name, &image, &problem)) {
	case SEGMENT_GOOD:
		break;
	case SEGMENT_BAD:
		return snapshot_add_problem(s, &problem);
	default:
		return true;
	}
	/* The departed are read first: images[0], if there are any. */
	if (s->image_count != 0 &&
	    s->images[0].header->kind == LATENCY_KIND_DEPARTED &&
	    departed_include(&s->images[0], image.header->id)) {
		segment_image_free(&image);
		return true;
	}
	if (!snapshot_add_image(s, &image)) {
		segment_image_free(&image);
		return false;
	}
	return visit(s);
}

static bool add_segments(struct snapshot *s, int dir)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok;

	if (d == NULL) {
		return false;
	}
	ok = snapshot_add_segment(s, dir, LATENCY_DEPARTED_NAME);
	while (ok && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0) {
			ok = snapshot_add_segment(s, dir, e->d_name);
		}
	}
	closedir(d);
	return ok;
}

struct snapshot *snapshot_read(struct held_dir *held, unsigned how,
			       snapshot_visitor visitor, void *private_data,
			       struct latency_error *error)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	struct latency_error problem;

	if (s == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	if (held->exclusive && !segment_fold_all(held->fd, &problem)) {
		/* The dead are read as they are, then. */
		snapshot_add_problem(s, &problem);
	}
	if (how & SNAPSHOT_SHARE) {
		held_dir_share(held);
	}
	s->with_files = (how & SNAPSHOT_FILES) != 0;
	s->visitor = visitor;
	s->private_data = private_data;
	s->taken_realtime_ns = clock_read_ns(CLOCK_REALTIME);
	s->taken_monotonic_ns = clock_read_ns(CLOCK_MONOTONIC);
	if (!add_segments(s, held->fd)) {
		error_set(error, "cannot read the segments: %s",
			  strerror(errno));
		snapshot_free(s);
		return NULL;
	}
	return s;
}

struct snapshot *snapshot_visit(const char *directory,
				snapshot_visitor visitor, void *private_data,
				struct latency_error *error)
{
	struct snapshot *s;
	struct held_dir held;

	if (!held_dir_open(&held, directory, error)) {
		return NULL;
	}
	s = snapshot_read(&held, SNAPSHOT_SHARE, visitor, private_data, error);
	held_dir_close(&held);
	return s;
}

struct snapshot *snapshot_of_nothing(void)
{
	struct snapshot *s = calloc(1, sizeof(*s));

	if (s != NULL) {
		s->taken_realtime_ns = clock_read_ns(CLOCK_REALTIME);
		s->taken_monotonic_ns = clock_read_ns(CLOCK_MONOTONIC);
	}
	return s;
}

struct snapshot *snapshot_take(const char *directory,
			       struct latency_error *error)
{
	return snapshot_visit(directory, NULL, NULL, error);
}

void snapshot_free(struct snapshot *s)
{
	unsigned i;

	if (s == NULL) {
		return;
	}
	for (i = 0; i < s->image_count; i++) {
		segment_image_free(&s->images[i]);
	}
	free(s->images);
	free(s->problems);
	free(s);
}
