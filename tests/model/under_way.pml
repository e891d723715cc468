/*
 * An operation that takes long, and the times of the process: op_timer_finish()
 * of modules/op_timer.c, time_read() of lib/now_reader.c.
 *
 * One is under way, which readers have counted up to now. It ends: the times
 * are brought up to date, then its begun is made 0. Another one begins, and the
 * times go on. What a reader takes of both must fit: with the operation under
 * way the times up to its end at most, without it at least these.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BEGUN 0
#define SEQ 1
#define TIME 2
#define WORDS 4

#define SEQ_AGAIN 3
#define BEGUN_AGAIN 4
#define REGISTERS 5

#include "memory.pml"

/* Those of the sequence count, as in sequence.pml: it takes no others. */
#ifndef ODD_BEFORE_DATA
#define ODD_BEFORE_DATA FENCE(writer)
#endif
#ifndef DATA_BEFORE_AGAIN
#define DATA_BEFORE_AGAIN FENCE(reader)
#endif
#ifndef WRITE_1
#define WRITE_1 write_time
#define WRITE_2 write_end
#endif
#ifndef READ_1
#define READ_1 read_begun
#define READ_2 read_time
#endif
#ifndef READ_AGAIN
#define READ_AGAIN LOAD(BEGUN, BEGUN_AGAIN, PLAIN)
#endif

#define FIRST 1				/* begun of the first operation */
#define SECOND 2

inline write_time(time) {
	STORE(SEQ, 2 * (time) - 1, PLAIN);
	ODD_BEFORE_DATA;
	STORE(TIME, time, PLAIN);
	STORE(SEQ, 2 * (time), RELEASE)
}

inline write_end(time) {
	STORE(BEGUN, 0, PLAIN)
}

inline read_begun() {
	LOAD(BEGUN, BEGUN, PLAIN)
}

inline read_time() {
	LOAD(SEQ, SEQ, ACQUIRE);
	LOAD(TIME, TIME, PLAIN);
	DATA_BEFORE_AGAIN;
	LOAD(SEQ, SEQ_AGAIN, PLAIN)
}

active proctype under_way() {
	d_step {
		memory[BEGUN] = FIRST;
		WRITE_1(1);
		WRITE_2(1);
		STORE(BEGUN, SECOND, PLAIN);
		write_time(2);
		READ_1();
		READ_2();
		READ_AGAIN
	}
	reader.waiting == 0;
	if
	:: seen[SEQ] == seen[SEQ_AGAIN] && seen[SEQ] % 2 == 0 &&
	   seen[BEGUN] == seen[BEGUN_AGAIN] ->
#ifdef TAKEN
		assert(seen[BEGUN] != TAKEN);
#endif
		assert(seen[BEGUN] != FIRST || seen[TIME] <= 1);
		assert(seen[BEGUN] == FIRST || seen[TIME] >= 1)
	:: else				/* an operation has ended: once more */
	fi
}
