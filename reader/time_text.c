/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "time_ns.h"
#include "time_text.h"

#define DURATION_MAX_S 1e10

bool duration_parse(const char *text, uint64_t *ns)
{
	static const struct { char letter; double seconds; } units[] = {
		{ 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 }, { 'y', 31536000 },
	};
	double seconds;
	char *end;
	unsigned i;

	if (!isdigit((unsigned char)text[0]) && text[0] != '.') {
		return false;
	}
	seconds = strtod(text, &end);
	for (i = 0; *end != '\0' && i < sizeof(units) / sizeof(units[0]); i++) {
		if (*end == units[i].letter) {
			seconds *= units[i].seconds;
			end++;
			break;
		}
	}
	if (*end != '\0' || end == text || !(seconds > 0) ||
	    !(seconds <= DURATION_MAX_S)) {
		return false;
	}
	*ns = (uint64_t)(seconds * 1e9);
	return true;
}

/* Takes a word off the text if it begins with it. */
static bool take_word(const char **text, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(*text, word, length) != 0 ||
	    ((*text)[length] != '\0' && (*text)[length] != ' ')) {
		return false;
	}
	*text += length;
	*text += strspn(*text, " ");
	return true;
}

/* Takes `digits` digits; -1 if there are others. */
static int take_number(const char **text, unsigned digits)
{
	int value = 0;
	unsigned i;

	for (i = 0; i < digits; i++) {
		if (!isdigit((unsigned char)**text)) {
			return -1;
		}
		value = value * 10 + *(*text)++ - '0';
	}
	return value;
}

/* Takes 2026-11-30, if it is there. */
static bool take_date(const char **text, struct tm *tm)
{
	const char *at = *text;
	int year = take_number(&at, 4), month, day;

	if (year < 0 || *at++ != '-') {
		return false;
	}
	month = take_number(&at, 2);
	if (month < 1 || month > 12 || *at++ != '-') {
		return false;
	}
	day = take_number(&at, 2);
	if (day < 1 || day > 31) {
		return false;
	}
	if (*at == 'T' || *at == 't' || *at == ' ') {
		at++;
	} else if (*at != '\0') {
		return false;
	}
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	*text = at;
	return true;
}

/* Takes 14:00, 14:00:30 or 14:00:30.5, the last part into *ns. */
static bool take_clock(const char **text, struct tm *tm, uint64_t *ns)
{
	const char *at = *text;
	uint64_t place;

	tm->tm_hour = take_number(&at, isdigit((unsigned char)at[0]) &&
				  at[1] == ':' ? 1 : 2);
	if (tm->tm_hour < 0 || tm->tm_hour > 24 || *at++ != ':') {
		return false;
	}
	tm->tm_min = take_number(&at, 2);
	if (tm->tm_min < 0 || tm->tm_min > 59) {
		return false;
	}
	if (*at == ':') {
		at++;
		tm->tm_sec = take_number(&at, 2);
		if (tm->tm_sec < 0 || tm->tm_sec > 60) {
			return false;
		}
		if (*at == '.') {
			at++;
			for (place = 100000000; isdigit((unsigned char)*at);
			     place /= 10) {
				*ns += (uint64_t)(*at++ - '0') * place;
			}
		}
	}
	*text = at;
	return true;
}

/* What is behind the clock: nothing, Z, or +01:00. */
static bool take_zone(const char **text, bool *is_utc, long *east_s)
{
	const char *at = *text;
	int hours, minutes;
	long sign;

	*is_utc = *at != '\0';
	*east_s = 0;
	if (*at == '\0') {
		return true;
	}
	if ((*at == 'Z' || *at == 'z') && at[1] == '\0') {
		return true;
	}
	if (*at != '+' && *at != '-') {
		return false;
	}
	sign = *at++ == '-' ? -1 : 1;
	hours = take_number(&at, 2);
	at += *at == ':';
	minutes = take_number(&at, 2);
	*east_s = sign * (hours * 3600L + minutes * 60L);
	return hours >= 0 && minutes >= 0 && minutes < 60 && *at == '\0';
}

static bool parse_calendar(const char *text, time_t now, uint64_t *ns)
{
	uint64_t fraction = 0;
	struct tm tm;
	bool day, is_utc = false;
	long east_s = 0;
	time_t seconds;

	localtime_r(&now, &tm);
	tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	tm.tm_isdst = -1;
	day = take_word(&text, "today");
	if (!day && take_word(&text, "yesterday")) {
		day = true;
		tm.tm_mday--;
	}
	day = day || take_date(&text, &tm);
	if (!(day && *text == '\0')) {
		if (!take_clock(&text, &tm, &fraction) ||
		    !take_zone(&text, &is_utc, &east_s)) {
			return false;
		}
	}
	seconds = is_utc ? timegm(&tm) - east_s : mktime(&tm);
	if (seconds < 0) {
		return false;
	}
	*ns = (uint64_t)seconds * NS_PER_S + fraction;
	return true;
}

bool time_parse(const char *text, uint64_t now_ns, uint64_t *ns)
{
	uint64_t before;

	if (strcmp(text, "now") == 0) {
		*ns = now_ns;
		return true;
	}
	if (text[0] == '-') {
		if (!duration_parse(text + 1, &before)) {
			return false;
		}
		*ns = now_ns > before ? now_ns - before : 0;
		return true;
	}
	return parse_calendar(text, (time_t)(now_ns / NS_PER_S), ns);
}
