/*
 * Folding: lib/segment_fold.c, lib/segment_reader.c, reader/snapshot.c.
 *
 * Smbds count and end at any time. Two processes fold for ever, one segment
 * after the other, and are killed between any two steps; so do reports follow
 * each other. Each must have what had been counted when it began, once, and
 * nothing that never was. A segment may be unreadable for a while: no memory,
 * no descriptor.
 *
 * A step is a system call, or a copy of what nobody writes meanwhile: so they
 * come one after the other, whatever the memory does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define SEGMENTS 2
#define CALLS 2				/* that an smbd counts at most */
#define KILLS 3
#define UNREADABLE 2			/* times that a segment is */

#define BIT(i) (1 << (i))

/* What tests/model/run takes away, or has in another order. */
#ifndef FOLD_LOCK
#define FOLD_LOCK !folding && reports == 0 /* exclusive */
#endif
#ifndef REPORT_LOCK
#define REPORT_LOCK !folding		/* shared */
#endif
#ifndef IS_DEAD
#define IS_DEAD !owned[i]
#endif
#ifndef TAKE_1
#define TAKE_1 look_for_owner
#define TAKE_2 copy_counts
#endif
#ifndef FOLD_LOOKS
#define FOLD_LOOKS (departed_ids & BIT(i)) /* departed_include() */
#endif
#ifndef REPORT_LOOKS
#define REPORT_LOOKS (ids & BIT(i))
#endif
#ifndef KEEP
#define KEEP kept = kept | BIT(i)
#endif
#ifndef REMOVE_COUNTED
#define REMOVE_COUNTED remove_counted
#endif
#ifndef REPLACE_1
#define REPLACE_1 write_file
#define REPLACE_2 rename_new
#define REPLACE_3 unlink_taken
#endif
#ifndef IDS_BEFORE
#define IDS_BEFORE write_ids
#define IDS_AFTER nothing
#endif

/* Segments: is there the file, does its smbd live, what has it counted. */
bool exists[SEGMENTS], owned[SEGMENTS];
byte counted[SEGMENTS];

/* The departed: what they have of each segment; ids, a bit each. */
byte departed[SEGMENTS];
byte departed_ids;

/* The new file of them. */
byte made[SEGMENTS];
byte made_ids;

/* The lock of the directory. */
bool folding;
byte reports;

byte kills, unreadable;
bool killed;				/* the one that folds */

/* ------------------------------- smbds ----------------------------------- */

proctype smbd(byte i) {
end:	do
	:: counted[i] < CALLS -> counted[i]++
	:: owned[i] = false; break
	od
}

/* ------------------------------- folding --------------------------------- */

/* Can a file that is there be read now? */
inline try_to_read(ok) {
	ok = true;
	if
	:: true
	:: atomic { unreadable < UNREADABLE -> unreadable++; ok = false }
	fi
}

/* The ids of those that could not be removed are kept. */
inline remove_counted() {
	i = 0;
	do
	:: i < SEGMENTS ->
		if
		:: exists[i] && (departed_ids & BIT(i)) ->
			try_to_read(ok);
			if
			:: ok -> exists[i] = false
			:: else -> KEEP
			fi
		:: else
		fi;
		i++
	:: else -> break
	od
}

inline look_for_owner() {
	dead = IS_DEAD
}

inline copy_counts() {
	copy = counted[i]
}

/* take_in() of one that is there, any. */
inline take_in() {
	select(i : 0 .. SEGMENTS - 1);
	taken = 0;
	copied = 0;
	if
	:: exists[i] ->
		try_to_read(ok);
		TAKE_1();
		TAKE_2();
		if
		:: ok && dead ->
			taken = BIT(i);
			copied = (FOLD_LOOKS -> 0 : copy)
		:: else
		fi
	:: else
	fi
}

inline nothing() {
	skip
}

inline write_ids() {
	made_ids = kept | taken
}

/* The departed before and what is taken, in a new file. */
inline write_file() {
	d_step {
		made[0] = departed[0];
		made[1] = departed[1];
		made[i] = made[i] + copied;
		made_ids = 0
	};
	IDS_BEFORE()
}

inline rename_new() {
	d_step {
		departed[0] = made[0];
		departed[1] = made[1];
		departed_ids = made_ids
	}
}

/* Where the new file has its name. */
inline write_ids_late() {
	departed_ids = kept | taken
}

inline unlink_taken() {
	exists[i] = false
}

proctype folder() {
	byte i, kept, taken, copy, copied;
	bool ok, dead;

end:	do
	:: atomic { FOLD_LOCK -> folding = true; killed = false };
		{
			REMOVE_COUNTED();
			take_in();
			if
			:: taken != 0 ->
				REPLACE_1();
				REPLACE_2();
				IDS_AFTER();
				REPLACE_3()
			:: else
			fi
		} unless {
			killed
		};
		/* The kernel gives back the lock of one that was killed. */
		atomic {
			killed = false;
			folding = false;
			i = 0; kept = 0; taken = 0; copy = 0; copied = 0;
			ok = false; dead = false
		}
	od
}

active proctype killer() {
end:	do
	:: atomic { kills < KILLS && folding -> kills++; killed = true }
	od
}

/* ------------------------------- reports --------------------------------- */

active proctype report() {
	byte i, sum[SEGMENTS], least[SEGMENTS], ids;

end:	do
	:: atomic { REPORT_LOCK -> reports++ };
		d_step {
			least[0] = counted[0];
			least[1] = counted[1];
			sum[0] = departed[0];
			sum[1] = departed[1];
			ids = departed_ids;
			i = 0
		};
		do
		:: i < SEGMENTS ->
			atomic {
				if
				:: exists[i] && !(REPORT_LOOKS) ->
					sum[i] = sum[i] + counted[i]
				:: else
				fi;
#ifdef TAKEN
				assert(sum[i] != TAKEN);
#endif
				assert(sum[i] >= least[i]);
				assert(sum[i] <= counted[i]);
				i++
			}
		:: else -> break
		od;
		atomic {
			reports--;
			i = 0; ids = 0;
			sum[0] = 0; sum[1] = 0; least[0] = 0; least[1] = 0
		}
	od
}

init {
	byte i;

	atomic {
		for (i : 0 .. SEGMENTS - 1) {
			exists[i] = true;
			owned[i] = true;
			run smbd(i)
		};
		i = 0;
		run folder();
		run folder()
	}
}
