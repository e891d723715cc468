/*
 * Memory as a CPU has it that reorders what it may (arm64): a thread's stores
 * and loads wait in a queue, and are done in any order but
 *
 *  - those of one word, in the order of the program,
 *  - RELEASE, a store after all that came before it: word_publish(),
 *  - ACQUIRE, a load before all that comes after it: word_follow(),
 *  - a fence, after all before it and before all after it.
 *
 * What is done is seen by everybody at once, as on arm64 and x86-64. A load
 * does not wait for one whose value says whether it is needed: so a reader's
 * program is all its loads, and it looks at the values when all are done.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define PLAIN 0
#define RELEASE 1
#define ACQUIRE 2

#define QUEUE 24
#define NOWHERE (WORDS - 1)		/* what a fence stores */

typedef thread {
	byte issued;
	int waiting;			/* a bit for each that is not done */
	int holding;			/* those that hold back what follows */
	int same[WORDS];		/* those of a word */
	int before[QUEUE];		/* what it must wait for */
	byte word[QUEUE];
	byte value[QUEUE];		/* a load: the place in `seen` */
};

byte memory[WORDS];
byte seen[REGISTERS];
thread writer, reader;

#define ISSUE(t, at, what, after)                        \
	t.before[t.issued] = after;                       \
	t.word[t.issued] = at;                            \
	t.value[t.issued] = what;                         \
	t.same[at] = t.same[at] | (1 << t.issued);        \
	t.waiting = t.waiting | (1 << t.issued);          \
	t.issued++

#define STORE(at, what, kind)                             \
	ISSUE(writer, at, what,                           \
	      (kind == RELEASE -> writer.waiting :        \
	       writer.holding | writer.same[at]))

#define LOAD(at, to, kind)                                       \
	ISSUE(reader, at, to, reader.holding | reader.same[at]); \
	reader.holding = reader.holding |                        \
		(kind == ACQUIRE -> 1 << (reader.issued - 1) : 0)

#define FENCE(t)                                          \
	ISSUE(t, NOWHERE, 0, t.waiting);                  \
	t.holding = t.holding | (1 << (t.issued - 1))

/* Any one that nothing holds back; or none. */
inline choose(t, i) {
	do
	:: i == t.issued -> break
	:: i < t.issued -> i++
	:: i < t.issued && (t.waiting & (1 << i)) != 0 &&
	   (t.waiting & t.before[i]) == 0 ->
		t.waiting = t.waiting & ~(1 << i);
		break
	od
}

active proctype stores() {
	byte i;
end:	do
	:: atomic {
		writer.waiting != 0 ->
		choose(writer, i);
		if
		:: i < writer.issued ->
			memory[writer.word[i]] = writer.value[i]
		:: else
		fi;
		i = 0
	   }
	od
}

active proctype loads() {
	byte i;
end:	do
	:: atomic {
		reader.waiting != 0 ->
		choose(reader, i);
		if
		:: i < reader.issued && reader.word[i] != NOWHERE ->
			seen[reader.value[i]] = memory[reader.word[i]]
		:: else
		fi;
		i = 0
	   }
	od
}
