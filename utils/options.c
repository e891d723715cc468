/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "escape.h"
#include "metrics.h"
#include "options.h"
#include "time_ns.h"
#include "time_text.h"

/* They are answered at once, whatever else is there. */
#define ANSWERS (GIVEN(OPTION_HELP) | GIVEN(OPTION_VERSION) | \
		 GIVEN(OPTION_LIST_OPS))

#define INTERVAL_DEFAULT 1.0	/* seconds, for -c without -i */
#define INTERVAL_MIN 0.01
#define INTERVAL_MAX 1e6
#define LENGTH_MAX 1e9

const char option_by_help[] = "sum by "
#define DIMENSION(NAME, name, tables, label, useful) #name ", "
#include "dimension_table.h"
	"or several of them";

static const char *const names[OPTIONS] = {
#define OPTION(NAME, name, letter, argument, help) [OPTION_##NAME] = "--" name,
#include "option_table.h"
};

static const struct poptOption popt_table[] = {
#define OPTION(NAME, name, letter, argument, help) \
	{ name, letter, \
	  (argument) != NULL ? POPT_ARG_STRING : POPT_ARG_NONE, NULL, \
	  OPTION_##NAME, help, argument },
#define OPTION_MAYBE(NAME, name, letter, argument, help) \
	{ name, letter, POPT_ARG_STRING | POPT_ARGFLAG_OPTIONAL, NULL, \
	  OPTION_##NAME, help, argument },
#include "option_table.h"
	POPT_TABLEEND
};

/* ------------------------------- arguments ------------------------------- */

/* Adds the dimensions in the argument of --by. */
static int parse_by(char *words, unsigned *by)
{
	char *word, *rest = words;
	unsigned d;

	while (words != NULL && (word = strsep(&rest, ",")) != NULL) {
		for (d = 0; d < DIMENSIONS; d++) {
			if (strcmp(word, dimension_name(d)) == 0) {
				*by |= BY(d);
				break;
			}
		}
		if (d == DIMENSIONS) {
			return wrong_usage("--by can %s, not by '%s'",
					   option_by_help, word);
		}
	}
	return EXIT_OK;
}

/* At most one view can be asked for. */
static int parse_output(uint64_t given, enum output *output)
{
	const struct { enum option option; enum output output; } views[] = {
#define VIEW(NAME, name, letter, takes, help) { OPTION_##NAME, OUTPUT_##NAME },
#define METRICS_VIEW VIEW
#include "view_table.h"
	};
	const char *first = NULL;
	unsigned i;

	*output = OUTPUT_TEXT;
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		if ((given & GIVEN(views[i].option)) == 0) {
			continue;
		}
		if (first != NULL) {
			return wrong_usage("either %s or %s, not both", first,
					   names[views[i].option]);
		}
		first = names[views[i].option];
		*output = views[i].output;
	}
	return EXIT_OK;
}

/* A whole number. Returns false if the word is none. */
static bool parse_count(const char *word, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(word, &end, 10);
	return isdigit((unsigned char)*word) && *end == '\0' && errno == 0;
}

static int parse_max_shares(const char *word, struct options *o)
{
	unsigned long count = METRICS_SHARES;

	if (word != NULL && (!parse_count(word, &count) || count > UINT_MAX)) {
		return wrong_usage("not a count: '%s'", word);
	}
	o->max_shares = (unsigned)count;
	return EXIT_OK;
}

static int parse_resolution(const char *word, struct options *o)
{
	unsigned long count = METRICS_RESOLUTION;

	if (word != NULL && (!parse_count(word, &count) || count > HIST_SUB ||
			     !metrics_resolution((unsigned)count))) {
		return wrong_usage("--resolution takes 1, 2, 4 or 8, not '%s'",
				   word);
	}
	o->resolution = (unsigned)count;
	return EXIT_OK;
}

static int parse_interval(const char *seconds, const char *count,
			  struct options *o)
{
	uint64_t ns;

	if (seconds != NULL) {
		if (!duration_parse(seconds, &ns) ||
		    ns < (uint64_t)(INTERVAL_MIN * 1e9) ||
		    ns > (uint64_t)(INTERVAL_MAX * 1e9)) {
			return wrong_usage("not a number of seconds, at least "
					   "%g: '%s'", INTERVAL_MIN, seconds);
		}
		o->interval = (double)ns / 1e9;
	}
	if (count != NULL) {
		if (!parse_count(count, &o->count) || o->count == 0) {
			return wrong_usage("not a count: '%s'", count);
		}
		if (o->interval == 0) {
			o->interval = INTERVAL_DEFAULT;
		}
	}
	return EXIT_OK;
}

/* The span of time that is asked for. */
static int parse_span(const char *from, const char *to, struct options *o)
{
	uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);

	o->from_ns = 0;
	o->to_ns = now_ns;
	if (from != NULL && !time_parse(from, now_ns, &o->from_ns)) {
		return wrong_usage("--from takes " TIME_FORMS ", not '%s'",
				   from);
	}
	if (to != NULL && !time_parse(to, now_ns, &o->to_ns)) {
		return wrong_usage("--to takes " TIME_FORMS ", not '%s'", to);
	}
	if (o->from_ns >= o->to_ns) {
		return wrong_usage("--from must be before --to, and before "
				   "now");
	}
	return EXIT_OK;
}

