/*
 * smblatency-stat: options and commands, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "escape.h"
#include "help.h"
#include "latency_config.h"
#include "metrics.h"
#include "option_check.h"

#define INTERVAL_DEFAULT 1.0	/* seconds, for -c without -i */
#define INTERVAL_MIN 0.01
#define INTERVAL_MAX 1e6

static struct {
	char *segments;
	char *configfile;
	char *by;
	char *share;
	char *user;
	char *client;
	char *interval;
	char *count;
	char *listen;
	char *max_shares;
	uint32_t given;		/* GIVEN() of all that were */
	int ops;
	int histograms;
	int json;
	int tree;
	int folded;
	int openmetrics;
	int prometheus;
	int follow;
	int list_ops;
	int version;
	int help;
} option;

#define FLAG(long_name, letter, name, number, text) \
	{ long_name, letter, POPT_ARG_NONE, &option.name, number, text, NULL }
#define VALUE(long_name, letter, name, number, text, value) \
	{ long_name, letter, POPT_ARG_STRING, &option.name, number, text, \
	  value }

static struct poptOption what_options[] = {
	FLAG("ops", 's', ops, OPTION_OPS, "show VFS operations"),
	FLAG("distribution", 'd', histograms, OPTION_DISTRIBUTION,
	     "show distribution histograms"),
	VALUE("by", 0, by, OPTION_BY, "sum by share, user, client, process, "
	      "layer, request, op, or several of them", "WHAT[,WHAT...]"),
	VALUE("interval", 'i', interval, OPTION_INTERVAL,
	      "report what happened every so many seconds", "SECONDS"),
	VALUE("count", 'c', count, OPTION_COUNT,
	      "end after so many intervals", "COUNT"),
	POPT_TABLEEND
};

static struct poptOption filter_options[] = {
	VALUE("share", 0, share, OPTION_SHARE, "only this share", "NAME"),
	VALUE("user", 0, user, OPTION_USER, "only this Unix user", "NAME"),
	VALUE("client", 0, client, OPTION_CLIENT, "only this client address",
	      "ADDR"),
	POPT_TABLEEND
};

static struct poptOption output_options[] = {
	FLAG("json", 'j', json, OPTION_JSON,
	     "print JSON, an object on each line"),
	FLAG("tree", 0, tree, OPTION_TREE, "print the calling context tree"),
	FLAG("folded", 0, folded, OPTION_FOLDED,
	     "print folded stacks, in us, for a flame graph"),
	FLAG("openmetrics", 0, openmetrics, OPTION_OPENMETRICS,
	     "print metrics as OpenMetrics"),
	FLAG("prometheus", 0, prometheus, OPTION_PROMETHEUS,
	     "print metrics in Prometheus' own text format"),
	POPT_TABLEEND
};

static struct poptOption command_options[] = {
	FLAG("follow", 0, follow, OPTION_FOLLOW,
	     "slow: go on with those to come"),
	VALUE("listen", 0, listen, OPTION_LISTEN,
	      "exporter: where to listen (default: " LISTEN_DEFAULT ")",
	      "ADDRESS:PORT"),
	VALUE("max-shares", 0, max_shares, OPTION_MAX_SHARES,
	      "metrics: count shares after so many as (others) (default: 50)",
	      "COUNT"),
	POPT_TABLEEND
};

static struct poptOption other_options[] = {
	VALUE("configfile", 0, configfile, OPTION_CONFIGFILE,
	      "the smb.conf to ask testparm about", "FILE"),
	VALUE("segments", 0, segments, OPTION_SEGMENTS,
	      "directory of the segments (default: as testparm says)", "DIR"),
	FLAG("list-ops", 0, list_ops, OPTION_LIST_OPS,
	     "list the VFS operations that are measured"),
	FLAG("version", 'V', version, OPTION_VERSION, "print the version"),
	FLAG("help", 'h', help, OPTION_HELP, "print this help text"),
	POPT_TABLEEND
};

#define GROUP(table, title) \
	{ NULL, '\0', POPT_ARG_INCLUDE_TABLE, table, 0, title, NULL }

static const struct poptOption options_table[] = {
	GROUP(what_options, "What to report:"),
	GROUP(filter_options, "Only part of it:"),
	GROUP(output_options, "How to print it:"),
	GROUP(command_options, "For commands:"),
	GROUP(other_options, "Other options:"),
	POPT_TABLEEND
};

