/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "segment_writer.h"
#include "snapshot_relate.h"
#include "wall_time.h"

bool baseline_is(const char *name)
{
	uint64_t id;
	pid_t pid;

	return strcmp(name, BASELINE_DEPARTED_NAME) == 0 ||
		process_name_parse(name, BASELINE_SUFFIX, &pid, &id);
}

static int compare(const void *a, const void *b)
{
	const struct segment_image *x = a, *y = b;

	return x->header->id < y->header->id ? -1 :
		x->header->id > y->header->id;
}

/* The baseline of a process or of the departed, whose id is 0. */
static const struct segment_image *image_of(const struct snapshot *baseline,
					    const struct segment_image *like)
{
	const struct segment_image *image =
		bsearch(like, baseline->images, baseline->image_count,
			sizeof(*like), compare);

	return image != NULL && image->header->kind == like->header->kind ?
		image : NULL;
}

/*
 * Is there still a segment of the process that this baseline is of? In doubt
 * there is: then the baseline stays.
 */
static bool has_segment(int dir, const struct segment_image *baseline)
{
	char name[64];

	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME,
		 baseline->header->pid,
		 (unsigned long long)baseline->header->id);
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
		errno != ENOENT;
}

/* ------------------------------- writing --------------------------------- */

static bool write_all(int fd, const void *data, size_t size, off_t offset)
{
	const char *bytes = data;

	while (size != 0) {
		ssize_t written = pwrite(fd, bytes, size, offset);

		if (written == -1 && errno == EINTR) {
			continue;
		}
		if (written <= 0) {
			return false;
		}
		bytes += written;
		offset += written;
		size -= (size_t)written;
	}
	return true;
}

/* The header of a baseline of this image. */
static struct latency_header header_now(const struct segment_image *image,
					const struct snapshot *snapshot)
{
	struct latency_header h = *image->header;
	const struct filter only = { .pid = (pid_t)h.pid };
	struct snapshot one = *snapshot;
	struct wall_time time;

	h.start_realtime_ns = snapshot->taken_realtime_ns;
	h.start_monotonic_ns = snapshot->taken_monotonic_ns;
	h.slow_ring = 0;
	h.flights = 0;
	memset(&h.control, 0, sizeof(h.control));
	if (h.kind == LATENCY_KIND_DEPARTED) {
		return h;
	}
	/* What it has been doing since it last wrote belongs to it. */
	one.images = (struct segment_image *)image;
	one.image_count = 1;
	snapshot_wall_time(&one, &only, OPEN_KNOWN, &time);
	h.time.phase = LATENCY_PHASE_ENDED;
	h.time.mark_ns = 0;
#define WALL_PART(name, label, brief, doc) h.time.name##_ns = time.name##_ns;
#include "latency_wall.h"
	return h;
}

/* Copies an image to fd, the ring of slow ops left out. */
static bool write_image(int fd, const struct segment_image *image,
			const struct latency_header *h)
{
	size_t size = (size_t)image->header->used * LATENCY_LINE;
	size_t ring = (size_t)image->header->slow_ring * LATENCY_LINE;
	size_t after = ring + sizeof(struct latency_slow_ring);

	if (size > image->size || size < h->header_size) {
		size = image->size;
	}
	if (ring == 0 || after > size) {
		ring = after = size;
	}
	return ftruncate(fd, (off_t)size) == 0 &&
		write_all(fd, h, sizeof(*h), 0) &&
		write_all(fd, image->data + sizeof(*h), ring - sizeof(*h),
			  sizeof(*h)) &&
		write_all(fd, image->data + after, size - after, (off_t)after);
}

/*
 * Tree connects that are connected now are not over: they will be among those
 * since the reset.
 */
static void leave_connected(struct segment_image *image)
{
	struct latency_slot *slot;

	for (slot = image_slot_change(image, NULL);
	     image->owned && slot != NULL;
	     slot = image_slot_change(image, slot)) {
		if (slot->connected && slot->tree_connects != 0) {
			slot->tree_connects--;
		}
	}
}

