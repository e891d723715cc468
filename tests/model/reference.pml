/*
 * References that are published: word_publish(), word_follow() of
 * lib/sequence.h. As slots and nodes have them: the header refers to a slot,
 * and that, once there is another one, to the next. A slot has parts (nodes, in
 * chunks), published by their number.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define FIRST 0				/* in the header */
#define NAME 1				/* of the first slot */
#define NUMBER 2			/* of its parts */
#define PART 3				/* the last of them */
#define NEXT 4				/* its reference to the second slot */
#define NEXT_NAME 5
#define WORDS 7
#define REGISTERS 6

#include "memory.pml"

#ifndef SLOT_BEFORE_REFERENCE
#define SLOT_BEFORE_REFERENCE RELEASE	/* word_publish() */
#endif
#ifndef PART_BEFORE_NUMBER
#define PART_BEFORE_NUMBER RELEASE	/* word_publish() */
#endif
#ifndef REFERENCE_BEFORE_SLOT
#define REFERENCE_BEFORE_SLOT FENCE(reader)
#endif
#ifndef FOLLOWED
#define FOLLOWED PLAIN			/* ACQUIRE: word_follow(), no fence */
#endif
#ifndef NUMBER_BEFORE_PART
#define NUMBER_BEFORE_PART ACQUIRE	/* word_follow() */
#endif
#ifndef SLOT_1
#define SLOT_1 write_slot
#define SLOT_2 write_reference
#endif
#ifndef PART_1
#define PART_1 write_part
#define PART_2 write_number
#endif
#ifndef READ_1
#define READ_1 read_number
#define READ_2 read_part
#endif

inline write_slot(reference, name) {
	STORE(name, 1, PLAIN)
}

inline write_reference(reference, name) {
	STORE(reference, 1, SLOT_BEFORE_REFERENCE)
}

inline write_part(number) {
	STORE(PART, number, PLAIN)
}

inline write_number(number) {
	STORE(NUMBER, number, PART_BEFORE_NUMBER)
}

inline read_number() {
	LOAD(NUMBER, NUMBER, NUMBER_BEFORE_PART)
}

inline read_part() {
	LOAD(PART, PART, PLAIN)
}

active proctype references() {
	d_step {
		/* slot_create(), node_create() */
		PART_1(1);
		PART_2(1);
		SLOT_1(FIRST, NAME);
		SLOT_2(FIRST, NAME);
		PART_1(2);
		PART_2(2);
		SLOT_1(NEXT, NEXT_NAME);
		SLOT_2(NEXT, NEXT_NAME);

		/* segment_copy() */
		LOAD(FIRST, FIRST, FOLLOWED);
		REFERENCE_BEFORE_SLOT;
		/* read_slot() */
		READ_1();
		READ_2();
		LOAD(NAME, NAME, PLAIN);
		LOAD(NEXT, NEXT, FOLLOWED);
		REFERENCE_BEFORE_SLOT;
		LOAD(NEXT_NAME, NEXT_NAME, PLAIN)
	}
	reader.waiting == 0;
	if
	:: seen[FIRST] != 0 ->
#ifdef TAKEN
		assert(seen[NUMBER] + seen[NEXT] != TAKEN);
#endif
		assert(seen[NAME] == 1);
		assert(seen[NUMBER] >= 1);
		assert(seen[PART] >= seen[NUMBER]);
		assert(seen[NEXT] == 0 || seen[NEXT_NAME] == 1)
	:: else				/* there are no slots yet */
	fi
}
