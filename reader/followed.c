/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "followed.h"
#include "segment_dir.h"
#include "segment_reader.h"

void followed_close(struct follower *f, struct followed *e)
{
	if (e->fd != -1) {
		close(e->fd);
		e->fd = -1;
		f->descriptors--;
	}
}

void followed_set(struct follower *f, struct followed *e,
		  struct content *content)
{
	if (e->now != NULL && content_owned(e->now) &&
	    !content_lives_on(content, e->now)) {
		f->gone++;
	}
	content_release(e->now);
	e->now = content;
}

static int compare(const void *a, const void *b)
{
	const struct followed *x = a, *y = b;

	if (x->id != y->id) {
		return x->id < y->id ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

/* What is known of the segment of this name; added if it is new. */
static struct followed *find(struct follower *f, const char *name)
{
	struct followed like = { .id = segment_name_id(name), .fd = -1 };
	struct followed *e;

	strcpy(like.name, name);
	e = f->sorted == 0 ? NULL :
		bsearch(&like, f->segments, f->sorted, sizeof(like), compare);
	if (e != NULL) {
		return e;
	}
	if (f->count == f->room) {
		unsigned room = f->room == 0 ? 64 : f->room * 2;
		struct followed *more = realloc(f->segments,
						room * sizeof(*more));

		if (more == NULL) {
			return NULL;
		}
		f->segments = more;
		f->room = room;
	}
	e = &f->segments[f->count++];
	*e = like;
	return e;
}

static bool print_read(int fd, struct print *print)
{
	union {
		unsigned char bytes[offsetof(struct latency_header, time) +
				    offsetof(struct latency_time, mark_ns)];
		uint64_t aligned;
	} head;

	memset(print, 0, sizeof(*print));
	if (pread(fd, &head, sizeof(head), 0) != (ssize_t)sizeof(head)) {
		return false;
	}
	/*
	 * Pairs with seq_write_end(): what was counted before this seq is in
	 * what is read from here on.
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
#define FIELD(field, at) \
	memcpy(&print->field, head.bytes + (at), sizeof(print->field))
	FIELD(version, 0);
	FIELD(id, offsetof(struct latency_header, id));
	FIELD(seq, offsetof(struct latency_header, time.seq));
	FIELD(phase, offsetof(struct latency_header, time.phase));
#undef FIELD
	print->owned = segment_owned(fd);
	return true;
}

/* Did the process wait, so that it counted nothing? */
static bool is_waiting(const struct print *print)
{
	uint32_t phase = print->phase & LATENCY_PHASE_KIND;

	return print->seq != 0 && print->seq % 2 == 0 &&
		(phase == LATENCY_PHASE_WAITING_CLIENT ||
		 phase == LATENCY_PHASE_WAITING_ASYNC);
}

/* Has it counted nothing since its contents were read? */
static bool is_unchanged(const struct followed *e, const struct print *print)
{
	if (e->now == NULL || e->print.owned != print->owned ||
	    memcmp(e->print.version, print->version,
		   sizeof(print->version)) != 0 ||
	    e->print.id != print->id || e->print.seq != print->seq ||
	    e->print.phase != print->phase) {
		return false;
	}
	return !print->owned || is_waiting(print);
}

/* Its print as of now; false: there is none. */
static bool look(struct follower *f, int dir, struct followed *e,
		 struct print *print)
{
	bool ok;

	if (e->fd == -1) {
		e->fd = segment_open(dir, e->name, O_RDONLY, NULL);
		if (e->fd == -1) {
			return false;
		}
		f->descriptors++;
	}
	ok = print_read(e->fd, print);
	if (!ok || f->descriptors > f->most_descriptors) {
		followed_close(f, e);
	}
	return ok;
}

bool followed_read_whole(struct follower *f, int dir, struct followed *e)
{
	struct segment_image image;
	struct latency_error problem;
	struct content *content;

	switch (segment_read(dir, e->name, &image, &problem)) {
	case SEGMENT_GOOD:
		break;
	case SEGMENT_BAD:
		followed_set(f, e, NULL);
		return errors_add(&f->reading.problems,
				  &f->reading.problem_count, &problem);
	default:
		followed_set(f, e, NULL);
		return true;
	}
	if (image.header->id != e->print.id || image.owned != e->print.owned) {
		/* That has changed meanwhile: it is read again next time. */
		memset(&e->print, 0, sizeof(e->print));
	}
	content = content_new(&f->packer, &image, f->filter);
	segment_image_free(&image);
	if (content == NULL) {
		return false;
	}
	followed_set(f, e, content);
	return true;
}

/* Do the departed count it already? Only one that has ended. */
static bool is_folded(const struct follower *f, const struct print *print)
{
	unsigned i;

	for (i = 0; !print->owned && i < f->folded_count; i++) {
		if (f->folded[i] == print->id) {
			return true;
		}
	}
	return false;
}

bool followed_read(struct follower *f, int dir, const struct dirent *d)
{
	struct followed *e;
	struct print print;
	bool known;

	if (strlen(d->d_name) >= sizeof(e->name)) {
		/* No smbd gives it such a name, and nobody folds it. */
		return true;
	}
	e = find(f, d->d_name);
	if (e == NULL) {
		return false;
	}
	e->seen = true;
	if (e->inode != d->d_ino) {
		followed_close(f, e);
		memset(&e->print, 0, sizeof(e->print));
		e->inode = d->d_ino;
	}
	known = look(f, dir, e, &print);
	if (known && is_folded(f, &print)) {
		followed_set(f, e, NULL);
		return true;
	}
	f->dead += known && !print.owned;
	if (known && is_unchanged(e, &print)) {
		return true;
	}
	e->print = print;
	return followed_read_whole(f, dir, e);
}

void followed_sort(struct follower *f)
{
	if (f->sorted != f->count) {
		qsort(f->segments, f->count, sizeof(*f->segments), compare);
		f->sorted = f->count;
	}
}
