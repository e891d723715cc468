/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "recorded.h"
#include "unit.h"

struct segment_writer *recorded_process(void)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 1,
		.id = 1,
		.start_realtime_ns = S,
		.start_monotonic_ns = S,
		.samba_version = "4.17.12",
	};
	struct latency_error error;
	struct segment_writer *w = segment_create_private(&identity, &error);

	assert_non_null(w);
	w->header->time.phase = LATENCY_PHASE_ENDED;
	return w;
}

void recorder_open(struct history_recorder *recorder, const char *name,
		   const char *keep)
{
	struct history_keep parsed;
	struct latency_error error;

	assert_true(history_keep_parse(keep, 10 * S, &parsed, &error));
	if (!history_record_open(recorder, name, &parsed, &error)) {
		fail_msg("%s", error.text);
	}
}

void recorder_close(struct history_recorder *recorder)
{
	struct latency_error error;

	assert_true(history_record_close(recorder, &error));
}

void recorder_record(struct history_recorder *recorder,
		     const struct segment_writer *process,
		     uint64_t realtime_ns, uint64_t monotonic_ns)
{
	const struct slow_op_list none = { .count = 0 };
	struct snapshot *s = calloc(1, sizeof(*s));
	struct segment_image image = { .name = "smbd-1", .owned = true }, copy;
	struct latency_error error;

	image.data = process->base;
	image.size = (size_t)process->used * LATENCY_LINE;
	image.header = process->header;
	image.now_ns = monotonic_ns;
	s->taken_realtime_ns = realtime_ns;
	s->taken_monotonic_ns = monotonic_ns;
	assert_true(segment_image_copy(&image, &copy));
	assert_true(snapshot_add_image(s, &copy));
	if (history_record(recorder, s, &none, &error) == RECORD_FAILED) {
		fail_msg("%s", error.text);
	}
}
