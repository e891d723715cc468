/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "subtract.h"
#include "wall_time.h"

/*
 * What is added up to now must not be more than smbd adds when it has ended.
 * smbd's clock is the TSC, compared with ours once a second: in between it may
 * be behind by so much.
 */
#define CLOCKS_APART_NS 20000u

static void add_us(uint64_t *sum, uint64_t ns)
{
	*sum += ns / 1000 * 1000;
}

static void add_work(struct wall_time *sum, const struct latency_work *work)
{
#define WALL_WORK(name, label, state, doc) \
	add_us(&sum->name##_ns, work->name##_ns);
#define WALL_COUNT(name, label, doc) sum->name += work->name;
#include "latency_wall.h"
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
	uint64_t network_us = time->phase >> LATENCY_PHASE_NETWORK_SHIFT;
	uint64_t network = network_us * 1000;
	uint64_t apart = open < CLOCKS_APART_NS ? open : CLOCKS_APART_NS;
	uint64_t vfs = 0, waking = 0;

	open -= apart;
	if (time->phase & LATENCY_PHASE_CPUS_BUSY) {
		waking = open < LATENCY_WAKE_NS ? open : LATENCY_WAKE_NS;
	}
	switch (time->phase & LATENCY_PHASE_KIND) {
	case LATENCY_PHASE_WAITING_CLIENT:
		network = network < open - waking ? network : open - waking;
		time->waiting_network_ns += network;
		time->waiting_client_ns += open - waking - network;
		return waking + apart;
	case LATENCY_PHASE_WAITING_ASYNC:
		time->waiting_async_ns += open - waking;
		return waking + apart;
	default:
		if (image->op_begun_ns != 0 &&
		    image->op_begun_ns + LATENCY_LONG_NS + CLOCKS_APART_NS <
		    now) {
			vfs = now - image->op_begun_ns - CLOCKS_APART_NS;
			vfs = vfs < open ? vfs : open;
		}
		time->vfs_ns += vfs;
		return open - vfs + apart;
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
		add_work(sum, &image->header->work);
	}
	sum->wall_ns = sum->under_way_ns;
#define WALL_PART(name, label, brief, doc) sum->wall_ns += sum->name##_ns;
#include "latency_wall.h"
}

void wall_time_subtract(struct wall_time *time, const struct wall_time *earlier)
{
	subtract_from(&time->wall_ns, earlier->wall_ns);
#define WALL_PART(name, label, brief, doc) \
	subtract_from(&time->name##_ns, earlier->name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	subtract_from(&time->name##_ns, earlier->name##_ns);
#define WALL_WORK(name, label, state, doc) \
	subtract_from(&time->name##_ns, earlier->name##_ns);
#define WALL_COUNT(name, label, doc) \
	subtract_from(&time->name, earlier->name);
#include "latency_wall.h"
	subtract_from(&time->turns, earlier->turns);
	subtract_from(&time->waits, earlier->waits);
}
