/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "frame_name.h"
#include "name.h"
#include "segment_dir.h"
#include "segment_reader.h"
#include "slow_ops.h"
#include "time_ns.h"

#define LOCK_TIMEOUT_MS 1000
#define RECENT 16384u		/* ops lately returned that are remembered */
#define RECENT_NS 60000000000u	/* how long "lately" is */

/* -------------------------- what has been seen --------------------------- */

static struct slow_ops_mark *mark_of(struct slow_ops_seen *seen, uint64_t id)
{
	struct slow_ops_mark *more;
	unsigned i;

	for (i = 0; i < seen->count; i++) {
		if (seen->marks[i].id == id) {
			return &seen->marks[i];
		}
	}
	more = realloc(seen->marks, (seen->count + 1) * sizeof(*more));
	if (more == NULL) {
		return NULL;
	}
	seen->marks = more;
	more[seen->count] = (struct slow_ops_mark){ .id = id };
	return &more[seen->count++];
}

/* Forgets the marks of segments that are gone. */
static void drop_marks(struct slow_ops_seen *seen)
{
	unsigned i, kept = 0;

	for (i = 0; i < seen->count; i++) {
		if (seen->marks[i].exists) {
			seen->marks[kept] = seen->marks[i];
			seen->marks[kept++].exists = false;
		}
	}
	seen->count = kept;
}

static uint64_t hash(const struct latency_slow *slow)
{
	uint64_t h = names_hash(NAMES_HASH, slow->path);

	h = names_hash_number(h, slow->realtime_ns);
	h = names_hash_number(h, slow->duration_ns);
	return names_hash_number(h, slow->message_id);
}

/* Notes an op as returned; false if it was already. */
static bool note(struct slow_ops_seen *seen, const struct latency_slow *slow)
{
	uint64_t h = hash(slow);
	unsigned i;

	for (i = 0; i < RECENT; i++) {
		if (seen->recent[i] == h) {
			return false;
		}
	}
	seen->recent[seen->next++ % RECENT] = h;
	return true;
}

/* ------------------------------- reading --------------------------------- */

static void set_around(struct slow_op *op, const struct latency_header *h,
		       const struct latency_slow *slow)
{
	unsigned i;

	for (i = 0; i < LATENCY_SLOW_AROUND && slow->around[i] != 0; i++) {
		struct slow_op_around *a = &op->around[op->around_count++];
		uint16_t frame = slow->around[i];

		strncpy(a->op, frame_name(h, frame), sizeof(a->op) - 1);
		strncpy(a->layer, h->layer[LATENCY_FRAME_LAYER(frame)].name,
			sizeof(a->layer) - 1);
	}
}

static bool append(struct slow_op_list *list, const struct segment_image *image,
		   const struct latency_slow *slow)
{
	const struct latency_header *h = image->header;
	const struct latency_slot *slot = image_at(image, slow->slot);
	unsigned layer = LATENCY_FRAME_LAYER(slow->frame);
	struct slow_op *op;

	op = realloc(list->ops, (list->count + 1) * sizeof(*op));
	if (op == NULL) {
		return false;
	}
	list->ops = op;
	op += list->count++;
	memset(op, 0, sizeof(*op));
	op->realtime_ns = slow->realtime_ns;
	op->duration_ns = slow->duration_ns;
	op->message_id = slow->message_id;
	op->error = slow->error;
	op->pid = h->pid;
	op->is_request = layer == 0;
	if (op->is_request) {
		op->pending_ns = slow->inside.pending_ns;
		op->vfs_ns = slow->inside.vfs_ns;
	} else {
		strncpy(op->op, frame_name(h, slow->frame),
			sizeof(op->op) - 1);
		strncpy(op->layer, h->layer[layer].name,
			sizeof(op->layer) - 1);
		set_around(op, h, slow);
	}
	strncpy(op->request, frame_name(h, slow->root),
		sizeof(op->request) - 1);
	op->key = slot->key;
	memcpy(op->path, slow->path, sizeof(op->path));
	return true;
}

/* Adds what is new in the ring of an image. */
static bool add_ring(const struct segment_image *image,
		     const struct filter *filter, struct slow_ops_seen *seen,
		     struct slow_ops_mark *mark, struct slow_op_list *list)
{
	const struct latency_slow_ring *ring =
		image_at(image, image->header->slow_ring);
	bool departed = image->header->kind == LATENCY_KIND_DEPARTED;
	uint64_t after = mark->number;
	unsigned i;

