/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "top_past.h"

void top_past_clear(struct top_past *past)
{
	past->count = 0;
	past->until_ns = 0;
}

/* A new moment, the oldest one going. */
static struct top_moment *append(struct top_past *past)
{
	struct top_moment *m;

	if (past->count == TOP_MOMENTS) {
		past->count--;
		memmove(past->moment, past->moment + 1,
			past->count * sizeof(*m));
	}
	m = &past->moment[past->count++];
	memset(m, 0, sizeof(*m));
	return m;
}

void top_past_add(struct top_past *past, const struct row_sum *sum,
		  uint64_t interval_ns, uint64_t until_ns)
{
	struct top_moment *m;
	unsigned b;

	if (past->count != 0 && past->until_ns != until_ns - interval_ns) {
		append(past);
	}
	m = append(past);
	m->known = true;
	m->rate = interval_ns == 0 ? 0.0 :
		(double)(sum->count + sum->untimed) * 1e9 /
		(double)interval_ns;
	m->p99_ns = row_sum_percentile(sum, 990);
	m->count = sum->count;
	for (b = 0; b < HIST_BUCKETS; b++) {
		m->octave[b / HIST_SUB] += sum->histogram[b];
	}
	past->until_ns = until_ns;
}
