/*
 * Reading what another process writes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sched.h>

#include "sequence.h"

/*
 * An update takes some ten stores. A writer that is still busy after so many
 * tries was taken off its CPU: let it run. One that is busy after SEQ_YIELDS
 * times has died there.
 */
#define SEQ_SPINS 200
#define SEQ_YIELDS 50

void words_copy(void *to, const void *from, size_t size)
{
	const uint64_t *source = from;
	uint64_t *target = to;
	size_t i;

	for (i = 0; i < size / sizeof(uint64_t); i++) {
		target[i] = word_read(&source[i]);
	}
}

bool seq_read(const struct latency_seq *seq, void *copy, size_t size,
	      void (*copy_more)(void *private_data), void *private_data)
{
	unsigned i;

	for (i = 0; i < SEQ_SPINS * SEQ_YIELDS; i++) {
		uint32_t before = word_follow(&seq->count);

		if ((before & 1) == 0) {
			words_copy(copy, seq, size);
			if (copy_more != NULL) {
				copy_more(private_data);
			}
			__atomic_thread_fence(__ATOMIC_ACQUIRE);
			if (word_read(&seq->count) == before) {
				return true;
			}
		}
		if (i % SEQ_SPINS == SEQ_SPINS - 1) {
			sched_yield();
		}
	}
	/* As it is, then. */
	words_copy(copy, seq, size);
	if (copy_more != NULL) {
		copy_more(private_data);
	}
	return false;
}
