/*
 * A node of the calling context tree: node_record() of lib/node_writer.c and
 * copy_node() of lib/node_reader.c.
 *
 * Three calls are counted. The second one needs a new octave, and fails with a
 * code that needs a new line of errors; the third one fails with the same code.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define COUNT 0
#define TOTAL 1				/* stands for all between the fences */
#define OCTAVE 2			/* where the cells of bucket B are */
#define BUCKET_A 3
#define BUCKET_B 4
#define LINK 5				/* where the line of errors is */
#define CODE 6
#define ERRORS 7
#define WORDS 9
#define REGISTERS 8			/* what was loaded of each */

#include "memory.pml"

/* What tests/model/run takes away, or has in another order. */
#ifndef BUCKET_BEFORE_REST
#define BUCKET_BEFORE_REST FENCE(writer) /* row_write_begin() */
#endif
#ifndef REST_BEFORE_COUNT
#define REST_BEFORE_COUNT FENCE(writer)	/* row_write_end() */
#endif
#ifndef COUNT_BEFORE_REST
#define COUNT_BEFORE_REST ACQUIRE	/* word_follow() */
#endif
#ifndef REST_BEFORE_BUCKETS
#define REST_BEFORE_BUCKETS FENCE(reader)
#endif
#ifndef WRITE_1
#define WRITE_1 write_bucket
#define WRITE_2 write_rest
#define WRITE_3 write_count
#endif
#ifndef READ_1
#define READ_1 read_count
#define READ_2 read_rest
#define READ_3 read_buckets
#endif

#define ERRORS_OF(calls) ((calls) > 1 -> (calls) - 1 : 0)
#define TOTAL_OF(calls) ((calls) * ((calls) + 1) / 2)

inline write_bucket(call) {
	if
	:: call == 2 ->
		STORE(OCTAVE, 1, PLAIN);
		STORE(BUCKET_B, 1, PLAIN)
	:: else -> STORE(BUCKET_A, (call == 1 -> 1 : 2), PLAIN)
	fi
}

inline write_rest(call) {
	STORE(TOTAL, TOTAL_OF(call), PLAIN);
	if
	:: call == 2 -> STORE(LINK, 1, PLAIN); STORE(CODE, 1, PLAIN)
	:: else
	fi;
	if
	:: call != 1 -> STORE(ERRORS, ERRORS_OF(call), PLAIN)
	:: else
	fi
}

inline write_count(call) {
	STORE(COUNT, call, PLAIN)
}

inline record(call) {
	WRITE_1(call);
	BUCKET_BEFORE_REST;
	WRITE_2(call);
	REST_BEFORE_COUNT;
	WRITE_3(call)
}

inline read_count() {
	LOAD(COUNT, COUNT, COUNT_BEFORE_REST)
}

inline read_rest() {
	LOAD(TOTAL, TOTAL, PLAIN);
	LOAD(LINK, LINK, PLAIN)
}

inline read_buckets() {
	LOAD(OCTAVE, OCTAVE, PLAIN);
	LOAD(BUCKET_A, BUCKET_A, PLAIN);
	LOAD(BUCKET_B, BUCKET_B, PLAIN)
}

/* What a reader makes of it: an octave that is not claimed has no calls. */
#define SEEN_B (seen[OCTAVE] != 0 -> seen[BUCKET_B] : 0)
#define SEEN_ERRORS (seen[LINK] != 0 && seen[CODE] != 0 -> seen[ERRORS] : 0)

active proctype node() {
	byte calls;

	d_step {
		record(1);
		record(2);
		record(3);
		READ_1();
		READ_2();
		REST_BEFORE_BUCKETS;
		READ_3();
		/* read_errors() */
		LOAD(CODE, CODE, PLAIN);
		LOAD(ERRORS, ERRORS, PLAIN)
	}
	reader.waiting == 0;
	calls = seen[COUNT];
	if
	:: seen[BUCKET_A] + SEEN_B == calls ->
#ifdef TAKEN
		assert(calls != TAKEN);
#endif
		assert(seen[TOTAL] == TOTAL_OF(calls));
		assert(SEEN_B == (calls >= 2 -> 1 : 0));
		assert(SEEN_ERRORS >= ERRORS_OF(calls))
	:: else				/* a call was being added: once more */
	fi
}