/* Makes the image, as it is, the baseline of its process or the departed. */
static bool store(int dir, struct segment_image *image,
		  const struct snapshot *snapshot, struct latency_error *error)
{
	const struct latency_header h = header_now(image, snapshot);
	char name[64] = BASELINE_DEPARTED_NAME;
	bool ok;
	int fd;

	if (h.kind == LATENCY_KIND_PROCESS) {
		snprintf(name, sizeof(name), BASELINE_NAME, h.pid,
			 (unsigned long long)h.id);
	}
	unlinkat(dir, BASELINE_NEW_NAME, 0);
	fd = segment_open(dir, BASELINE_NEW_NAME, O_RDWR | O_CREAT | O_EXCL,
			  error);
	if (fd == -1) {
		return false;
	}
	segment_admit_group(dir, fd);
	leave_connected(image);
	ok = write_image(fd, image, &h) &&
		renameat(dir, BASELINE_NEW_NAME, dir, name) == 0;
	if (!ok) {
		error_set(error, "%s: cannot write: %s", name, strerror(errno));
		unlinkat(dir, BASELINE_NEW_NAME, 0);
	}
	close(fd);
	return ok;
}

/* Removes the baselines of processes that have no segment any more. */
static void remove_dead(int dir)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		struct segment_image image;
		struct latency_error ignored;

		if (!baseline_is(e->d_name) ||
		    strcmp(e->d_name, BASELINE_DEPARTED_NAME) == 0) {
			continue;
		}
		if (segment_read(dir, e->d_name, &image, &ignored) ==
		    SEGMENT_GOOD) {
			bool alive = has_segment(dir, &image);

			segment_image_free(&image);
			if (alive) {
				continue;
			}
		}
		unlinkat(dir, e->d_name, 0);
	}
	if (d != NULL) {
		closedir(d);
	}
}

static bool store_all(int dir, struct snapshot *snapshot, pid_t pid,
		      struct latency_error *error)
{
	bool found = false;
	unsigned i;

	if (pid == 0) {
		/* First, since the departed will include them. */
		remove_dead(dir);
	}
	for (i = 0; i < snapshot->image_count; i++) {
		struct segment_image *image = &snapshot->images[i];

		if (pid != 0 && ((pid_t)image->header->pid != pid ||
				 image->header->kind != LATENCY_KIND_PROCESS)) {
			continue;
		}
		if (!store(dir, image, snapshot, error)) {
			return false;
		}
		found = true;
	}
	if (!found && pid != 0) {
		error_set(error, "no smbd with pid %d is measured", (int)pid);
		errno = ESRCH;
		return false;
	}
	return true;
}

bool baseline_reset(const char *directory, pid_t pid,
		    struct latency_error *error)
{
	struct snapshot *snapshot;
	struct held_dir held;
	bool ok;

	if (!held_dir_open(&held, directory, error)) {
		return false;
	}
	if (!held.exclusive) {
		held_dir_close(&held);
		errno = held.refusal;
		held_dir_error(directory, error);
		return false;
	}
	snapshot = snapshot_read(&held, SNAPSHOT_FILES, NULL, NULL, error);
	ok = snapshot != NULL && store_all(held.fd, snapshot, pid, error);
	snapshot_free(snapshot);
	held_dir_close(&held);
	return ok;
}

/* ------------------------------- folding --------------------------------- */

/* Once more, with what files had: reports do without. */
static void read_files(int dir, struct segment_image *image)
{
	struct segment_image again;
	struct latency_error ignored;

	if (segment_read_files(dir, image->name, &again, &ignored) ==
	    SEGMENT_GOOD) {
		again.owned = image->owned;
		segment_image_free(image);
		*image = again;
	}
}

/*
 * Adds the baselines of the dead to that of the departed, which may be
 * missing, and removes them.
 */
static bool fold(int dir, struct snapshot *b, const struct snapshot *snapshot,
		 const bool *dead, struct latency_error *error)
{
	const struct segment_image *departed = snapshot_departed(snapshot);
	const struct segment_image *old = snapshot_departed(b);
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_DEPARTED,
		.samba_version = "",
	};
	uint64_t *ids = calloc(b->image_count, sizeof(*ids));
	struct segment_image *images = calloc(b->image_count, sizeof(*images));
	uint64_t since = old != NULL ? old->header->start_realtime_ns : 0;
	uint64_t processes = old != NULL ? old->header->processes : 0;
	struct segment_writer *to = NULL;
	unsigned i, count = 0, image_count = 0;
	bool ok;

	unlinkat(dir, BASELINE_NEW_NAME, 0);
	if (ids != NULL && images != NULL) {
		to = segment_create(dir, BASELINE_NEW_NAME, &identity, error);
	}
	if (to == NULL) {
		free(ids);
		free(images);
		return false;
	}
	for (i = 0; i < b->image_count; i++) {
		if (&b->images[i] == old || dead[i]) {
			read_files(dir, &b->images[i]);
			/* Under the keys that the departed have for it. */
			image_rekey(&b->images[i], departed);
			images[image_count++] = b->images[i];
		}
		if (dead[i]) {
			ids[count++] = b->images[i].header->id;
		}
	}
	ok = segment_merge(to, images, image_count, true, error);
	to->header->start_realtime_ns = since;
	to->header->processes = processes;
	ok = ok && segment_folded(to, ids, count);
	if (ok) {
		segment_publish(to);
		ok = renameat(dir, BASELINE_NEW_NAME, dir,
			      BASELINE_DEPARTED_NAME) == 0;
	}
	for (i = 0; ok && i < b->image_count; i++) {
		if (dead[i]) {
			unlinkat(dir, b->images[i].name, 0);
		}
	}
	if (!ok) {
		unlinkat(dir, BASELINE_NEW_NAME, 0);
	}
	segment_close(to);
	free(ids);
	free(images);
	return ok;
}

