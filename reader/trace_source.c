/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "frame_name.h"
#include "segment_dir.h"
#include "time_ns.h"
#include "trace_source.h"

#define SLOTS_MAX 4096		/* tree connects that are told apart */

/* A slot that events have named. */
struct named_slot {
	struct named_slot *next;
	uint32_t line;
	struct latency_slot slot;
};

struct trace_source {
	int fd;
	char name[64];
	struct latency_header header;	/* made safe, see read_header() */
	struct trace_ring ring;		/* if its line is not 0 */
	struct trace_drain *drain;
	bool fresh;			/* there was no ring at first */
	struct named_slot *slots;
	struct trace_groups *groups;
	struct trace_listener listener;
	int64_t realtime_offset;	/* to CLOCK_MONOTONIC */
	bool no_memory;
};

/* -------------------------------- the header ----------------------------- */

static void terminate(char *field, size_t size)
{
	field[size - 1] = '\0';
}

/*
 * Reads it; names are cut where they have no end. Returns false with *error,
 * empty if its process is still making it.
 */
static bool read_header(struct trace_source *s, struct latency_error *error)
{
	struct latency_header *h = &s->header;
	static const char none[sizeof(h->magic)];
	ssize_t got = pread(s->fd, h, sizeof(*h), 0);
	unsigned i;

	error->text[0] = '\0';
	if (got == -1) {
		error_set(error, "%s: cannot read: %s", s->name,
			  strerror(errno));
		return false;
	}
	if (got != (ssize_t)sizeof(*h) ||
	    memcmp(h->magic, none, sizeof(none)) == 0) {
		return false;
	}
	if (memcmp(h->magic, LATENCY_MAGIC, sizeof(h->magic)) != 0 ||
	    h->byte_order != LATENCY_BYTE_ORDER || h->major != LATENCY_MAJOR ||
	    h->header_size < sizeof(*h) || h->op_count > LATENCY_MAX_OPS) {
		error_set(error, "%s: not a segment that can be traced",
			  s->name);
		return false;
	}
	for (i = 0; i < LATENCY_MAX_LAYERS; i++) {
		terminate(h->layer[i].name, sizeof(h->layer[i].name));
	}
	for (i = 0; i < LATENCY_MAX_OPS; i++) {
		terminate(h->op[i].name, sizeof(h->op[i].name));
	}
	return true;
}

/* --------------------------------- names --------------------------------- */

/* The slot at this line; one without names if there is none. */
static const struct latency_slot *slot_at(struct trace_source *s, uint32_t line)
{
	static const struct latency_slot unknown;
	struct named_slot *n;
	unsigned known = 0;
	struct latency_slot *slot;

	for (n = s->slots; n != NULL; n = n->next) {
		if (n->line == line) {
			return &n->slot;
		}
		known++;
	}
	n = known < SLOTS_MAX ? calloc(1, sizeof(*n)) : NULL;
	if (n == NULL) {
		return &unknown;
	}
	n->line = line;
	n->next = s->slots;
	s->slots = n;
	slot = &n->slot;
	if (line < s->header.header_size / LATENCY_LINE ||
	    pread(s->fd, slot, sizeof(*slot), (off_t)line * LATENCY_LINE) !=
	    (ssize_t)sizeof(*slot)) {
		memset(slot, 0, sizeof(*slot));
	}
	terminate(slot->key.share, sizeof(slot->key.share));
	terminate(slot->key.user, sizeof(slot->key.user));
	terminate(slot->key.client, sizeof(slot->key.client));
	terminate(slot->key.objects, sizeof(slot->key.objects));
	return slot;
}

static bool is_named(const struct trace_source *s, uint16_t frame)
{
	return s->header.layer[LATENCY_FRAME_LAYER(frame)].name[0] != '\0';
}

static const char *layer_of(struct trace_source *s, uint16_t frame)
{
	struct latency_error ignored;

	if (LATENCY_FRAME_LAYER(frame) == 0) {
		return "";
	}
	if (!is_named(s, frame)) {
		/* A new layer; known names stay where, and what, they are. */
		read_header(s, &ignored);
	}
	return s->header.layer[LATENCY_FRAME_LAYER(frame)].name;
}

static const char *name_of(struct trace_source *s, uint16_t frame)
{
	const char *name = frame_name(&s->header, frame);

	return name[0] != '\0' ? name : "?";
}

/* --------------------------------- events -------------------------------- */

