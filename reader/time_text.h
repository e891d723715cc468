/*
 * Points in time as people write them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TIME_TEXT_H
#define TIME_TEXT_H

#include <stdbool.h>
#include <stdint.h>

/* What time_parse() takes, for messages. */
#define TIME_FORMS "14:00, 'yesterday 14:00', '2026-11-30 14:00', -2h, now, " \
	"or RFC 3339"

/*
 * The time that a text means, CLOCK_REALTIME in ns, in the local time zone
 * unless it names one: 14:00[:30] (of today), yesterday [14:00], today [14:00],
 * 2026-11-30 [14:00[:30]] (or T in between), with Z or +01:00 behind it; -2h,
 * -90s, -5m, -3d, -1w before now_ns; now. Returns false if it means none.
 */
bool time_parse(const char *text, uint64_t now_ns, uint64_t *ns);

/*
 * A duration: a number and s, m, h, d, w or y (365 days); without a letter it
 * is seconds. Returns false if it is none, 0 or less.
 */
bool duration_parse(const char *text, uint64_t *ns);

#endif
