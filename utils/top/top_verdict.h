/*
 * The verdict of the diagnosis on what top has read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_VERDICT_H
#define TOP_VERDICT_H

#include "top_reading.h"

#define TOP_VERDICT 512			/* bytes */

/* In words; says so if there is no memory. */
void top_verdict(const struct top_reading *r, bool total,
		 const struct filter *filter, char verdict[TOP_VERDICT]);

#endif