/* If folding fails, the reading goes on with the files as they are. */
static void fold_dead(int dir, struct snapshot *b,
		      const struct snapshot *snapshot)
{
	bool *dead = calloc(b->image_count, sizeof(*dead));
	struct latency_error ignored;
	bool any = false;
	unsigned i;

	for (i = 0; dead != NULL && i < b->image_count; i++) {
		dead[i] = b->images[i].header->kind == LATENCY_KIND_PROCESS &&
			!has_segment(dir, &b->images[i]);
		any |= dead[i];
	}
	if (any) {
		fold(dir, b, snapshot, dead, &ignored);
	}
	free(dead);
}

/* ------------------------------- reading --------------------------------- */

static struct snapshot *read_all(int dir, struct snapshot *snapshot)
{
	struct snapshot *b = calloc(1, sizeof(*b));
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok = b != NULL && d != NULL;
	unsigned i;

	if (ok) {
		b->baseline = true;
		b->taken_realtime_ns = snapshot->taken_realtime_ns;
		b->taken_monotonic_ns = snapshot->taken_monotonic_ns;
		ok = snapshot_add_segment(b, dir, BASELINE_DEPARTED_NAME);
	}
	while (ok && (e = readdir(d)) != NULL) {
		if (baseline_is(e->d_name) &&
		    strcmp(e->d_name, BASELINE_DEPARTED_NAME) != 0) {
			ok = snapshot_add_segment(b, dir, e->d_name);
		}
	}
	if (d != NULL) {
		closedir(d);
	}
	if (!ok) {
		snapshot_free(b);
		return NULL;
	}
	/* Nobody has a lock on a baseline; its process was alive then. */
	for (i = 0; i < b->image_count; i++) {
		b->images[i].owned = b->images[i].header->kind ==
			LATENCY_KIND_PROCESS;
	}
	return b;
}

bool baseline_read(const struct held_dir *held, struct snapshot *snapshot,
		   struct snapshot **baseline, struct latency_error *error)
{
	struct snapshot *b = read_all(held->fd, snapshot);
	unsigned i;

	*baseline = NULL;
	if (b == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	for (i = 0; i < b->problem_count; i++) {
		if (!snapshot_add_problem(snapshot, &b->problems[i])) {
			error_set(error, "out of memory");
			snapshot_free(b);
			return false;
		}
	}
	if (b->image_count == 0) {
		snapshot_free(b);
		return true;
	}
	if (held->exclusive) {
		fold_dead(held->fd, b, snapshot);
	}
	qsort(b->images, b->image_count, sizeof(*b->images), compare);
	*baseline = b;
	return true;
}

uint64_t baseline_image_since(const struct segment_image *image,
			      const struct snapshot *baseline)
{
	const struct segment_image *base = image_of(baseline, image);
	uint64_t start = image->header->start_realtime_ns;

	return base != NULL && base->header->start_realtime_ns > start ?
		base->header->start_realtime_ns : start;
}

uint64_t baseline_since(const struct snapshot *snapshot,
			const struct snapshot *baseline,
			const struct filter *filter)
{
	uint64_t since = UINT64_MAX;
	unsigned i;

	for (i = 0; i < snapshot->image_count; i++) {
		const struct segment_image *image = &snapshot->images[i];

		if (filter_image(filter, image)) {
			uint64_t start = baseline_image_since(image, baseline);

			since = start < since ? start : since;
		}
	}
	return since;
}
