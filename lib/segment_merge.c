/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "segment_merge.h"

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

/* A slot of an image, and where it goes. */
struct source {
	unsigned image;
	const struct latency_slot *slot;
	unsigned order;			/* as they came */
	bool departed;			/* of the departed before */
	uint64_t calls;
	/* Of those that the same slot would hold: all calls, lowest order. */
	uint64_t group_calls;
	unsigned group_order;
	bool group_kept;		/* the departed have a slot for it */
	struct slot_writer *to;
};

struct merge {
	struct segment_writer *to;
	const struct segment_image *images;
	struct numbers *numbers;	/* of each image */
	unsigned image_count;
	struct source *sources;
	unsigned count;
	bool keys_closed;		/* no new key gets a slot of its own */
	bool shares_closed;		/* no new share one for its others */
	struct slot_writer *last; /* "(others)" in all; NULL: not needed */
};

/* -------------------------------- ranking -------------------------------- */

/* By share, and what modules it had. */
static int compare_share(const void *a, const void *b)
{
	const struct source *x = a, *y = b;
	int order = strcmp(x->slot->key.share, y->slot->key.share);

	return order != 0 ? order :
		strcmp(x->slot->key.objects, y->slot->key.objects);
}

static int compare_key(const void *a, const void *b)
{
	const struct source *x = a, *y = b;
	int order = compare_share(a, b);

	if (order == 0) {
		order = strcmp(x->slot->key.user, y->slot->key.user);
	}
	return order != 0 ? order :
		strcmp(x->slot->key.client, y->slot->key.client);
}

/*
 * First what has a slot already, then the most used; of two that are used
 * equally, the earlier one.
 */
static int compare_rank(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	if (x->group_kept != y->group_kept) {
		return x->group_kept ? -1 : 1;
	}
	if (x->group_calls != y->group_calls) {
		return x->group_calls > y->group_calls ? -1 : 1;
	}
	if (x->group_order != y->group_order) {
		return x->group_order < y->group_order ? -1 : 1;
	}
	return x->order < y->order ? -1 : x->order > y->order;
}

/* Sorts them by the rank of their groups. */
static void rank(struct source *sources, unsigned count,
		 int (*compare)(const void *a, const void *b),
		 bool (*kept)(const struct source *source))
{
	unsigned i, j, k;

	if (count == 0) {
		return;
	}
	qsort(sources, count, sizeof(*sources), compare);
	for (i = 0; i < count; i = j) {
		uint64_t calls = 0;
		unsigned order = sources[i].order;
		bool has_slot = false;

		for (j = i; j < count &&
		     compare(&sources[i], &sources[j]) == 0; j++) {
			calls += sources[j].calls;
			has_slot |= kept(&sources[j]);
			order = sources[j].order < order ? sources[j].order :
				order;
		}
		for (k = i; k < j; k++) {
			sources[k].group_calls = calls;
			sources[k].group_order = order;
			sources[k].group_kept = has_slot;
		}
	}
	qsort(sources, count, sizeof(*sources), compare_rank);
}

static bool is_others(const struct latency_slot *slot)
{
	return strcmp(slot->key.user, DEPARTED_OTHERS) == 0 &&
		strcmp(slot->key.client, DEPARTED_OTHERS) == 0;
}

static bool is_last(const struct latency_slot *slot)
{
	return is_others(slot) &&
		strcmp(slot->key.share, DEPARTED_OTHERS) == 0;
}

static bool kept_own(const struct source *source)
{
	return source->departed && !is_others(source->slot);
}

static bool kept_others(const struct source *source)
{
	return source->departed && is_others(source->slot) &&
		!is_last(source->slot);
}

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

