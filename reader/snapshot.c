/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "baseline.h"
#include "name.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "snapshot.h"

/* How long a reader waits for one who folds; that takes milliseconds. */
#define LOCK_TIMEOUT_MS 5000

const char *root_name(unsigned op)
{
	switch (op) {
#define OPCODE(value, name, tree) case value: return #name;
#include "latency_opcodes.h"
	case LATENCY_ROOT_ASYNC:
		return "async completion";
	case LATENCY_ROOT_TREE_CONNECT:
		return "tree connect";
	case LATENCY_ROOT_OTHER:
		return "other";
	case LATENCY_ROOT_SEND:
		return "(send)";
	case LATENCY_ROOT_OVERFLOW:
		return "(overflow)";
	default:
		return "?";
	}
}

const char *frame_name(const struct latency_header *h, uint16_t frame)
{
	if (LATENCY_FRAME_LAYER(frame) == 0) {
		return root_name(LATENCY_FRAME_OP(frame));
	}
	return h->op[LATENCY_FRAME_OP(frame)].name;
}

static uint64_t now_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* -------------------------------- taking --------------------------------- */

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
	if (!grow((void **)&s->problems, s->problem_count,
		  sizeof(*s->problems))) {
		return false;
	}
	s->problems[s->problem_count++] = *problem;
	return true;
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