static int list_ops(void)
{
#define OP(ret, name, class, params, args, path, doc) \
	printf("%-24s%s\n", #name, doc);
#define OP_BY_HAND(name, class, doc) printf("%-24s%s\n", #name, doc);
#define OP_PAIR(name, class, doc) printf("%-24s%s\n", #name, doc);
#include "latency_ops.h"
	return flush_output();
}

/* ------------------------------- options --------------------------------- */

/* Parses the argument of --by. */
static int parse_by(char *words, unsigned *by)
{
	char *word, *rest = words;
	unsigned d;

	while ((word = strsep(&rest, ",")) != NULL) {
		for (d = 0; d < DIMENSIONS; d++) {
			if (strcmp(word, dimension_name(d)) == 0) {
				*by |= BY(d);
				break;
			}
		}
		if (d == DIMENSIONS) {
			return wrong_usage("--by knows share, user, client, "
					   "process, layer, request and op, "
					   "not '%s'", word);
		}
	}
	return EXIT_OK;
}

static int parse_output(enum output *output)
{
	const struct { int given; enum output output; } ways[] = {
		{ option.json, OUTPUT_JSON }, { option.tree, OUTPUT_TREE },
		{ option.folded, OUTPUT_FOLDED },
		{ option.openmetrics, OUTPUT_OPENMETRICS },
		{ option.prometheus, OUTPUT_PROMETHEUS },
	};
	unsigned i, given = 0;

	*output = OUTPUT_TEXT;
	for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (ways[i].given) {
			*output = ways[i].output;
			given++;
		}
	}
	return given <= 1 ? EXIT_OK :
		wrong_usage("only one of --json, --tree, --folded, "
			    "--openmetrics and --prometheus at a time");
}

/* A whole number. Returns false if the word is none. */
static bool parse_count(const char *word, unsigned long *count)
{
	char *end;

	errno = 0;
	*count = strtoul(word, &end, 10);
	return isdigit((unsigned char)*word) && *end == '\0' && errno == 0;
}

static int parse_max_shares(struct options *o)
{
	unsigned long count = METRICS_SHARES;

	if (option.max_shares != NULL &&
	    (!parse_count(option.max_shares, &count) || count > UINT_MAX)) {
		return wrong_usage("not a count: '%s'", option.max_shares);
	}
	o->max_shares = (unsigned)count;
	return EXIT_OK;
}

static int parse_interval(struct options *o)
{
	char *end;

	if (option.interval != NULL) {
		o->interval = strtod(option.interval, &end);
		if (*end != '\0' || end == option.interval ||
		    !(o->interval >= INTERVAL_MIN &&
		      o->interval <= INTERVAL_MAX)) {
			return wrong_usage("not a number of seconds from %g "
					   "on: '%s'", INTERVAL_MIN,
					   option.interval);
		}
	}
	if (option.count != NULL) {
		if (!parse_count(option.count, &o->count) || o->count == 0) {
			return wrong_usage("not a count: '%s'", option.count);
		}
		if (o->interval == 0) {
			o->interval = INTERVAL_DEFAULT;
		}
	}
	return EXIT_OK;
}

static void unescape(char *name)
{
	if (name != NULL) {
		unescape_text(name);
	}
}

static int parse_options(struct options *o)
{
	int ret;

	/* A name is accepted as it is shown. */
	unescape(option.share);
	unescape(option.user);
	unescape(option.client);
	o->report.filter.share = option.share;
	o->report.filter.user = option.user;
	o->report.filter.client = option.client;
	o->report.ops = option.ops;
	o->report.histograms = option.histograms;
	o->segments = option.segments;
	o->configfile = option.configfile;
	o->follow = option.follow;
	o->listen = option.listen;
	ret = option.by != NULL ? parse_by(option.by, &o->report.by) : EXIT_OK;
	if (ret == EXIT_OK) {
		ret = parse_output(&o->output);
		/* Only the text is short without -s. */
		o->report.ops |= o->output != OUTPUT_TEXT;
	}
	if (ret == EXIT_OK) {
		ret = parse_interval(o);
	}
	if (ret == EXIT_OK) {
		ret = parse_max_shares(o);
	}
	return ret;
}

/* ------------------------------- commands -------------------------------- */

