/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection_writer.h"
#include "departed_plan.h"
#include "file_writer.h"
#include "name.h"
#include "segment_merge.h"
#include "time_ns.h"

/* Of DEPARTED_SIZE bytes, what a file may have before the next kind of slot. */
#define OWN_SIZE (DEPARTED_SIZE / 2)
#define SHARES_SIZE (DEPARTED_SIZE / 4 * 3)
/* Kept back for the last slot, and for the list of ids. */
#define SPARE_SIZE (64u << 10)

/* How the layers and ops of an image are numbered in the new file. */
struct numbers {
	int layer[LATENCY_MAX_LAYERS];
	int op[LATENCY_MAX_OPS];
};

static void number(struct segment_writer *to, const struct latency_header *h,
		   struct numbers *n)
{
	unsigned i;

	memset(n, 0, sizeof(*n));
	for (i = 1; i < LATENCY_MAX_LAYERS; i++) {
		if (h->layer[i].name[0] != '\0') {
			n->layer[i] = segment_layer(to, h->layer[i].name);
		}
	}
	for (i = 0; i < h->op_count; i++) {
		n->op[i] = segment_op(to, h->op[i].name, h->op[i].error_class);
	}
}

/* The same frame in the new file's numbers; -1 if its tables are full. */
static int renumber(const struct numbers *n, uint16_t frame)
{
	unsigned layer = LATENCY_FRAME_LAYER(frame);
	unsigned op = LATENCY_FRAME_OP(frame);

	if (layer == 0) {
		return frame;
	}
	if (n->layer[layer] < 0 || n->op[op] < 0) {
		return -1;
	}
	return (frame & LATENCY_FRAME_ASYNC) |
		LATENCY_FRAME(n->layer[layer], n->op[op]);
}

struct merge {
	struct segment_writer *to;
	const struct segment_image *images;
	struct numbers *numbers;	/* of each image */
	unsigned image_count;
	struct departed_source *sources;
	unsigned count;
	struct latency_merged merged;	/* the times as they will be */
	bool merges;			/* some are not 0 */
	uint64_t now_ns;		/* CLOCK_REALTIME, of this merge */
	struct slot_writer *last; /* "(others)" in all; NULL: not needed */
};

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
	m->numbers = calloc(m->image_count + 1, sizeof(*m->numbers));
	if (m->sources == NULL || m->numbers == NULL) {
		return false;
	}
	if (!renamed && departed != NULL && departed->header->merged != 0) {
		m->merged = *(const struct latency_merged *)image_at(
			departed, departed->header->merged);
		m->merges = true;
	}
	for (i = 0; i < m->image_count; i++) {
		number(m->to, m->images[i].header, &m->numbers[i]);
		for (slot = image_slot(&m->images[i], NULL); slot != NULL;
		     slot = image_slot(&m->images[i], slot)) {
			m->sources[m->count] = source_of(m, i, slot, renamed);
			m->count++;
		}
	}
	return departed_plan(m->sources, m->count, DEPARTED_SHARES,
			     DEPARTED_SLOTS);
}

/* ------------------------------- counters -------------------------------- */

/* Is more to be had only by a larger file than it may become? */
static bool is_long(const struct merge *m)
{
	return m->to->full == EFBIG;
}

/*
 * The slot of what finds no place elsewhere; its overflow node has all it will
 * ever need. NULL: no room on the file system, or no memory.
 */
static struct slot_writer *last_slot(struct merge *m)
{
	const struct slot_key others = {
		.share = DEPARTED_OTHERS,
		.user = DEPARTED_OTHERS,
		.client = DEPARTED_OTHERS,
		.objects = "",
	};

	if (m->last != NULL) {
		return m->last;
	}
	if (is_long(m)) {
		m->to->full = 0;
	}
	m->to->limit = DEPARTED_SIZE;
	m->last = segment_slot(m->to, &others, false);
	if (m->last == NULL) {
		return NULL;
	}
	if (!files_make(m->last)) {
		return NULL;
	}
	if (!node_claim_all(m->to,
			    slot_node(m->last, LATENCY_NODE_OVERFLOW))) {
		return NULL;
	}
	m->to->limit = DEPARTED_SIZE - SPARE_SIZE / 2;
	return m->last;
}

/* Adds counters to a node, or where there is room for them. */
static bool add(struct merge *m, struct latency_node *node,
		const struct row_sum *sum)
{
	if (node_merge(m->to, node, sum)) {
		return true;
	}
	return is_long(m) && last_slot(m) != NULL &&
		node_merge(m->to, slot_node(m->last, LATENCY_NODE_OVERFLOW),
			   sum);
}