bool snapshot_add_segment(struct snapshot *s, int dir, const char *name)
{
	struct segment_image image;
	struct latency_error problem;

	switch (segment_read(dir, name, &image, &problem)) {
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
	if (!grow((void **)&s->images, s->image_count, sizeof(*s->images))) {
		segment_image_free(&image);
		return false;
	}
	s->images[s->image_count++] = image;
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

/*
 * A directory being read. On a read-only mount its lock may be missing, and is
 * never exclusive: nothing is folded then, the dead are read as they are.
 */
struct place {
	int dir;
	int lock;			/* -1: none */
	bool exclusive;
};

/* Opens and locks the directory. Returns false with *error and errno. */
static bool place_open(struct place *p, const char *directory,
		       struct latency_error *error)
{
	p->dir = segment_dir_open(directory, false, error);
	if (p->dir == -1) {
		return false;
	}
	p->lock = segment_dir_lock(p->dir, true, LOCK_TIMEOUT_MS);
	p->exclusive = p->lock != -1;
	if (p->lock == -1 && errno == EROFS) {
		p->lock = segment_dir_lock(p->dir, false, LOCK_TIMEOUT_MS);
		if (p->lock != -1 || errno == ENOENT) {
			return true;
		}
	}
	if (p->lock == -1) {
		segment_dir_lock_error(directory, LOCK_TIMEOUT_MS, error);
		close(p->dir);
		return false;
	}
	return true;
}

static void place_close(struct place *p)
{
	segment_dir_unlock(p->lock);
	close(p->dir);
}

/*
 * Folds the dead and reads the rest. shared: others may read meanwhile, but
 * nobody folds.
 */
static struct snapshot *take(const struct place *p, bool shared,
			     snapshot_visitor visitor, void *private_data,
			     struct latency_error *error)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	struct latency_error problem;

	if (s == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	if (p->exclusive && !segment_fold_all(p->dir, &problem)) {
		/* They are read as they are, then. */
		snapshot_add_problem(s, &problem);
	}
	if (p->exclusive && shared) {
		/* If that fails, others wait, and that is all. */
		segment_dir_share(p->lock);
	}
	s->visitor = visitor;
	s->private_data = private_data;
	s->taken_realtime_ns = now_ns(CLOCK_REALTIME);
	s->taken_monotonic_ns = now_ns(CLOCK_MONOTONIC);
	if (!add_segments(s, p->dir)) {
		error_set(error, "cannot read the segments: %s",
			  strerror(errno));
		snapshot_free(s);
		return NULL;
	}
	return s;
}

struct snapshot *snapshot_take_locked(int dir, struct latency_error *error)
{
	const struct place p = { .dir = dir, .lock = -1, .exclusive = true };

	return take(&p, false, NULL, NULL, error);
}

struct snapshot *snapshot_visit(const char *directory,
				snapshot_visitor visitor, void *private_data,
				struct snapshot **baseline,
				struct latency_error *error)
{
	struct snapshot *s;
	struct place p;

	if (baseline != NULL) {
		*baseline = NULL;
	}
	if (!place_open(&p, directory, error)) {
		return NULL;
	}
	s = take(&p, baseline == NULL, visitor, private_data, error);
	if (s != NULL && baseline != NULL &&
	    !baseline_read(p.dir, p.exclusive, s, baseline, error)) {
		snapshot_free(s);
		s = NULL;
	}
	place_close(&p);
	return s;
}

struct snapshot *snapshot_take(const char *directory,
			       struct latency_error *error)
{
	return snapshot_visit(directory, NULL, NULL, NULL, error);
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

/* ------------------------------- filtering ------------------------------- */

bool filter_name(const char *wanted, const char *field, size_t size)
{
	return wanted == NULL || strcasecmp(wanted, field) == 0 ||
		name_is(field, size, wanted);
}

bool filter_image(const struct filter *filter,
		  const struct segment_image *image)
{
	return filter->pid == 0 ||
		(image->header->kind == LATENCY_KIND_PROCESS &&
		 (pid_t)image->header->pid == filter->pid);
}

bool filter_slot(const struct filter *filter, const struct latency_slot *slot)
{
	return filter_name(filter->share, slot->key.share,
			   sizeof(slot->key.share)) &&
		filter_name(filter->user, slot->key.user,
			    sizeof(slot->key.user)) &&
		filter_name(filter->client, slot->key.client,
			    sizeof(slot->key.client));
}

void coverage_init(struct coverage *c)
{
	memset(c, 0, sizeof(*c));
	c->since_realtime_ns = UINT64_MAX;
}

void coverage_add(struct coverage *c, const struct segment_image *image,
		  const struct filter *filter)
{
	const struct latency_header *h = image->header;
	const struct latency_slot *slot;

	if (!filter_image(filter, image)) {
		return;
	}
	if (h->kind == LATENCY_KIND_DEPARTED) {
		c->departed += h->processes;
	} else if (image->owned) {
		c->processes++;
	} else {
		c->departed++;
	}
	if (h->start_realtime_ns < c->since_realtime_ns) {
		c->since_realtime_ns = h->start_realtime_ns;
	}
	if (h->start_realtime_ns >= c->latest_realtime_ns &&
	    h->samba_version[0] != '\0') {
		c->latest_realtime_ns = h->start_realtime_ns;
		strcpy(c->samba_version, h->samba_version);
	}
	c->unmeasured += h->unmeasured;
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (filter_slot(filter, slot)) {
			c->connected += image->owned && slot->connected;
			c->tree_connects += slot->tree_connects;
		}
	}
}

/* Not below zero: an open end may turn out to be something else. */
static void take_away(uint64_t *value, uint64_t earlier)
{
	*value = *value > earlier ? *value - earlier : 0;
}

void coverage_subtract(struct coverage *c, const struct coverage *earlier)
{
	take_away(&c->departed, earlier->departed);
	take_away(&c->tree_connects, earlier->tree_connects);
	take_away(&c->unmeasured, earlier->unmeasured);
}

/* ------------------------------- wall clock ------------------------------ */

#define CLOCKS_APART_NS 2000u

static void add_us(uint64_t *sum, uint64_t ns)
{
	*sum += ns / 1000 * 1000;
}

static void add_time(struct wall_time *sum, const struct latency_time *time)
{
#define WALL_PART(name, label, brief, doc) \
	add_us(&sum->name##_ns, time->name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	add_us(&sum->name##_ns, time->name##_ns);
#include "latency_wall.h"
	sum->turns += time->turns;
	sum->waits += time->waits;
}

/*
 * Adds the time since the process last wrote to what it is, as far as that is
 * known; returns what is not known.
 */
static uint64_t add_open_end(struct latency_time *time,
			     const struct segment_image *image, uint64_t now)
{
	uint64_t open = now > time->mark_ns ? now - time->mark_ns : 0;
	uint64_t vfs = 0, waking = 0;

	if (time->phase & LATENCY_PHASE_CPUS_BUSY) {
		waking = open < LATENCY_WAKE_NS ? open : LATENCY_WAKE_NS;
	}
	switch (time->phase & ~(uint32_t)LATENCY_PHASE_CPUS_BUSY) {
	case LATENCY_PHASE_WAITING_CLIENT:
		time->waiting_client_ns += open - waking;
		return waking;
	case LATENCY_PHASE_WAITING_ASYNC:
		time->waiting_async_ns += open - waking;
		return waking;
	default:
		if (image->op_begun_ns != 0 &&
		    image->op_begun_ns + LATENCY_LONG_NS < now) {
			/* Two clocks: they may differ by a microsecond. */
			vfs = now - image->op_begun_ns - CLOCKS_APART_NS;
			vfs = vfs < open ? vfs : open;
		}
		time->vfs_ns += vfs;
		return open - vfs;
	}
}

void snapshot_wall_time(const struct snapshot *snapshot,
			const struct filter *filter, enum open_end open_end,
			struct wall_time *sum)
{
	unsigned i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < snapshot->image_count; i++) {
		const struct segment_image *image = &snapshot->images[i];
		struct latency_time time = image->header->time;

		if (!filter_image(filter, image)) {
			continue;
		}
		if (open_end != OPEN_NOTHING && image->owned &&
		    time.mark_ns != 0) {
			uint64_t not_known = add_open_end(
				&time, image, snapshot->taken_monotonic_ns);

			if (open_end == OPEN_ALL) {
				add_us(&sum->under_way_ns, not_known);
			}
		}
		add_time(sum, &time);
	}
	sum->wall_ns = sum->under_way_ns;
#define WALL_PART(name, label, brief, doc) sum->wall_ns += sum->name##_ns;
#include "latency_wall.h"
}

void wall_time_subtract(struct wall_time *time, const struct wall_time *earlier)
{
	take_away(&time->wall_ns, earlier->wall_ns);
#define WALL_PART(name, label, brief, doc) \
	take_away(&time->name##_ns, earlier->name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	take_away(&time->name##_ns, earlier->name##_ns);
#include "latency_wall.h"
	take_away(&time->turns, earlier->turns);
	take_away(&time->waits, earlier->waits);
}