	for (i = 0; i < LATENCY_SLOW_ENTRIES; i++) {
		const struct latency_slow *slow = &ring->entry[i];

		if (slow->number == 0 || slow->number <= after) {
			continue;
		}
		if (slow->number > mark->number) {
			mark->number = slow->number;
		}
		/* The departed's were mostly seen when they were alive. */
		if (departed && slow->realtime_ns + RECENT_NS <
		    seen->polled_ns) {
			continue;
		}
		if (filter_slot(filter, image_at(image, slow->slot)) &&
		    note(seen, slow) && !append(list, image, slow)) {
			return false;
		}
	}
	return true;
}

/*
 * The id of a segment and the number of the latest op in its ring, without
 * reading all of it. Returns false if there is none.
 */
static bool peek(int dir, const char *name, uint64_t *id, uint64_t *written)
{
	struct latency_header h;
	int fd = segment_open(dir, name, O_RDONLY, NULL);
	bool ok;

	if (fd == -1) {
		return false;
	}
	ok = pread(fd, &h, sizeof(h), 0) == (ssize_t)sizeof(h) &&
		memcmp(h.magic, LATENCY_MAGIC, sizeof(h.magic)) == 0;
	if (ok) {
		*id = h.kind == LATENCY_KIND_DEPARTED ? 0 : h.id;
		*written = 0;
	}
	if (ok && h.slow_ring != 0) {
		ok = pread(fd, written, sizeof(*written),
			   (off_t)h.slow_ring * LATENCY_LINE) ==
			(ssize_t)sizeof(*written);
	}
	close(fd);
	return ok;
}

static bool read_segment(int dir, const char *name,
			 const struct filter *filter,
			 struct slow_ops_seen *seen, struct slow_op_list *list)
{
	struct latency_error ignored;
	struct segment_image image;
	struct slow_ops_mark *mark;
	uint64_t id, written;
	bool ok = true;

	if (!peek(dir, name, &id, &written)) {
		return true;
	}
	mark = mark_of(seen, id);
	if (mark == NULL) {
		return false;
	}
	mark->exists = true;
	if (written <= mark->number ||
	    segment_read(dir, name, &image, &ignored) != SEGMENT_GOOD) {
		return true;
	}
	if (image.header->slow_ring != 0 && filter_image(filter, &image)) {
		ok = add_ring(&image, filter, seen, mark, list);
	}
	segment_image_free(&image);
	return ok;
}

static bool read_all(int dir, const struct filter *filter,
		     struct slow_ops_seen *seen, struct slow_op_list *list)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok;

	if (d == NULL) {
		return false;
	}
	ok = read_segment(dir, LATENCY_DEPARTED_NAME, filter, seen, list);
	while (ok && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0) {
			ok = read_segment(dir, e->d_name, filter, seen, list);
		}
	}
	closedir(d);
	return ok;
}

static int compare(const void *a, const void *b)
{
	const struct slow_op *x = a, *y = b;

	return x->realtime_ns < y->realtime_ns ? -1 :
		x->realtime_ns > y->realtime_ns;
}

bool slow_ops_read(const char *directory, const struct filter *filter,
		   struct slow_ops_seen *seen, struct slow_op_list *list,
		   struct latency_error *error)
{
	uint64_t now = clock_read_ns(CLOCK_REALTIME);
	int dir = segment_dir_open(directory, false, error);
	bool ok;
	int lock;

	memset(list, 0, sizeof(*list));
	if (dir == -1) {
		return false;
	}
	if (seen->recent == NULL) {
		seen->recent = calloc(RECENT, sizeof(*seen->recent));
	}
	/* Without the lock an op that is being folded is found next time. */
	lock = segment_dir_lock(dir, false, LOCK_TIMEOUT_MS);
	if (lock == -1 && errno == EACCES) {
		/* Nor can we read any of it. */
		segment_dir_lock_error(directory, LOCK_TIMEOUT_MS, error);
		close(dir);
		return false;
	}
	ok = seen->recent != NULL && read_all(dir, filter, seen, list);
	if (!ok) {
		error_set(error, "%s: %s", directory, strerror(errno));
	}
	segment_dir_unlock(lock);
	close(dir);
	if (!ok) {
		slow_ops_free(list);
		return false;
	}
	drop_marks(seen);
	seen->polled_ns = now;
	if (list->count != 0) {
		qsort(list->ops, list->count, sizeof(*list->ops), compare);
	}
	return true;
}

void slow_ops_free(struct slow_op_list *list)
{
	free(list->ops);
	list->ops = NULL;
	list->count = 0;
}

void slow_ops_forget(struct slow_ops_seen *seen)
{
	free(seen->marks);
	free(seen->recent);
	memset(seen, 0, sizeof(*seen));
}