static bool add_nodes(struct merge *m, const struct departed_source *source)
{
	const struct segment_image *image = &m->images[source->image];
	struct latency_node *to[LATENCY_MAX_NODES];
	struct slot_writer *s = source->to;
	struct row_sum sum;
	uint32_t i;

	/* A parent has a smaller number than its children. */
	for (i = 0; i < source->slot->nodes; i++) {
		const struct latency_node *node =
			image_node(image, source->slot, i);
		int frame = renumber(&m->numbers[source->image], node->frame);

		if (i <= LATENCY_NODE_OVERFLOW) {
			to[i] = slot_node(s, i);
		} else if (frame < 0) {
			to[i] = slot_node(s, LATENCY_NODE_OVERFLOW);
		} else {
			to[i] = slot_node_below(s, to[node->parent],
						(unsigned)frame);
		}
		image_node_sum(image, node, &sum);
		if (!add(m, to[i], &sum)) {
			return false;
		}
	}
	return true;
}

/* Adds the files of a slot, or where there is room for them. */
static bool add_files(struct merge *m, const struct departed_source *source)
{
	const struct segment_image *image = &m->images[source->image];

	if (files_merge(source->to, image, source->slot)) {
		return true;
	}
	if (!is_long(m) || last_slot(m) == NULL) {
		return false;
	}
	files_drop(m->last, image, source->slot);
	return true;
}

/* Adds a slot of an image to one of the new file, the last one if NULL. */
static bool add_slot(struct merge *m, struct departed_source *source,
		     struct slot_writer *s)
{
	if (s == NULL && m->to->full != 0 && !is_long(m)) {
		return false;
	}
	source->to = s != NULL ? s : last_slot(m);
	if (source->to == NULL || !add_nodes(m, source)) {
		return false;
	}
	s = source->to;
	if (!add_files(m, source)) {
		return false;
	}
	s->slot->tree_connects += source->slot->tree_connects;
	if (source->slot->connected_realtime_ns >
	    s->slot->connected_realtime_ns) {
		s->slot->connected_realtime_ns =
			source->slot->connected_realtime_ns;
	}
	return true;
}

/* --------------------------------- slots --------------------------------- */

static bool has_room(const struct merge *m, size_t size)
{
	return !is_long(m) && (size_t)m->to->used * LATENCY_LINE < size;
}

/* Notes that these names have been merged, later than all that was counted. */
static void note(struct merge *m, enum departed_names names,
		 const struct departed_source *source)
{
	uint64_t *at = departed_merged(&m->merged, names, &source->slot->key);
	uint64_t ns = m->now_ns;

	/* The clock may have been set back. */
	if (ns < source->slot->connected_realtime_ns) {
		ns = source->slot->connected_realtime_ns;
	}
	if (ns < source->slot->began_ns) {
		ns = source->slot->began_ns;
	}
	*at = *at < ns ? ns : *at + 1;
	m->merges = true;
}

static void note_merged(struct merge *m, const struct departed_source *source)
{
	if (source->place <= source->may) {
		return;
	}
	if (source->place == DEPARTED_LAST) {
		note(m, DEPARTED_SHARE, source);
	} else {
		note(m, DEPARTED_USER, source);
		note(m, DEPARTED_CLIENT, source);
		note(m, DEPARTED_KEY, source);
	}
}

/*
 * A slot that counts what began before some counts of its user, or its client,
 * were merged, and what began after that: a sum by user has the one among
 * others and the other not, see departed_shown(). From now on it has neither.
 */
static void note_mixed(struct merge *m, struct latency_slot *to,
		       const struct departed_source *source)
{
	const struct latency_slot *from = source->slot;
	const uint64_t oldest = from->began_ns != 0 ? from->began_ns :
		from->oldest_ns;
	enum departed_names names;

	if (to->oldest_ns == 0) {
		to->oldest_ns = oldest;
		return;
	}
	for (names = DEPARTED_USER; names <= DEPARTED_CLIENT; names++) {
		uint64_t ns = *departed_merged(&m->merged, names, &from->key);

		if ((oldest <= ns) != (to->oldest_ns <= ns)) {
			note(m, names, source);
		}
	}
	if (oldest < to->oldest_ns) {
		to->oldest_ns = oldest;
	}
}

/* The slot at the place of the source; NULL: there is no room. */
static struct slot_writer *slot_at(struct merge *m,
				   const struct departed_source *source)
{
	struct latency_slot_key names = source->slot->key;
	struct slot_writer *s;

	departed_name(&names, source->place);
	s = segment_slot(m->to, &(struct slot_key){
		.share = names.share,
		.user = names.user,
		.client = names.client,
		.objects = names.objects,
	}, false);
	if (s == NULL) {
		return NULL;
	}
	s->slot->share_since_ns = source->since.share_ns;
	if (source->place == DEPARTED_OWN) {
		s->slot->key_since_ns = source->since.key_ns;
		note_mixed(m, s->slot, source);
	}
	return s;
}

