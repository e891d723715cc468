/*
 * Names in fields of a fixed size: shares, users, layers, paths.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "latency_format.h"

/*
 * Copies a name into a field of `size` bytes, at least 24, and ends it with a
 * zero byte. One that is too long keeps its beginning, whole UTF-8 characters
 * of it, followed by "~" and 16 hexadecimal digits, the 64-bit FNV-1a hash of
 * all of it: so different names stay different, and the same name is always
 * cut in the same way.
 */
void name_copy(char *to, size_t size, const char *from);

/* Is `name`, of any length, the one that a field of `size` bytes holds? */
bool name_is(const char *field, size_t size, const char *name);

/*
 * The hash of several names, each added to that of those before, NAMES_HASH for
 * none: 64-bit FNV-1a, with a byte that is in no name behind each.
 */
#define NAMES_HASH 14695981039346656037u

uint64_t names_hash(uint64_t before, const char *name);

/* The same with a number instead of a name. */
uint64_t names_hash_number(uint64_t before, uint64_t number);

/* Do they have the same share, user and client, whatever the vfs objects? */
bool slot_who_same(const struct latency_slot_key *a,
		   const struct latency_slot_key *b);

/* Are all names of two keys the same? */
bool slot_key_same(const struct latency_slot_key *a,
		   const struct latency_slot_key *b);

/*
 * Copies a path into a field of `size` bytes, at least 8, and ends it with a
 * zero byte. One that is too long keeps its end, whole UTF-8 characters of it,
 * behind "...": the file name tells more than the directories.
 */
void path_copy(char *to, size_t size, const char *from);

#endif
