/*
 * What is under way, and for which request: flight_set(), flight_end() and
 * flight_is_current() of lib/flight_writer.h, place_begin() and place_end() of
 * modules/place.h, under_way_read() of lib/now_reader.c.
 *
 * Three requests, and an operation of each. The second has the entry of the
 * first, which has ended. The third has pended: it has an entry since long ago,
 * and is made current when the second pends. A reader takes what it finds
 * twice, and an operation must be of the request that it is shown with.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define BEGUN 0				/* of the operation: its request */
#define CURRENT 1			/* request */
#define SEQ 2				/* of the entry */
#define ID 3				/* stands for all there is in it */
#define ENTRY_BEGUN 4
#define WORDS 6

#define BEGUN_AGAIN 5
#define CURRENT_AGAIN 6
#define SEQ_AGAIN 7
#define ENTRY_BEGUN_AGAIN 8
#define REGISTERS 9

#include "memory.pml"

/* Those of the sequence count, as in sequence.pml. */
#ifndef ODD_BEFORE_DATA
#define ODD_BEFORE_DATA FENCE(writer)
#endif
#ifndef DATA_BEFORE_EVEN
#define DATA_BEFORE_EVEN RELEASE
#endif
#ifndef EVEN_BEFORE_DATA
#define EVEN_BEFORE_DATA ACQUIRE
#endif
#ifndef ENDED_BEFORE_CURRENT
#define ENDED_BEFORE_CURRENT RELEASE	/* flight_is_current() */
#endif
#ifndef CURRENT_BEFORE_BEGUN
#define CURRENT_BEFORE_BEGUN RELEASE	/* place_begin() */
#endif
#ifndef FIRST_BEFORE_AGAIN
#define FIRST_BEFORE_AGAIN FENCE(reader) /* under_way_read() */
#endif
#ifndef WRITE_1
#define WRITE_1 write_current
#define WRITE_2 write_operation
#endif

inline write_entry(request) {
	STORE(SEQ, 2 * (request) - 1, PLAIN);
	ODD_BEFORE_DATA;
	STORE(ID, request, PLAIN);
	STORE(ENTRY_BEGUN, request, PLAIN);
	STORE(SEQ, 2 * (request), DATA_BEFORE_EVEN)
}

inline write_current(request) {
	STORE(CURRENT, request, ENDED_BEFORE_CURRENT)
}

inline write_operation(request) {
	STORE(BEGUN, request, CURRENT_BEFORE_BEGUN);
	STORE(BEGUN, 0, PLAIN)
}

active proctype flight() {
	bool operation, entry;

	d_step {
		write_entry(1);
		WRITE_1(1);
		WRITE_2(1);
		STORE(ENTRY_BEGUN, 0, PLAIN);
		write_entry(2);
		WRITE_1(2);
		WRITE_2(2);
		WRITE_1(3);
		WRITE_2(3);

		LOAD(BEGUN, BEGUN, PLAIN);
		/* The fence of seq_read() would be another: it has none here. */
		LOAD(SEQ, SEQ, EVEN_BEFORE_DATA);
		LOAD(ID, ID, PLAIN);
		LOAD(ENTRY_BEGUN, ENTRY_BEGUN, PLAIN);
		LOAD(CURRENT, CURRENT, PLAIN);
		FIRST_BEFORE_AGAIN;
		LOAD(ENTRY_BEGUN, ENTRY_BEGUN_AGAIN, PLAIN);
		LOAD(SEQ, SEQ_AGAIN, PLAIN);
		LOAD(CURRENT, CURRENT_AGAIN, PLAIN);
		LOAD(BEGUN, BEGUN_AGAIN, PLAIN)
	}
	reader.waiting == 0;
	operation = seen[BEGUN] != 0 && seen[BEGUN] == seen[BEGUN_AGAIN];
	entry = seen[ENTRY_BEGUN] != 0 && seen[SEQ] % 2 == 0 &&
		seen[SEQ] == seen[SEQ_AGAIN] &&
		seen[ENTRY_BEGUN] == seen[ENTRY_BEGUN_AGAIN];
	assert(!entry || seen[ID] == seen[ENTRY_BEGUN]);
	if
	:: operation && seen[CURRENT] == seen[CURRENT_AGAIN] ->
#ifdef TAKEN
		assert(seen[BEGUN] != TAKEN);
#endif
		assert(seen[CURRENT] == seen[BEGUN]);
		/* The third has another entry. */
		assert(!entry || seen[BEGUN] == 3 || seen[ID] == seen[BEGUN])
	:: else
	fi
}
