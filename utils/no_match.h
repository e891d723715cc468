/*
 * What to say when --share, --user or --client match nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NO_MATCH_H
#define NO_MATCH_H

#include "filter_match.h"

/* Says which name there is not, and which there are; returns EXIT_FAILED. */
int complain_no_match(const struct filter *filter,
		      const struct filter_match *match);

#endif