static void take_event(const struct latency_event *event, const char *path,
		       void *private_data)
{
	struct trace_source *s = private_data;
	const struct latency_slot *slot = slot_at(s, event->slot);
	struct trace_event e = {
		.e = *event,
		.layer = layer_of(s, event->frame),
		.name = name_of(s, event->frame),
		.async = (event->frame & LATENCY_FRAME_ASYNC) != 0,
	};

	e.e.begun_ns += (uint64_t)s->realtime_offset;
	if (!trace_groups_add(s->groups, s->header.pid, slot,
			      root_name(LATENCY_FRAME_OP(event->root)), &e,
			      path)) {
		s->no_memory = true;
	}
}

static void take_loss(uint64_t events, void *private_data)
{
	struct trace_source *s = private_data;

	/* The end of any of them may be among the lost. */
	trace_groups_flush(s->groups);
	s->listener.lost(s->header.pid, events, s->listener.private_data);
}

/* Looks for the ring. Returns false with *error if it cannot be read. */
static bool find_ring(struct trace_source *s, struct latency_error *error)
{
	uint32_t line;

	if (s->ring.line != 0) {
		return true;
	}
	if (pread(s->fd, &line, sizeof(line),
		  offsetof(struct latency_header, trace)) !=
	    (ssize_t)sizeof(line)) {
		error_set(error, "%s: was truncated", s->name);
		return false;
	}
	if (line == 0) {
		return true;
	}
	if (!trace_ring_open(&s->ring, s->fd, line, s->fresh, error)) {
		return false;
	}
	if (!trace_drain_add(s->drain, &s->ring)) {
		error_set(error, "out of memory");
		return false;
	}
	return true;
}

bool trace_source_read(struct trace_source *s, struct latency_error *error)
{
	/* Asked before: what it has written last is read then. */
	bool owned = segment_owned(s->fd);

	error->text[0] = '\0';
	if (!find_ring(s, error) ||
	    (s->ring.line != 0 &&
	     !trace_ring_read(&s->ring, take_event, take_loss, s, error))) {
		return false;
	}
	if (s->no_memory) {
		error_set(error, "out of memory");
		return false;
	}
	return owned;
}

/* ------------------------------ open and close --------------------------- */

void trace_source_ask(struct trace_source *s)
{
	control_trace(s->fd, trace_drain_until());
}

static bool start(struct trace_source *s, int dir, struct latency_error *error)
{
	s->fd = segment_open(dir, s->name, O_RDWR, error);
	if (s->fd == -1) {
		if (errno == ENOENT) {
			error->text[0] = '\0';
		}
		return false;
	}
	if (!read_header(s, error)) {
		return false;
	}
	if (!segment_owned(s->fd)) {
		error->text[0] = '\0';
		return false;
	}
	s->groups = trace_groups_new(s->listener.group,
				     s->listener.private_data);
	if (s->groups == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	s->fresh = s->header.trace == 0;
	if (!find_ring(s, error)) {
		return false;
	}
	if (!control_trace(s->fd, trace_drain_until())) {
		error_set(error, "%s: cannot write: %s", s->name,
			  strerror(errno));
		return false;
	}
	return true;
}

struct trace_source *trace_source_open(int dir, const char *name,
				       struct trace_drain *drain,
				       const struct trace_listener *listener,
				       struct latency_error *error)
{
	struct trace_source *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	strncpy(s->name, name, sizeof(s->name) - 1);
	s->drain = drain;
	s->listener = *listener;
	s->realtime_offset = (int64_t)(clock_read_ns(CLOCK_REALTIME) -
				       clock_read_ns(CLOCK_MONOTONIC));
	if (!start(s, dir, error)) {
		trace_source_close(s);
		return NULL;
	}
	return s;
}

const char *trace_source_name(const struct trace_source *s)
{
	return s->name;
}

bool trace_source_answers(const struct trace_source *s)
{
	return s->ring.line != 0;
}

void trace_source_close(struct trace_source *s)
{
	struct named_slot *n;

	if (s->groups != NULL) {
		trace_groups_flush(s->groups);
	}
	trace_groups_free(s->groups);
	trace_drain_remove(s->drain, &s->ring);
	trace_ring_close(&s->ring);
	while ((n = s->slots) != NULL) {
		s->slots = n->next;
		free(n);
	}
	if (s->fd != -1) {
		close(s->fd);
	}
	free(s);
}
