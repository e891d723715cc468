/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "connection_writer.h"
#include "merge.h"
#include "merge_slots.h"
#include "merge_slow_ops.h"
#include "segment_merge.h"
#include "time_ns.h"

/* ------------------------------- sources --------------------------------- */

static uint64_t calls_of(const struct segment_image *image,
			 const struct latency_slot *slot)
{
	uint64_t calls = 0;
	uint32_t i;

	for (i = 0; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);

		calls += node->count + node->untimed;
	}
	return calls;
}

/* The departed before, whose places still hold; NULL: there are none. */
static const struct segment_image *before(const struct merge *m)
{
	return m->image_count != 0 &&
		m->images[0].header->kind == LATENCY_KIND_DEPARTED ?
		&m->images[0] : NULL;
}

/* renamed: the slot says itself where it goes. */
static struct departed_source source_of(const struct merge *m, unsigned image,
					const struct latency_slot *slot,
					bool renamed)
{
	struct departed_source source = {
		.image = image,
		.slot = slot,
		.order = m->count,
		.calls = calls_of(&m->images[image], slot),
		.since = {
			.share_ns = slot->share_since_ns,
			.key_ns = slot->key_since_ns,
		},
	};

	if (!renamed) {
		source.since = departed_since(before(m), &slot->key);
	}
	source.may = departed_place(slot, &source.since);
	return source;
}

static bool collect(struct merge *m, bool renamed)
{
	const struct segment_image *departed = before(m);
	const struct latency_slot *slot;
	unsigned i, count = 0;

	for (i = 0; i < m->image_count; i++) {
		for (slot = image_slot(&m->images[i], NULL); slot != NULL;
		     slot = image_slot(&m->images[i], slot)) {
			count++;
		}
	}
	m->sources = calloc(count + 1, sizeof(*m->sources));
	m->frames = calloc(m->image_count + 1, sizeof(*m->frames));
	if (m->sources == NULL || m->frames == NULL) {
		return false;
	}
	if (!renamed && departed != NULL && departed->header->merged != 0) {
		m->merged = *(const struct latency_merged *)image_at(
			departed, departed->header->merged);
		m->merges = true;
	}
	for (i = 0; i < m->image_count; i++) {
		merge_frames_set(&m->frames[i], m->to, m->images[i].header);
		for (slot = image_slot(&m->images[i], NULL); slot != NULL;
		     slot = image_slot(&m->images[i], slot)) {
			m->sources[m->count] = source_of(m, i, slot, renamed);
			m->count++;
		}
	}
	return departed_plan(m->sources, m->count, DEPARTED_SHARES,
			     DEPARTED_SLOTS);
}

/* ----------------------------- process totals ---------------------------- */

/* In whole microseconds: then sums of what reports show add up. */
static void add_us(uint64_t *sum, uint64_t ns)
{
	*sum += ns / 1000 * 1000;
}

static void merge_time(struct segment_writer *to,
		       const struct segment_image *image)
{
	const struct latency_time *from = &image->header->time;
	struct latency_time *time = &to->header->time;

	time->phase = LATENCY_PHASE_ENDED;
	time->mark_ns = 0;
#define WALL_PART(name, label, brief, doc) \
	add_us(&time->name##_ns, from->name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	add_us(&time->name##_ns, from->name##_ns);
#include "latency_wall.h"
	time->turns += from->turns;
	time->waits += from->waits;
#define WALL_WORK(name, label, state, doc) \
	add_us(&to->header->work.name##_ns, image->header->work.name##_ns);
#define WALL_COUNT(name, label, doc) \
	to->header->work.name += image->header->work.name;
#include "latency_wall.h"
}

static void merge_header(struct segment_writer *to,
			 const struct segment_image *image)
{
	const struct latency_header *h = image->header;

	merge_time(to, image);
	to->header->unmeasured += h->unmeasured;
	to->header->unmeasured_trees += h->unmeasured_trees;
	to->header->processes +=
		h->kind == LATENCY_KIND_DEPARTED ? h->processes : 1;
	if (h->start_realtime_ns < to->header->start_realtime_ns) {
		to->header->start_realtime_ns = h->start_realtime_ns;
	}
	if (strcmp(to->header->samba_version, "") == 0) {
		memcpy(to->header->samba_version, h->samba_version,
		       sizeof(h->samba_version));
	}
}

/* --------------------------------- whole --------------------------------- */

/* Writes down when names were merged, if any were. */
static bool add_merged(struct merge *m)
{
	uint32_t line;

	if (!m->merges) {
		return true;
	}
	line = lines_claim(m->to, sizeof(m->merged));
	if (line == 0) {
		return false;
	}
	memcpy(lines_at(m->to, line), &m->merged, sizeof(m->merged));
	m->to->header->merged = line;
	return true;
}

static bool merge(struct merge *m, bool renamed)
{
	unsigned i;

	if (!collect(m, renamed)) {
		return false;
	}
	for (i = 0; i < m->image_count; i++) {
		/* Before the file is full. */
		if (m->images[i].header->slow_ring != 0) {
			segment_slow_ring(m->to);
		}
		if (!connections_merge(m->to, &m->images[i])) {
			return false;
		}
	}
	if (!merge_slots_add(m)) {
		return false;
	}
	for (i = 0; i < m->image_count; i++) {
		merge_slow_ops_add(m, i);
		merge_header(m->to, &m->images[i]);
	}
	/* What follows has room in any case, as the list of ids. */
	m->to->full = merge_is_long(m) ? 0 : m->to->full;
	m->to->limit = LATENCY_MAX_SIZE;
	return add_merged(m);
}

bool segment_merge(struct segment_writer *to,
		   const struct segment_image *images, unsigned count,
		   bool renamed, struct latency_error *error)
{
	struct merge *m = calloc(1, sizeof(*m));	/* it is large */
	bool ok = false;

	if (m != NULL) {
		m->to = to;
		m->images = images;
		m->image_count = count;
		m->now_ns = clock_read_ns(CLOCK_REALTIME);
		to->limit = DEPARTED_SIZE - MERGE_SPARE_SIZE;
		ok = merge(m, renamed);
		free(m->sources);
		free(m->frames);
	}
	if (!ok) {
		error_set(error, "no room: %s",
			  strerror(to->full != 0 ? to->full : ENOMEM));
	}
	to->limit = LATENCY_MAX_SIZE;
	free(m);
	return ok;
}
