/*
 * What starts with a sequence count: seq_write_begin() and seq_write_end() of
 * lib/sequence.h, seq_attempt() of lib/sequence.c. Two updates.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define SEQ 0
#define ONE 1
#define OTHER 2
#define WORDS 4
#define AGAIN 3
#define REGISTERS 4

#include "memory.pml"

#ifndef ODD_BEFORE_DATA
#define ODD_BEFORE_DATA FENCE(writer)	/* seq_write_begin() */
#endif
#ifndef DATA_BEFORE_EVEN
#define DATA_BEFORE_EVEN RELEASE	/* seq_write_end() */
#endif
#ifndef EVEN_BEFORE_DATA
#define EVEN_BEFORE_DATA ACQUIRE	/* word_follow() */
#endif
#ifndef DATA_BEFORE_AGAIN
#define DATA_BEFORE_AGAIN FENCE(reader)
#endif
#ifndef WRITE_1
#define WRITE_1 write_odd
#define WRITE_2 write_data
#define WRITE_3 write_even
#endif
#ifndef READ_1
#define READ_1 read_before
#define READ_2 read_data
#define READ_3 read_again
#endif

inline write_odd(update) {
	STORE(SEQ, 2 * update - 1, PLAIN)
}

inline write_data(update) {
	STORE(ONE, update, PLAIN);
	STORE(OTHER, update, PLAIN)
}

inline write_even(update) {
	STORE(SEQ, 2 * update, DATA_BEFORE_EVEN)
}

inline change(update) {
	WRITE_1(update);
	ODD_BEFORE_DATA;
	WRITE_2(update);
	WRITE_3(update)
}

inline read_before() {
	LOAD(SEQ, SEQ, EVEN_BEFORE_DATA)
}

inline read_data() {
	LOAD(ONE, ONE, PLAIN);
	LOAD(OTHER, OTHER, PLAIN)
}

inline read_again() {
	LOAD(SEQ, AGAIN, PLAIN)
}

active proctype sequence() {
	d_step {
		change(1);
		change(2);
		READ_1();
		READ_2();
		DATA_BEFORE_AGAIN;
		READ_3()
	}
	reader.waiting == 0;
	if
	:: seen[SEQ] == seen[AGAIN] && seen[SEQ] % 2 == 0 ->
#ifdef TAKEN
		assert(seen[SEQ] != 2 * TAKEN);
#endif
		assert(seen[ONE] == seen[SEQ] / 2);
		assert(seen[OTHER] == seen[SEQ] / 2)
	:: else				/* being changed: once more */
	fi
}
