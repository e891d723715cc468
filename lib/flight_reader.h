/*
 * Reads the list of what is under way: copies it, checks the copy, and then
 * whether all of it was under way at one moment.
 *
 *	flights_copy(&list, ...);
 *	now = time;
 *	flights_verify(&list, ...);
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FLIGHT_READER_H
#define FLIGHT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "latency_format.h"

struct flight_list {
	struct latency_flight *flight;
	/* Where each is in the file. */
	const struct latency_flight **shared;
	unsigned count;
	uint64_t unlisted;		/* more that found no room */
	uint32_t current;		/* number, see latency_flights */
};

/*
 * Copies what is under way from a mapped segment of `size` bytes, whose header
 * has been copied to h. Frames and slots are left to the caller to check.
 * Returns NULL, or what is wrong.
 */
const char *flights_copy(struct flight_list *list,
			 const struct latency_header *h,
			 const unsigned char *shared, size_t size);

/* Leaves out what has ended since, and what is another one now. */
void flights_verify(struct flight_list *list, const struct latency_header *h,
		    const unsigned char *shared);

void flights_free(struct flight_list *list);

#endif