static bool collect(struct merge *m)
{
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
	for (i = 0; i < m->image_count; i++) {
		number(m->to, m->images[i].header, &m->numbers[i]);
		for (slot = image_slot(&m->images[i], NULL); slot != NULL;
		     slot = image_slot(&m->images[i], slot)) {
			m->sources[m->count] = (struct source){
				.image = i,
				.slot = slot,
				.order = m->count,
				.departed = m->images[i].header->kind ==
					LATENCY_KIND_DEPARTED,
				.calls = calls_of(&m->images[i], slot),
			};
			m->count++;
		}
	}
	return true;
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
	struct latency_node *node;
	unsigned octave;

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
	node = slot_node(m->last, LATENCY_NODE_OVERFLOW);
	for (octave = 0; octave < HIST_OCTAVES; octave++) {
		if (node_octave_claim(m->to, node, octave) == 0) {
			return NULL;
		}
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

static bool add_nodes(struct merge *m, const struct source *source)
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

/* Adds a slot of an image to one of the new file, the last one if NULL. */
static bool add_slot(struct merge *m, struct source *source,
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

/* A slot of the source's key, or that of its share for all others. */
static struct slot_writer *new_slot(struct merge *m,
				    const struct source *source, bool others)
{
	const struct latency_slot_key *from = &source->slot->key;
	const struct slot_key key = {
		.share = from->share,
		.user = others ? DEPARTED_OTHERS : from->user,
		.client = others ? DEPARTED_OTHERS : from->client,
		.objects = from->objects,
	};

	return segment_slot(m->to, &key, false);
}

/* The keys that are used most; *rest: the others, moved to the front. */
static bool add_own(struct merge *m, unsigned *rest)
{
	struct slot_writer *s = NULL;
	unsigned i, group = UINT32_MAX, slots = 0;
	bool own = false;

	*rest = 0;
	rank(m->sources, m->count, compare_key, kept_own);
	for (i = 0; i < m->count; i++) {
		struct source *source = &m->sources[i];
		struct source swap = *source;

		if (source->group_order != group) {
			group = source->group_order;
			own = !is_others(source->slot) &&
				(source->group_kept || !m->keys_closed) &&
				slots < DEPARTED_SLOTS && has_room(m, OWN_SIZE);
			slots += own;
			s = own ? new_slot(m, source, false) : NULL;
		}
		if (own) {
			if (!add_slot(m, source, s)) {
				return false;
			}
			continue;
		}
		*source = m->sources[*rest];
		m->sources[(*rest)++] = swap;
	}
	return true;
}

/* What is left, by share. */
static bool add_others(struct merge *m, unsigned count)
{
	struct slot_writer *s = NULL;
	unsigned i, group = UINT32_MAX, slots = 0;

	rank(m->sources, count, compare_share, kept_others);
	for (i = 0; i < count; i++) {
		struct source *source = &m->sources[i];

		if (source->group_order != group) {
			group = source->group_order;
			s = NULL;
			if (!is_last(source->slot) &&
			    (source->group_kept || !m->shares_closed) &&
			    slots < DEPARTED_SHARES &&
			    has_room(m, SHARES_SIZE)) {
				slots++;
				s = new_slot(m, source, true);
			}
		}
		if (!add_slot(m, source, s)) {
			return false;
		}
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

/* What has been in a slot of others stays there: sums only ever grow. */
static void close_slots(struct merge *m)
{
	unsigned i;

	for (i = 0; i < m->count; i++) {
		const struct source *source = &m->sources[i];

		m->keys_closed |= source->departed && is_others(source->slot);
		m->shares_closed |= source->departed && is_last(source->slot);
	}
}

bool segment_merge(struct segment_writer *to,
		   const struct segment_image *images, unsigned count,
		   bool renamed, struct latency_error *error)
{
	struct merge m = { .to = to, .images = images, .image_count = count };
	unsigned i, rest;
	bool ok;

	to->limit = DEPARTED_SIZE - SPARE_SIZE;
	ok = collect(&m);
	if (ok && !renamed) {
		close_slots(&m);
	}
	for (i = 0; ok && i < count; i++) {
		/* Before the file is full. */
		if (images[i].header->slow_ring != 0) {
			segment_slow_ring(to);
		}
	}
	ok = ok && add_own(&m, &rest) && add_others(&m, rest);
	for (i = 0; ok && i < count; i++) {
		merge_slow(&m, i);
		merge_header(to, &images[i]);
	}
	if (!ok) {
		error_set(error, "no room: %s",
			  strerror(to->full != 0 ? to->full : ENOMEM));
	}
	/* The list of ids has room in any case. */
	to->full = is_long(&m) ? 0 : to->full;
	to->limit = LATENCY_MAX_SIZE;
	free(m.sources);
	free(m.numbers);
	return ok;
}