/* Is this a process id? */
static bool parse_pid(const char *word, pid_t *pid)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	*pid = (pid_t)value;
	return errno == 0 && isdigit((unsigned char)word[0]) && *end == '\0' &&
		value > 0 && value == *pid;
}

static int must_be_root(void)
{
	if (geteuid() != 0) {
		return complain("must be run as root, like smbstatus");
	}
	return EXIT_OK;
}

static bool is_metrics(const struct options *o)
{
	return o->output == OUTPUT_OPENMETRICS ||
		o->output == OUTPUT_PROMETHEUS;
}

static int report(const struct options *o)
{
	int ret = must_be_root();

	if (ret != EXIT_OK) {
		return ret;
	}
	if (is_metrics(o)) {
		return command_metrics(o);
	}
	return o->interval != 0 ? command_interval(o) : command_report(o);
}

static int slow(const struct options *o)
{
	int ret = must_be_root();

	return ret != EXIT_OK ? ret : command_slow(o);
}

/* Commands of a word or a process id alone. */
static const struct {
	const char *word;
	int (*run)(const struct options *o);
} single[] = {
	{ "", report },
	{ "slow", slow },
	{ "exporter", command_exporter },
};

#define SINGLES (sizeof(single) / sizeof(single[0]))

static int run_single(const struct options *o, const char *command,
		      const char *const *rest)
{
	unsigned i;
	int ret;

	for (i = 0; i < SINGLES; i++) {
		if (strcmp(single[i].word, command) == 0) {
			break;
		}
	}
	if (i == SINGLES) {
		return wrong_usage("'%s' is no command and no process id",
				   command);
	}
	ret = option_check(command, o->output, option.given);
	if (ret == EXIT_OK && *rest != NULL) {
		ret = wrong_usage("one word too many: '%s'", *rest);
	}
	if (ret == EXIT_OK && (is_metrics(o) || *command == 'e') &&
	    (o->report.by & ~METRICS_BY) != 0) {
		ret = wrong_usage("metrics have no label for a process");
	}
	return ret != EXIT_OK ? ret : single[i].run(o);
}

/* Runs the command that the words, NULL at the end, are. */
static int run(struct options *o, const char *const *words)
{
	const char *command = words[0] != NULL ? words[0] : "";
	const char *const *rest = words + (words[0] != NULL);
	bool target = strcmp(command, "all") == 0 ||
		strcmp(command, "smbd") == 0;
	bool pid = parse_pid(command, &o->report.filter.pid);
	int ret;

	if (strcmp(command, "merge") == 0) {
		ret = option_check(command, o->output, option.given);
		return ret != EXIT_OK ? ret : command_merge(o, rest);
	}
	if (target || (pid && *rest != NULL)) {
		ret = option_check(*rest != NULL &&
				   strcmp(*rest, "status") == 0 ?
				   "status" : "control", o->output,
				   option.given);
		return ret != EXIT_OK ? ret :
			command_control(o, command, rest);
	}
	return run_single(o, pid ? "" : command, rest);
}

int main(int argc, const char **argv)
{
	static const char *const none[] = { NULL };
	struct options options = { .count = 0 };
	poptContext pc = poptGetContext(NULL, argc, argv, options_table, 0);
	const char *const *words;
	int ret;

	/* Only for wcwidth(): what we print is UTF-8, and never translated. */
	setlocale(LC_CTYPE, "C.UTF-8");
	while ((ret = poptGetNextOpt(pc)) > 0) {
		option.given |= GIVEN(ret);
	}
	if (ret < -1) {
		return wrong_usage("%s: %s",
				   poptBadOption(pc, POPT_BADOPTION_NOALIAS),
				   poptStrerror(ret));
	}
	if (option.help) {
		help_print(options_table);
		return flush_output();
	}
	if (option.version) {
		printf("smblatency-stat %s for Samba %s\n", LATENCY_VERSION,
		       LATENCY_SAMBA_VERSION);
		return flush_output();
	}
	if (option.list_ops) {
		return list_ops();
	}
	words = (const char *const *)poptGetArgs(pc);
	ret = parse_options(&options);
	if (ret == EXIT_OK) {
		ret = run(&options, words != NULL ? words : none);
	}
	poptFreeContext(pc);
	/* Whatever a command has printed last. */
	return ret == EXIT_OK ? flush_output() : ret;
}
