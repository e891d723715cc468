/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "name.h"

#define HASH_DIGITS 16
#define CUT "..."

#define FNV_PRIME 1099511628211u

static uint64_t hash(uint64_t h, const char *name)
{
	for (; *name != '\0'; name++) {
		h = (h ^ (unsigned char)*name) * FNV_PRIME;
	}
	return h;
}

uint64_t names_hash(uint64_t before, const char *name)
{
	return (hash(before, name) ^ 0xff) * FNV_PRIME;
}

uint64_t names_hash_number(uint64_t before, uint64_t number)
{
	return (before ^ number) * FNV_PRIME;
}

static bool continues_character(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}

void name_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length < size) {
		memcpy(to, from, length + 1);
		return;
	}
	length = size - 1 - HASH_DIGITS - 1;
	while (length > 0 && continues_character(from[length])) {
		length--;
	}
	memcpy(to, from, length);
	snprintf(to + length, size - length, "~%016llx",
		 (unsigned long long)hash(NAMES_HASH, from));
}

bool name_is(const char *field, size_t size, const char *name)
{
	size_t length = strlen(name);
	char copy[512];

	if (length < size || size > sizeof(copy)) {
		return strcmp(field, name) == 0;
	}
	name_copy(copy, size, name);
	return strcmp(field, copy) == 0;
}

bool slot_who_same(const struct latency_slot_key *a,
		   const struct latency_slot_key *b)
{
	return strcmp(a->share, b->share) == 0 &&
		strcmp(a->user, b->user) == 0 &&
		strcmp(a->client, b->client) == 0;
}

bool slot_key_same(const struct latency_slot_key *a,
		   const struct latency_slot_key *b)
{
	return slot_who_same(a, b) && strcmp(a->objects, b->objects) == 0;
}

void path_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);
	size_t room = size - 1 - strlen(CUT);

	if (length < size) {
		memcpy(to, from, length + 1);
		return;
	}
	from += length - room;
	while (continues_character(*from)) {
		from++;
	}
	strcpy(to, CUT);
	strcpy(to + strlen(CUT), from);
}
