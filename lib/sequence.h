/*
 * How things of a segment are written and read as a whole, see
 * latency_format.h: one writer, many readers, no lock, no system call, no
 * atomic read-modify-write.
 *
 * Each barrier is named by what it keeps in order. tests/model has them by the
 * same names, and shows that they suffice and that each is needed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEQUENCE_H
#define SEQUENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency_format.h"

/*
 * x86-64 keeps stores in order, and adds to memory by one instruction. A test
 * has what the others do there, too.
 */
#if defined(__x86_64__) && !defined(SEQUENCE_PORTABLE)
#define SEQUENCE_X86_64
#endif

/* A word of a segment is read and written whole, in no particular order. */
#define word_read(p) __atomic_load_n((p), __ATOMIC_RELAXED)
#define word_write(p, value) __atomic_store_n((p), (value), __ATOMIC_RELAXED)

/*
 * Adds to a 64-bit word that only this process writes. One instruction where
 * there is one for it: a reader sees the word before or after, never between.
 */
static inline void word_add(uint64_t *word, uint64_t value)
{
#if defined(SEQUENCE_X86_64)
	__asm__ volatile("addq %1, %0" : "+m"(*word) : "er"(value));
#else
	word_write(word, word_read(word) + value);
#endif
}

/*
 * Makes all that was written before visible to what reads *p by word_follow,
 * or by word_read and a fence that acquires. This is the rule for references in
 * a segment: one that leads to something that is not all zero is published, any
 * other is just written. Each place names the one it pairs with. In
 * tests/model/reference.pml they are SLOT_BEFORE_REFERENCE with
 * REFERENCE_BEFORE_SLOT and, for a number of things, PART_BEFORE_NUMBER with
 * NUMBER_BEFORE_PART. What is under way has an order, too: see flight.pml.
 */
#define word_publish(p, value) __atomic_store_n((p), (value), __ATOMIC_RELEASE)
#define word_follow(p) __atomic_load_n((p), __ATOMIC_ACQUIRE)

/* The barriers between these two are those of tests/model/sequence.pml. */
static inline void seq_write_begin(struct latency_seq *seq)
{
#if defined(SEQUENCE_X86_64)
	/* Stores stay in order here; the compiler must keep them so. */
	__asm__ volatile("incl %0" : "+m"(seq->count) : : "memory");
#else
	word_write(&seq->count, seq->count + 1);
	/* ODD_BEFORE_DATA, pairs with DATA_BEFORE_AGAIN of seq_read(). */
	__atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

static inline void seq_write_end(struct latency_seq *seq)
{
#if defined(SEQUENCE_X86_64)
	__asm__ volatile("incl %0" : "+m"(seq->count) : : "memory");
#else
	/* DATA_BEFORE_EVEN, pairs with EVEN_BEFORE_DATA of seq_read(). */
	word_publish(&seq->count, seq->count + 1);
#endif
}

/*
 * A node is written between these two: a call is first added to its bucket, and
 * last to count. The barriers are those of tests/model/node.pml.
 */
static inline void row_write_begin(uint64_t *bucket)
{
	word_add(bucket, 1);
	/* BUCKET_BEFORE_REST, pairs with REST_BEFORE_BUCKETS of copy_node(). */
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static inline void row_write_end(uint64_t *count)
{
	/* REST_BEFORE_COUNT, pairs with COUNT_BEFORE_REST of copy_node(). */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	word_add(count, 1);
}

/*
 * Copies size bytes, a multiple of 8 and aligned, that start with a sequence
 * count.
 *
 * Returns true if the copy is consistent; false if the writer was busy all
 * the time, or died within an update. The copy then is what was there, word
 * by word, with the sequence count as it was.
 */
bool seq_read(const struct latency_seq *seq, void *copy, size_t size);

/*
 * Calls attempt(private_data), which returns false if the writer was busy,
 * until it succeeds. Returns false if the writer was busy all the time or died.
 */
bool read_again(bool (*attempt)(void *private_data), void *private_data);

/* Copies size bytes, a multiple of 8 and aligned, word by word. */
void words_copy(void *to, const void *from, size_t size);

#endif
