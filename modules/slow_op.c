/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "slow_op.h"
#include "escape.h"
#include "latency_clock.h"
#include "name.h"
#include "process.h"
#include "request_timer.h"
#include "slow_writer.h"

/* --------------------------- what lies within ---------------------------- */

/*
 * How much of a call that is under way slow ops within it have taken, that are
 * kept. A synchronous call is known by its place and its start. Of a pair
 * several may be under way in a place; it is known by what it works on, and
 * `start` is when this was noted, in ns. Two pairs at the same time on the same
 * file are one event.
 *
 * A ring: with more levels around one event, or more events within one call, a
 * call is kept that need not be.
 */
static struct within {
	const struct place *place;
	uint64_t start;
	uint64_t ns;
	struct op_path path;
} noted[64];
static unsigned next_noted;

static void note_within(const struct place *place, struct op_path path,
			uint64_t ns)
{
	uint64_t start = place_is_async(place) ? clock_now() :
		place_begun(place);
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(noted); i++) {
		if (noted[i].place == place && noted[i].start == start) {
			noted[i].ns += ns;
			return;
		}
	}
	noted[next_noted] = (struct within){ place, start, ns, path };
	next_noted = (next_noted + 1) % ARRAY_SIZE(noted);
}

static bool is_of(const struct within *n, const struct place *place,
		  uint64_t start, struct op_path path)
{
	if (n->place != place) {
		return false;
	}
	if (!place_is_async(place)) {
		return n->start == start;
	}
	return n->start >= start && n->path.fsp == path.fsp &&
		n->path.name == path.name;
}

static uint64_t within_ns(const struct place *place, uint64_t start,
			  struct op_path path)
{
	uint64_t ns = 0;
	unsigned i;

	for (i = 0; i < ARRAY_SIZE(noted); i++) {
		if (is_of(&noted[i], place, start, path)) {
			ns += noted[i].ns;
		}
	}
	return ns;
}

/* Notes it for the calls around it, as far as it lies within them. */
static void note_around(const struct place *place, struct op_path path,
			uint64_t ns)
{
	const struct place *above;

	if (place_is_async(place)) {
		/* The same pair in upper layers. */
		for (above = place->parent; !place_is_root(above) &&
		     place_is_async(above); above = above->parent) {
			note_within(above, path, ns);
		}
		return;
	}
	for (above = place_current; !place_is_root(above);
	     above = above->outer) {
		note_within(above, above->path, ns);
	}
}

bool slow_op_is_new(const struct place *place, uint64_t start, uint64_t ns,
		    struct op_path path)
{
	uint64_t within = within_ns(place, start, path);

	if (ns < within || ns - within < place->layer->slow_ns) {
		return false;
	}
	note_around(place, path, ns - within);
	request_timer_was_slow(ns - within);
	return true;
}

/* ---------------------------- the log, the ring -------------------------- */

#define LOG_NS 1000000000u	/* at most one line of log in so many ns */

/* Room for a path that is escaped all over. */
#define LOG_PATH (4 * 1024)

/*
 * One line in smbd's log, and how many have been left out since the last. Names
 * are escaped: they are a client's, and may turn or hide what stands around.
 */
static void log_slow(const struct place *place, uint64_t ns, const char *path)
{
	static uint64_t next_ns;
	static unsigned left_out;
	const struct latency_header *h = latency_segment->header;
	const struct latency_slot *slot = place->slot->slot;
	char layer[2 * sizeof(h->layer[0].name)];
	char share[2 * sizeof(slot->key.share)];
	char name[LOG_PATH] = "-";
	uint64_t now_ns = clock_now();

	if (now_ns < next_ns) {
		left_out++;
		return;
	}
	next_ns = now_ns + LOG_NS;
	escape_text_to(layer, sizeof(layer),
		       h->layer[place->layer->number].name);
	escape_text_to(share, sizeof(share), slot->key.share);
	if (path != NULL) {
		escape_text_to(name, sizeof(name), path);
	}
	DBG_ERR("vfs_latency: slow %s: %llu.%03llu ms in layer %s, share %s, "
		"path %s (%u more since the last such line)\n",
		h->op[LATENCY_FRAME_OP(place->writer.node->frame)].name,
		(unsigned long long)(ns / 1000000),
		(unsigned long long)(ns / 1000 % 1000),
		layer, share, name, left_out);
	left_out = 0;
}

/* The frames of the ops around it, the innermost first. */
static void set_around(struct latency_slow *entry, const struct place *place)
{
	struct slot_writer *slot = place->slot;
	const struct latency_node *node = place->writer.node;
	unsigned i = 0;

	while (i < LATENCY_SLOW_AROUND && node->parent != LATENCY_NODE_TOP) {
		node = slot_node(slot, node->parent);
		if (LATENCY_FRAME_LAYER(node->frame) == 0) {
			break;
		}
		entry->around[i++] = node->frame;
	}
}

void slow_op_keep(const struct place *place, uint64_t ns, uint32_t error,
		  const char *path)
{
	struct slot_writer *slot = place->slot;
	struct latency_slow *entry;

	if (latency_segment == NULL || slot->segment != latency_segment) {
		return;
	}
	entry = slow_begin(latency_segment);
	if (entry == NULL) {
		return;
	}
	entry->frame = place->writer.node->frame;
	entry->root = place_root_frame(place);
	entry->realtime_ns = clock_ns(CLOCK_REALTIME);
	entry->duration_ns = ns;
	entry->message_id = request_timer_message_id();
	entry->error = error;
	entry->slot = slot->line;
	set_around(entry, place);
	path_copy(entry->path, sizeof(entry->path), path != NULL ? path : "");
	slow_end(latency_segment, entry);
	log_slow(place, ns, path);
}
