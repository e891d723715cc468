/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "map_guard.h"
#include "segment_copy.h"
#include "segment_dir.h"
#include "segment_reader.h"
#include "sequence.h"

/*
 * How often a segment is read again. While it was read, its owner may have
 * claimed what lies behind the end of the image, or added a layer to a header
 * that was copied already: then things do not fit, and fit the next time. The
 * fuzzers, where nobody writes, set less.
 */
#ifndef SEGMENT_TRIES
#define SEGMENT_TRIES 20
#endif

#define MAKING_S 10		/* by then a header is written */

/*
 * A segment without a header (NULL), or with one that was never published: its
 * process has not got there yet, or died on the way, or somebody truncated it.
 */
static enum segment_state headless(const struct segment_image *image,
				   const struct latency_header *h,
				   const struct stat *st,
				   struct latency_error *error)
{
	time_t age = segment_age(st);
	uint64_t id = segment_name_id(image->name);

	if (image->owned && age >= 0 && age < MAKING_S) {
		return SEGMENT_UNFINISHED;
	}
	if (!image->owned && h != NULL && id != 0 && word_read(&h->id) == id) {
		/* It was never truncated: nothing has been counted in it. */
		return SEGMENT_UNFINISHED;
	}
	error_set(error, "%s: has no header: it was truncated, or its smbd "
		  "died while creating it", image->name);
	return SEGMENT_BAD;
}

static enum segment_state read_mapped(struct segment_image *image,
				      unsigned char *taken, int fd,
				      const struct stat *st,
				      struct latency_error *error)
{
	size_t size = image->size;
	void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	enum segment_state state = SEGMENT_BAD;
	uint64_t magic;

	if (map == MAP_FAILED || !map_guard_add(map, size, NULL)) {
		error_set(error, "%s: cannot map: %s", image->name,
			  strerror(errno));
		if (map != MAP_FAILED) {
			munmap(map, size);
		}
		return SEGMENT_BAD;
	}
	/* Pairs with the word_publish() of segment_publish(). */
	magic = word_follow((const uint64_t *)map);
	if (magic == 0) {
		state = headless(image, map, st, error);
	} else if (segment_copy(image, map, taken, error)) {
		state = SEGMENT_GOOD;
	}
	if (map_guard_broken(map)) {
		error_set(error, "%s: was truncated while it was read",
			  image->name);
		state = SEGMENT_BAD;
	}
	map_guard_remove(map);
	munmap(map, size);
	return state;
}

/* Reads what is in the file now. */
static enum segment_state read_file(struct segment_image *image, int fd,
				    struct latency_error *error)
{
	unsigned char *taken;
	enum segment_state state = SEGMENT_BAD;
	struct stat st;

	if (fstat(fd, &st) != 0) {
		error_set(error, "%s: %s", image->name, strerror(errno));
		return SEGMENT_BAD;
	}
	image->owned = segment_owned(fd);
	if (st.st_size < (off_t)sizeof(struct latency_header)) {
		return headless(image, NULL, &st, error);
	}
	if (st.st_size > LATENCY_MAX_SIZE) {
		error_set(error, "%s: too long for a segment: %lld bytes",
			  image->name, (long long)st.st_size);
		return SEGMENT_BAD;
	}
	image->size = (size_t)st.st_size / LATENCY_LINE * LATENCY_LINE;
	/* Zero where nothing is copied to: it may be stored as a baseline. */
	image->data = calloc(image->size, 1);
	taken = calloc(image->size / LATENCY_LINE, 1);
	if (image->data == NULL || taken == NULL) {
		error_set(error, "%s: out of memory", image->name);
	} else {
		image->header = (const struct latency_header *)image->data;
		state = read_mapped(image, taken, fd, &st, error);
	}
	free(taken);
	return state;
}

static enum segment_state read_it(int dir, const char *name, bool with_files,
				  struct segment_image *image,
				  struct latency_error *error)
{
	enum segment_state state = SEGMENT_BAD;
	int fd, i, reason = 0;

	memset(image, 0, sizeof(*image));
	strncpy(image->name, name, sizeof(image->name) - 1);
	image->with_files = with_files;

	fd = segment_open(dir, name, O_RDONLY, error);
	if (fd == -1) {
		return errno == ENOENT ? SEGMENT_GONE : SEGMENT_BAD;
	}
	for (i = 0; i < SEGMENT_TRIES; i++) {
		error->text[0] = '\0';
		errno = 0;
		state = read_file(image, fd, error);
		reason = errno;
		if (state == SEGMENT_GOOD) {
			break;
		}
		segment_image_free(image);
		if (state != SEGMENT_BAD || !image->owned) {
			break;
		}
	}
	close(fd);
	errno = reason;
	return state;
}

enum segment_state segment_read(int dir, const char *name,
				struct segment_image *image,
				struct latency_error *error)
{
	return read_it(dir, name, false, image, error);
}

enum segment_state segment_read_files(int dir, const char *name,
				      struct segment_image *image,
				      struct latency_error *error)
{
	return read_it(dir, name, true, image, error);
}