/* FROM..TO, or the name of a file. */
static int parse_against(char *text, struct options *o)
{
	uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);
	char *to = text != NULL ? strstr(text, "..") : NULL;

	/* The name of a file may have them, too. */
	if (to == NULL || strchr(text, '/') != NULL) {
		return EXIT_OK;
	}
	*to = '\0';
	to += 2;
	if (!time_parse(text, now_ns, &o->against_from_ns) ||
	    !time_parse(to, now_ns, &o->against_to_ns) ||
	    o->against_from_ns >= o->against_to_ns) {
		return wrong_usage("--against takes a file or FROM..TO, FROM "
				   "before TO, as --from does, not '%s..%s'",
				   text, to);
	}
	return EXIT_OK;
}

/* A name to look for, accepted as it is shown; NULL: any. */
static const char *name_of(char *value)
{
	if (value != NULL) {
		unescape_text(value);
	}
	return value;
}

/* How long, in a unit of so many ns, which has this name. */
static int parse_length(const char *word, double unit, const char *name,
			uint64_t *ns)
{
	char *end;
	double value;

	if (word == NULL) {
		return EXIT_OK;
	}
	value = strtod(word, &end);
	if (*end != '\0' || end == word || !(value >= 0) ||
	    !(value <= LENGTH_MAX)) {
		return wrong_usage("not a number of %s: '%s'", name, word);
	}
	*ns = (uint64_t)(value * unit);
	return EXIT_OK;
}

static int parse_lengths(char *const value[OPTIONS], struct options *o)
{
	int ret = parse_length(value[OPTION_OLDER], 1e9, "seconds",
			       &o->older_ns);

	if (ret == EXIT_OK) {
		ret = parse_length(value[OPTION_LONGER], 1e6, "milliseconds",
				   &o->longer_ns);
	}
	if (ret == EXIT_OK) {
		ret = parse_length(value[OPTION_TIME], 1e9, "seconds",
				   &o->time_ns);
	}
	if (ret == EXIT_OK && value[OPTION_TIME] != NULL && o->time_ns == 0) {
		ret = wrong_usage("not a number of seconds above 0: '%s'",
				  value[OPTION_TIME]);
	}
	return ret;
}

#define TOP_DEFAULT 20
#define DEPTH_MAX 1000

/* What is for lists. */
static int parse_lists(char *const value[OPTIONS], struct options *o)
{
	static const char *const figures[HOT_FIGURE_END] = {
#define FIGURE(NAME, field, word, doc) [HOT_##NAME] = word,
#include "latency_figures.h"
	};
	const char *depth = value[OPTION_DIRS], *sort = value[OPTION_SORT];
	const char *top = value[OPTION_TOP];
	unsigned long count = 0;
	unsigned f = 0;

	if (depth != NULL && (!parse_count(depth, &count) || count == 0 ||
			      count > DEPTH_MAX)) {
		return wrong_usage("not a number of directories: '%s'", depth);
	}
	o->depth = (unsigned)count;
	count = TOP_DEFAULT;
	if (top != NULL && (!parse_count(top, &count) || count > UINT_MAX)) {
		return wrong_usage("not a count: '%s'", top);
	}
	o->top = (unsigned)count;
	while (sort != NULL && f < HOT_FIGURE_END &&
	       strcmp(sort, figures[f]) != 0) {
		f++;
	}
	o->sort = sort;
	o->sort_figure = (enum hot_figure)f;
	return EXIT_OK;
}

