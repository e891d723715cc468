/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "followed.h"
#include "follower.h"
#include "name.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "time_ns.h"

/* How often the dead are folded. */
#define FOLD_NS ((uint64_t)60 * NS_PER_S)

/* Descriptors that are left for others: the terminal, a database. */
#define OTHER_DESCRIPTORS 64
#define MOST_DESCRIPTORS 1048576

/* -------------------------------- its life ------------------------------- */

/* How many segments may be kept open. */
static unsigned descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return 0;
	}
	if (limit.rlim_cur < limit.rlim_max) {
		rlim_t before = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
			limit.rlim_cur = before;
		}
	}
	if (limit.rlim_cur > MOST_DESCRIPTORS) {
		return MOST_DESCRIPTORS;
	}
	return limit.rlim_cur > OTHER_DESCRIPTORS ?
		(unsigned)limit.rlim_cur - OTHER_DESCRIPTORS : 0;
}

struct follower *follower_new(const char *directory,
			      const struct filter *filter)
{
	struct follower *f = calloc(1, sizeof(*f));

	if (f != NULL) {
		f->directory = directory;
		f->filter = filter;
		f->departed.fd = -1;
		strcpy(f->departed.name, LATENCY_DEPARTED_NAME);
		f->most_descriptors = descriptors();
	}
	return f;
}

static void release(struct follower *f, struct followed *e)
{
	unsigned mark;

	followed_close(f, e);
	content_release(e->now);
	for (mark = 0; mark < FOLLOWER_MARKS; mark++) {
		content_release(e->at[mark]);
	}
}

void follower_free(struct follower *f)
{
	unsigned i;

	if (f == NULL) {
		return;
	}
	release(f, &f->departed);
	for (i = 0; i < f->count; i++) {
		release(f, &f->segments[i]);
	}
	packer_free(&f->packer);
	free(f->reading.problems);
	free(f->segments);
	free(f->folded);
	free(f);
}

const struct snapshot *follower_reading(const struct follower *f)
{
	return &f->reading;
}

unsigned long follower_merges(const struct follower *f)
{
	return f->merges;
}

unsigned long follower_gone(const struct follower *f)
{
	return f->gone;
}

/* Is it remembered that there was such a segment? */
static bool is_remembered(const struct followed *e)
{
	unsigned mark;

	for (mark = 0; mark < FOLLOWER_MARKS; mark++) {
		if (e->at[mark] != NULL) {
			return true;
		}
	}
	return e->now != NULL || e->seen;
}

void follower_set_mark(struct follower *f, enum follower_mark mark)
{
	unsigned i, kept = 0;

	f->marked[mark].taken_realtime_ns = f->reading.taken_realtime_ns;
	f->marked[mark].taken_monotonic_ns = f->reading.taken_monotonic_ns;
	content_release(f->departed.at[mark]);
	f->departed.at[mark] = content_share(f->departed.now);
	for (i = 0; i < f->count; i++) {
		struct followed *e = &f->segments[i];

		content_release(e->at[mark]);
		e->at[mark] = content_share(e->now);
		if (is_remembered(e)) {
			f->segments[kept++] = *e;
		} else {
			release(f, e);
		}
	}
	f->count = f->sorted = kept;
}

/* ------------------------------ the departed ----------------------------- */

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* They are never changed, but for being replaced as a whole. */
static bool same_departed(const struct follower *f, const struct stat *st)
{
	const struct stat *was = &f->departed_stat;

	return f->departed.now != NULL && was->st_ino == st->st_ino &&
		was->st_size == st->st_size &&
		same_time(&was->st_mtim, &st->st_mtim) &&
		same_time(&was->st_ctim, &st->st_ctim);
}

/* Notes whether they have merged names since they were read last. */
static void note_merged(struct follower *f, const struct segment_image *image)
{
	uint32_t line = image->header->merged;
	uint64_t hash = NAMES_HASH;
	const uint64_t *times;
	size_t i;

	if (line != 0) {
		times = image_at(image, line);
		for (i = 0; i < sizeof(struct latency_merged) / sizeof(*times);
		     i++) {
			hash = names_hash_number(hash, times[i]);
		}
	}
	f->merges += hash != f->merged_hash;
	f->merged_hash = hash;
}

