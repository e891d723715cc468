/*
 * The sequence-count protocol of latency_format.h: one writer, many readers,
 * no lock, no system call, no atomic read-modify-write.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEQUENCE_H
#define SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency_format.h"

/* A word of a segment is read and written whole, in no particular order. */
#define word_read(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define word_write(p, value) __atomic_store_n((p), (value), __ATOMIC_RELAXED)
#define word_add(p, value) word_write((p), word_read(p) + (value))

/* Makes all that was written before visible to who reads *p by word_follow. */
#define word_publish(p, value) __atomic_store_n((p), (value), __ATOMIC_RELEASE)
#define word_follow(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)

static inline void seq_write_begin(struct latency_seq *seq)
{
	word_write(&seq->count, seq->count + 1);
	/* The odd count becomes visible before what is written from now on. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void seq_write_end(struct latency_seq *seq)
{
	word_publish(&seq->count, seq->count + 1);
}

/*
 * Copies size bytes, a multiple of 8 and aligned, that start with a sequence
 * count; more is copied in the same critical section by the caller's function
 * copy_more(private_data), which may be NULL.
 *
 * Returns true if the copy is consistent; false if the writer was busy all
 * the time, or died within an update. The copy then is of unknown state.
 */
bool seq_read(const struct latency_seq *seq, void *copy, size_t size,
	      void (*copy_more)(void *private_data), void *private_data);

/* Copies size bytes, a multiple of 8 and aligned, word by word. */
void words_copy(void *to, const void *from, size_t size);

#endif