static int parse_values(char *const value[OPTIONS], struct options *o)
{
	int ret;

	o->report.filter.share = name_of(value[OPTION_SHARE]);
	o->report.filter.user = name_of(value[OPTION_USER]);
	o->report.filter.client = name_of(value[OPTION_CLIENT]);
	o->report.histograms = (o->given & GIVEN(OPTION_DISTRIBUTION)) != 0;
	o->report.sizes = (o->given & GIVEN(OPTION_SIZES)) != 0;
	o->events = value[OPTION_EVENTS];
	o->path = name_of(value[OPTION_PATH]);
	o->segments = value[OPTION_SEGMENTS];
	o->configfile = value[OPTION_CONFIGFILE];
	o->against = value[OPTION_AGAINST];
	o->keep = value[OPTION_KEEP] != NULL ? value[OPTION_KEEP] :
		HISTORY_KEEP;
	o->database = value[OPTION_DATABASE] != NULL ?
		value[OPTION_DATABASE] : HISTORY_DATABASE;
	o->listen = value[OPTION_LISTEN] != NULL ? value[OPTION_LISTEN] :
		LISTEN_DEFAULT;
	ret = parse_by(value[OPTION_BY], &o->report.by);
	if (ret == EXIT_OK) {
		ret = parse_output(o->given, &o->output);
		/* Only the text is short without -s. */
		o->report.ops = (o->given & GIVEN(OPTION_OPS)) != 0 ||
			o->output != OUTPUT_TEXT;
	}
	if (ret == EXIT_OK) {
		ret = parse_interval(value[OPTION_INTERVAL],
				     value[OPTION_COUNT], o);
	}
	if (ret == EXIT_OK) {
		ret = parse_span(value[OPTION_FROM], value[OPTION_TO], o);
	}
	if (ret == EXIT_OK) {
		ret = parse_against(value[OPTION_AGAINST], o);
	}
	if (ret == EXIT_OK) {
		ret = parse_lengths(value, o);
	}
	if (ret == EXIT_OK) {
		ret = parse_lists(value, o);
	}
	if (ret == EXIT_OK) {
		ret = parse_max_shares(value[OPTION_MAX_SHARES], o);
	}
	if (ret == EXIT_OK) {
		ret = parse_resolution(value[OPTION_RESOLUTION], o);
	}
	return ret;
}

/* --------------------------------- whole --------------------------------- */

int options_parse(int argc, const char **argv, struct options *o,
		  const char *const **words)
{
	/* They live as long as the program does. */
	static char *value[OPTIONS];
	static const char *const none[] = { NULL };
	static poptContext pc;
	int option;

	/* Of what was parsed before nothing is left. */
	memset(value, 0, sizeof(value));
	pc = poptGetContext(NULL, argc, argv, popt_table, 0);
	while ((option = poptGetNextOpt(pc)) > 0) {
		char *argument = poptGetOptArg(pc);

		o->given |= GIVEN(option);
		if (argument != NULL) {
			/* The last one counts. */
			free(value[option]);
			value[option] = argument;
		}
	}
	if (option < -1) {
		return wrong_usage("%s: %s",
				   poptBadOption(pc, POPT_BADOPTION_NOALIAS),
				   poptStrerror(option));
	}
	if (o->given & ANSWERS) {
		return EXIT_OK;
	}
	*words = (const char *const *)poptGetArgs(pc);
	if (*words == NULL) {
		*words = none;
	}
	return parse_values(value, o);
}

int options_check(const struct options *o, uint64_t takes, const char *called)
{
	unsigned i;

	for (i = OPTION_NONE + 1; i < OPTIONS; i++) {
		if (o->given & ~takes & GIVEN(i)) {
			return wrong_usage("%s does not go with %s", names[i],
					   called);
		}
	}
	if (takes & GIVEN(OPTION_MAX_SHARES) &&
	    (o->report.by & ~dimensions_with_label()) != 0) {
		return wrong_usage("metrics have no label for a process");
	}
	return EXIT_OK;
}