static bool set_folded(struct follower *f, const struct segment_image *image)
{
	const struct latency_header *h = image->header;
	uint64_t *ids = malloc((h->folded_count + 1) * sizeof(*ids));

	if (ids == NULL) {
		return false;
	}
	if (h->folded_count != 0) {
		memcpy(ids, image_at(image, h->folded),
		       h->folded_count * sizeof(*ids));
	}
	free(f->folded);
	f->folded = ids;
	f->folded_count = h->folded_count;
	return true;
}

/* Whom they include. Returns false if there is no memory. */
static bool find_folded(struct follower *f)
{
	struct segment_image image;
	bool ok;

	f->folded_count = 0;
	if (f->departed.now == NULL) {
		return true;
	}
	if (!content_image(f->departed.now, &f->packer, f->departed.name,
			   &image)) {
		return false;
	}
	note_merged(f, &image);
	ok = set_folded(f, &image);
	segment_image_free(&image);
	return ok;
}

static bool read_departed(struct follower *f, int dir)
{
	struct followed *e = &f->departed;
	struct stat st;

	if (fstatat(dir, e->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		memset(&st, 0, sizeof(st));
	}
	if (same_departed(f, &st)) {
		return true;
	}
	f->departed_stat = st;
	return followed_read_whole(f, dir, e) && find_folded(f);
}

/* ------------------------------- a reading ------------------------------- */

static void begin_reading(struct follower *f)
{
	unsigned i;

	free(f->reading.problems);
	f->reading.problems = NULL;
	f->reading.problem_count = 0;
	f->reading.taken_realtime_ns = clock_read_ns(CLOCK_REALTIME);
	f->reading.taken_monotonic_ns = clock_read_ns(CLOCK_MONOTONIC);
	f->dead = 0;
	for (i = 0; i < f->count; i++) {
		f->segments[i].seen = false;
	}
}

/* What was not seen is there no more. */
static void end_reading(struct follower *f)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		struct followed *e = &f->segments[i];

		if (!e->seen && e->now != NULL) {
			followed_close(f, e);
			followed_set(f, e, NULL);
		}
	}
}

static bool read_all(struct follower *f, int dir)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok;

	if (d == NULL) {
		return false;
	}
	ok = read_departed(f, dir);
	while (ok && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0) {
			ok = followed_read(f, dir, e);
		}
	}
	closedir(d);
	followed_sort(f);
	if (!ok) {
		errno = ENOMEM;
	}
	return ok;
}

/* If that fails the dead are read as they are. Keeps the problem. */
static bool fold(struct follower *f, const struct held_dir *held,
		 struct latency_error *problem)
{
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

	if (!held->exclusive ||
	    (f->folded_ns != 0 &&
	     (f->dead == 0 || now - f->folded_ns < FOLD_NS))) {
		return true;
	}
	f->folded_ns = now;
	return segment_fold_all(held->fd, problem);
}

bool follower_read(struct follower *f, struct latency_error *error)
{
	struct latency_error problem;
	struct held_dir held;
	bool folded, ok;

	if (!held_dir_open(&held, f->directory, error)) {
		return false;
	}
	folded = fold(f, &held, &problem);
	held_dir_share(&held);
	begin_reading(f);
	ok = (folded || errors_add(&f->reading.problems,
				   &f->reading.problem_count, &problem)) &&
		read_all(f, held.fd);
	if (ok) {
		end_reading(f);
	} else {
		error_set(error, "cannot read the segments: %s",
			  strerror(errno));
	}
	held_dir_close(&held);
	return ok;
}

void follower_read_nothing(struct follower *f)
{
	begin_reading(f);
	followed_set(f, &f->departed, NULL);
	f->folded_count = 0;
	end_reading(f);
}
