/*
 * Reading what another process writes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sched.h>

#include "sequence.h"

/*
 * An update takes some ten stores. A writer that is still busy after so many
 * tries was taken off its CPU: let it run. One that is busy after READ_YIELDS
 * times has died there. The fuzzers, where nobody writes, set less.
 */
#ifndef READ_SPINS
#define READ_SPINS 200
#define READ_YIELDS 50
#endif

void words_copy(void *to, const void *from, size_t size)
{
	const uint64_t *source = from;
	uint64_t *target = to;
	size_t i;

	for (i = 0; i < size / sizeof(uint64_t); i++) {
		target[i] = word_read(&source[i]);
	}
}

bool read_again(bool (*attempt)(void *private_data), void *private_data)
{
	unsigned i;

	for (i = 0; i < READ_SPINS * READ_YIELDS; i++) {
		if (attempt(private_data)) {
			return true;
		}
		if (i % READ_SPINS == READ_SPINS - 1) {
			sched_yield();
		}
	}
	return false;
}

struct seq_copy {
	const struct latency_seq *seq;
	void *copy;
	size_t size;
};

static bool seq_attempt(void *private_data)
{
	const struct seq_copy *c = private_data;
	/*
	 * EVEN_BEFORE_DATA, pairs with DATA_BEFORE_EVEN of seq_write_end(): all
	 * of that update is copied.
	 */
	uint32_t before = word_follow(&c->seq->count);

	if ((before & 1) != 0) {
		return false;
	}
	words_copy(c->copy, c->seq, c->size);
	/*
	 * DATA_BEFORE_AGAIN, pairs with ODD_BEFORE_DATA of seq_write_begin():
	 * where a word of the next update is in the copy, the count below is
	 * that of the update.
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return word_read(&c->seq->count) == before;
}

bool seq_read(const struct latency_seq *seq, void *copy, size_t size)
{
	struct seq_copy c = { seq, copy, size };

	if (read_again(seq_attempt, &c)) {
		return true;
	}
	/* As it is, then. */
	words_copy(copy, seq, size);
	return false;
}
