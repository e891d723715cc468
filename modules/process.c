/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "process.h"
#include "latency_clock.h"
#include "map_guard.h"
#include "option_names.h"
#include "time_ns.h"
#include "trace_writer.h"

struct segment_writer *latency_segment;
unsigned op_mode = OP_MODE_UNTRACED;

static struct layer *layers;	/* all there ever were; see struct layer */
static bool is_traced;

/* ---------------------------- the mode of ops ---------------------------- */

/* Does some reader that lives ask for a trace, and is there room for it? */
static bool trace_is_wanted(void)
{
	uint32_t *until = &latency_segment->header->control.trace_until;
	uint32_t asked = word_read(until);
	uint64_t now_s;

	if (likely(asked == 0)) {
		return false;
	}
	now_s = clock_now() / NS_PER_S;
	if (asked < now_s || asked > now_s + LATENCY_TRACE_AHEAD_S) {
		/* Unless another has come meanwhile. */
		__atomic_compare_exchange_n(until, &asked, 0, false,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
		return false;
	}
	return trace_claim(latency_segment);
}

static unsigned mode_now(void)
{
	unsigned mode = 0;

	if (!is_traced) {
		mode |= OP_MODE_UNTRACED;
	}
	if (word_read(&latency_segment->header->control.off) != 0) {
		mode |= OP_MODE_OFF;
	}
	if (PROBE_IS_ON(vfs_latency, op_entry) ||
	    PROBE_IS_ON(vfs_latency, op_return)) {
		mode |= OP_MODE_PROBES;
	}
	if (!latency_clock.tsc) {
		mode |= OP_MODE_NO_TSC;
	}
	if (trace_is_wanted()) {
		mode |= OP_MODE_TRACE;
	}
	return mode;
}

void op_mode_update(void)
{
	unsigned mode;
	struct layer *layer;

	if (latency_segment == NULL) {
		return;
	}
	mode = mode_now();
	if (likely(mode == op_mode)) {
		return;
	}
	if ((mode ^ op_mode) & OP_MODE_TRACE) {
		trace_switch(latency_segment, (mode & OP_MODE_TRACE) != 0);
	}
	op_mode = mode;
	for (layer = layers; layer != NULL; layer = layer->next) {
		layer_forget(layer);
		layer_update(layer);
	}
}

/* -------------------------------- layers --------------------------------- */

struct layer *layer_of(struct slot_writer *slot, unsigned number)
{
	struct layer *layer;

	for (layer = slot_layers(slot); layer != NULL; layer = layer->beside) {
		if (layer->number == number) {
			return layer;
		}
	}
	layer = arena_alloc(&slot->segment->arena, sizeof(*layer));
	if (layer == NULL) {
		return NULL;
	}
	layer->slot = slot;
	layer->number = number;
	layer->control = &slot->segment->header->control;
	if (!slot_add_layer(layer)) {
		return NULL;
	}
	layer->next = layers;
	layers = layer;
	return layer;
}

void layer_update(struct layer *layer)
{
	const struct latency_control *control = layer->control;
	/* Pairs with write_control(): slow_ms is the one that goes with it. */
	int ms = word_follow(&control->slow_set) ?
		(int)word_read(&control->slow_ms) : layer->slow_ms;
	uint64_t notable_before = layer->notable_ns;
	uint64_t slow_before = layer->slow_ns;

	layer->slow_ns = ms > 0 ? (uint64_t)ms * 1000000u : UINT64_MAX;
	/* What the clock may be wrong about is notable, too. */
	layer->notable_ns = op_mode & (OP_MODE_PROBES | OP_MODE_TRACE) ? 0 :
		layer->slow_ns < CLOCK_DOUBT_NS ? layer->slow_ns :
		CLOCK_DOUBT_NS;
	if (layer->notable_ns != notable_before ||
	    layer->slow_ns != slow_before) {
		layer_forget(layer);
	}
}

uint64_t slot_slow_ns(const struct slot_writer *slot)
{
	uint64_t slow_ns = UINT64_MAX;
	const struct layer *layer;

	for (layer = slot_layers(slot); layer != NULL; layer = layer->beside) {
		if (layer->slow_ns < slow_ns) {
			slow_ns = layer->slow_ns;
		}
	}
	return slow_ns;
}

/* -------------------------------- process -------------------------------- */

/* Tells readers how long a tick is: whenever the clock may have changed. */
static void publish_clock(void)
{
	struct latency_now *now = &latency_segment->header->now;

	seq_write_begin(&now->seq);
	word_write(&now->ns_per_tick, latency_clock.scale);
	word_write(&now->base_ticks, latency_clock.base_tsc);
	word_write(&now->base_ns, latency_clock.base_ns);
	seq_write_end(&now->seq);
}

void process_set_segment(struct segment_writer *w)
{
	latency_segment = w;
	publish_clock();
}

void process_is_traced(void)
{
	is_traced = true;
}

void process_log_trouble(void)
{
	static bool said_full, said_broken;

	if (latency_segment->full != 0 && !said_full) {
		said_full = true;
		DBG_ERR("vfs_latency: no room to measure all of this smbd: "
			"%s\n", strerror(latency_segment->full));
	}
	if (!said_broken && map_guard_broken(latency_segment->base)) {
		said_broken = true;
		DBG_ERR("vfs_latency: this smbd is no longer measured: its "
			"segment was truncated\n");
	}
}

void process_maintain(void)
{
	struct layer *layer;

	process_log_trouble();
	word_write(&latency_segment->header->tsc, (uint32_t)latency_clock.tsc);
	publish_clock();
	/* There may be room again. */
	latency_segment->full = 0;
	for (layer = layers; layer != NULL; layer = layer->next) {
		layer_update(layer);
		option_names_check(layer);
	}
}

void process_forget(void)
{
	if (latency_segment != NULL) {
		segment_detach(latency_segment);
		latency_segment = NULL;
	}
	is_traced = false;
	op_mode = OP_MODE_UNTRACED;
}
