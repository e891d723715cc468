/*
 * What a connection has asked for: its requests by opcode, and which of them it
 * could have done without.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ASKED_H
#define ASKED_H

#include "segment_image.h"

enum smb2_opcode {
#define OPCODE(value, name, tree) name = value,
#include "latency_opcodes.h"
};

/* Kinds of requests that can be spared. No request is of two. */
enum spare {
	SPARE_MISSING,			/* there is nothing of that name */
	SPARE_REFUSED,			/* they fail for another reason */
	SPARE_REPEATED, /* the same was asked of the same file before */
	SPARE_STREAM,			/* of a stream of a file */
	SPARE_QUESTION,			/* of an open that only asks */
	SPARE_SMALL,			/* fewer would move as much */
	SPARES,
};

struct asked {
	uint64_t count[LATENCY_OPCODES];
	uint64_t total_ns[LATENCY_OPCODES]; /* less what was pending */
	uint64_t missing[LATENCY_OPCODES];
	uint64_t refused[LATENCY_OPCODES];
	uint64_t bytes;			/* read and written */
	uint64_t changes; /* in opens and closes: made, removed, set */
};

/* Of one kind. */
struct spared {
	uint64_t requests;
	uint64_t total_ns;		/* that these took */
};

/* From this size on the data is what takes the time, not the request. */
#define ASKED_LARGE 32768u

void asked_add(struct asked *asked, const struct segment_image *image,
	       const struct latency_slot *slot);

void asked_subtract(struct asked *asked, const struct asked *earlier);

/*
 * How many requests of each kind can be spared: at least, as far as counts
 * tell. Where they do not tell what an open was for, it was for something.
 */
void asked_spare(const struct asked *asked, struct spared spared[SPARES]);

/*
 * Requests of which it would tell more which files they were for: names that
 * are not there, and opens that nothing was done with, asked and closed.
 */
uint64_t asked_doubtful(const struct asked *asked);

/* Is this the code of a request that fails, other than for want of a name? */
bool asked_is_refusal(const char *request, uint32_t code);

/* All requests. */
uint64_t asked_requests(const struct asked *asked);

#endif
