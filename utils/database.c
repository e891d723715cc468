/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>

#include "complain.h"
#include "database.h"
#include "history_span.h"
#include "time_ns.h"

bool database_open(const struct options *options, struct history_db *db)
{
	struct latency_error error;

	if (history_db_open(db, options->database, &error)) {
		return true;
	}
	if (errno == ENOENT) {
		complain("%s; to start a history, run 'systemctl enable --now "
			 "smblatency-recorder', or 'smblatency-stat record'",
			 error.text);
	} else {
		complain("%s", error.text);
	}
	return false;
}

int past_check(const struct options *options, uint64_t now)
{
	const char *name = "";

	if ((options->given & (GIVEN(OPTION_FROM) | GIVEN(OPTION_TO))) == 0) {
		return wrong_usage("--database goes with --from or --to");
	}
	if ((options->given & now) == 0) {
		return EXIT_OK;
	}
#define OPTION(NAME, word, letter, argument, help) \
	name = options->given & now & GIVEN(OPTION_##NAME) ? word : name;
#include "option_table.h"
	return wrong_usage("--%s does not go with --from or --to", name);
}

int database_has_not(const struct options *options, struct history_db *db)
{
	struct latency_error error;
	uint64_t begin, end;
	char from[TIME_SHOWN], to[TIME_SHOWN];

	if (!history_extent(db, &begin, &end, &error)) {
		return complain("%s", error.text);
	}
	if (end == 0) {
		return complain("%s: nothing is recorded yet: the first "
				"interval has not ended", db->name);
	}
	return complain("nothing is recorded %s: the history covers %s to %s",
			options->from_ns >= end ? "so late" :
			options->to_ns <= begin ? "so early" : "then",
			time_show(begin, from), time_show(end, to));
}

const char *time_show(uint64_t realtime_ns, char text[TIME_SHOWN])
{
	time_t seconds = (time_t)(realtime_ns / NS_PER_S);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, TIME_SHOWN, "%Y-%m-%d %H:%M:%S", &tm);
	return text;
}