static enum departed_place worse(enum departed_place a, enum departed_place b)
{
	return a > b ? a : b;
}

/*
 * Adds them as they were planned, the most used share first, unless the file
 * becomes too large: then keys, and at last shares, are merged as well.
 */
static bool add_all(struct merge *m)
{
	const struct departed_source *previous = NULL;
	enum departed_place share = DEPARTED_OWN, key = DEPARTED_OWN;
	unsigned i;

	for (i = 0; i < m->count; i++) {
		struct departed_source *source = &m->sources[i];
		const struct latency_slot_key *k = &source->slot->key;

		/* A share, and a key, has its place as a whole. */
		if (previous == NULL ||
		    !departed_share_same(&previous->slot->key, k)) {
			share = has_room(m, SHARES_SIZE) ? DEPARTED_OWN :
				DEPARTED_LAST;
		}
		if (previous == NULL ||
		    !slot_key_same(&previous->slot->key, k)) {
			key = has_room(m, OWN_SIZE) ? DEPARTED_OWN :
				DEPARTED_IN_SHARE;
		}
		source->place = worse(source->place, worse(share, key));
		note_merged(m, source);
		if (!add_slot(m, source, source->place == DEPARTED_LAST ?
			      NULL : slot_at(m, source))) {
			return false;
		}
		previous = source;
	}
	return true;
}

/* ------------------------------- the rest -------------------------------- */

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
#include "latency_wall.h"
	to->header->work.page_faults += image->header->work.page_faults;
}

static struct slot_writer *slot_of(const struct merge *m, unsigned image,
				   const struct latency_slot *slot)
{
	unsigned i;

	for (i = 0; i < m->count; i++) {
		if (m->sources[i].image == image &&
		    m->sources[i].slot == slot) {
			return m->sources[i].to;
		}
	}
	return NULL;
}

static void renumber_around(const struct numbers *numbers,
			    struct latency_slow *slow)
{
	unsigned i;

	if (LATENCY_FRAME_LAYER(slow->frame) == 0) {
		return;
	}
	for (i = 0; i < LATENCY_SLOW_AROUND; i++) {
		int frame = renumber(numbers, slow->around[i]);

		slow->around[i] = frame > 0 ? (uint16_t)frame : 0;
	}
}

/*
 * Adds the slow ops: those of the departed keep their place and number, those
 * of a process come behind them. Whoever follows them sees numbers that grow.
 */
static void merge_slow(struct merge *m, unsigned which)
{
	const struct segment_image *image = &m->images[which];
	const struct numbers *numbers = &m->numbers[which];
	const struct latency_header *h = image->header;
	const struct latency_slow_ring *from = image_at(image, h->slow_ring);
	struct latency_slow_ring *ring;
	uint64_t n, first;

	ring = h->slow_ring != 0 ? segment_slow_ring(m->to) : NULL;
	if (ring == NULL) {
		return;
	}
	first = from->written > LATENCY_SLOW_ENTRIES ?
		from->written - LATENCY_SLOW_ENTRIES : 0;
	if (h->kind == LATENCY_KIND_DEPARTED) {
		ring->written = first;
	}
	for (n = first; n < from->written; n++) {
		const struct latency_slow *slow =
			&from->entry[n % LATENCY_SLOW_ENTRIES];
		struct latency_slow *entry =
			&ring->entry[ring->written % LATENCY_SLOW_ENTRIES];
		int frame = renumber(numbers, slow->frame);
		struct slot_writer *s;

		if (slow->number != n + 1 || frame < 0) {
			continue;
		}
		s = slot_of(m, which, image_at(image, slow->slot));
		if (s == NULL) {
			continue;
		}
		*entry = *slow;
		renumber_around(numbers, entry);
		entry->frame = (uint16_t)frame;
		entry->slot = s->line;
		entry->number = ++ring->written;
	}
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
	if (!add_all(m)) {
		return false;
	}
	for (i = 0; i < m->image_count; i++) {
		merge_slow(m, i);
		merge_header(m->to, &m->images[i]);
	}
	/* What follows has room in any case, as the list of ids. */
	m->to->full = is_long(m) ? 0 : m->to->full;
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
		to->limit = DEPARTED_SIZE - SPARE_SIZE;
		ok = merge(m, renamed);
		free(m->sources);
		free(m->numbers);
	}
	if (!ok) {
		error_set(error, "no room: %s",
			  strerror(to->full != 0 ? to->full : ENOMEM));
	}
	to->limit = LATENCY_MAX_SIZE;
	free(m);
	return ok;
}
