/*
 * The ring of the trace: begin() and end() of lib/trace_writer.c, read_head()
 * and fetch() of reader/trace_ring.c.
 *
 * A ring of two cells, and three events, of one cell each. What a reader takes
 * for whole must be the event that belongs there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define CELLS 2
#define CELL(event) (event) % CELLS	/* 0 and 1 */
#define CLAIMED 2
#define WRITTEN 3
#define WORDS 5

#define CLAIMED_AFTER 4
#define REGISTERS 5

#include "memory.pml"

#ifndef CLAIMED_BEFORE_CELL
#define CLAIMED_BEFORE_CELL FENCE(writer) /* begin() */
#endif
#ifndef CELL_BEFORE_WRITTEN
#define CELL_BEFORE_WRITTEN RELEASE	/* end() */
#endif
#ifndef WRITTEN_BEFORE_REST
#define WRITTEN_BEFORE_REST FENCE(reader) /* read_head() */
#endif
#ifndef CELL_BEFORE_CLAIMED
#define CELL_BEFORE_CLAIMED FENCE(reader) /* fetch() */
#endif
#ifndef WRITE_1
#define WRITE_1 write_claimed
#define WRITE_2 write_cell
#define WRITE_3 write_written
#endif
#ifndef READ_1
#define READ_1 read_written
#define READ_2 read_rest
#define READ_3 read_claimed_again
#endif

inline write_claimed(event) {
	STORE(CLAIMED, event + 1, PLAIN)
}

inline write_cell(event) {
	STORE(CELL(event), event + 1, PLAIN)
}

inline write_written(event) {
	STORE(WRITTEN, event + 1, CELL_BEFORE_WRITTEN)
}

inline record(event) {
	WRITE_1(event);
	CLAIMED_BEFORE_CELL;
	WRITE_2(event);
	WRITE_3(event)
}

inline read_written() {
	LOAD(WRITTEN, WRITTEN, PLAIN)
}

inline read_rest() {
	LOAD(CLAIMED, CLAIMED, PLAIN);
	LOAD(CELL(0), CELL(0), PLAIN);
	LOAD(CELL(1), CELL(1), PLAIN)
}

inline read_claimed_again() {
	LOAD(CLAIMED, CLAIMED_AFTER, PLAIN)
}

active proctype ring() {
	byte event;

	d_step {
		record(0);
		record(1);
		record(2);
		READ_1();
		WRITTEN_BEFORE_REST;
		READ_2();
		CELL_BEFORE_CLAIMED;
		READ_3()
	}
	reader.waiting == 0;
	/* Else it is taken for damaged. */
	assert(seen[CLAIMED] >= seen[WRITTEN]);
	do
	:: event < seen[WRITTEN] ->
		if
		:: event + CELLS >= seen[CLAIMED_AFTER] ->
#ifdef TAKEN
			assert(event != TAKEN);
#endif
			assert(seen[CELL(event)] == event + 1)
		:: else			/* it may have been overwritten */
		fi;
		event++
	:: else -> break
	od
}
