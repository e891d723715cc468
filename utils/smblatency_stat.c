/*
 * smblatency-stat: options and commands, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <locale.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "help.h"
#include "latency_config.h"
#include "metrics.h"

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

#define FLAG(long_name, letter, name, text) \
	{ long_name, letter, POPT_ARG_NONE, &option.name, 0, text, NULL }
#define VALUE(long_name, letter, name, text, value) \
	{ long_name, letter, POPT_ARG_STRING, &option.name, 0, text, value }

static struct poptOption what_options[] = {
	FLAG("ops", 's', ops, "show VFS operations"),
	FLAG("distribution", 'd', histograms, "show distribution histograms"),
	VALUE("by", 0, by, "sum by share, user, client, process, layer, "
	      "request, op, or several of them", "WHAT[,WHAT...]"),
	VALUE("interval", 'i', interval,
	      "report what happened every so many seconds", "SECONDS"),
	VALUE("count", 'c', count, "end after so many intervals", "COUNT"),
	POPT_TABLEEND
};

static struct poptOption filter_options[] = {
	VALUE("share", 0, share, "only this share", "NAME"),
	VALUE("user", 0, user, "only this Unix user", "NAME"),
	VALUE("client", 0, client, "only this client address", "ADDR"),
	POPT_TABLEEND
};

static struct poptOption output_options[] = {
	FLAG("json", 'j', json, "print JSON, an object on each line"),
	FLAG("tree", 0, tree, "print the calling context tree"),
	FLAG("folded", 0, folded,
	     "print folded stacks, in us, for a flame graph"),
	FLAG("openmetrics", 0, openmetrics, "print metrics as OpenMetrics"),
	FLAG("prometheus", 0, prometheus,
	     "print metrics in Prometheus' own text format"),
	POPT_TABLEEND
};

static struct poptOption command_options[] = {
	FLAG("follow", 0, follow, "slow: go on with those to come"),
	VALUE("listen", 0, listen,
	      "exporter: where to listen (default: 127.0.0.1:9922)",
	      "ADDRESS:PORT"),
	POPT_TABLEEND
};

static struct poptOption other_options[] = {
	VALUE("configfile", 0, configfile,
	      "the smb.conf to ask testparm about", "FILE"),
	VALUE("segments", 0, segments,
	      "directory of the segments (default: as testparm says)", "DIR"),
	FLAG("list-ops", 0, list_ops,
	     "list the VFS operations that are measured"),
	FLAG("version", 'V', version, "print the version"),
	FLAG("help", 'h', help, "print this help text"),
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
	return EXIT_OK;
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

static bool is_metrics(const struct options *o)
{
	return o->output == OUTPUT_OPENMETRICS ||
		o->output == OUTPUT_PROMETHEUS;
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
		errno = 0;
		o->count = strtoul(option.count, &end, 10);
		if (*end != '\0' || !isdigit((unsigned char)*option.count) ||
		    o->count == 0 || errno != 0) {
			return wrong_usage("not a count: '%s'", option.count);
		}
		if (o->interval == 0) {
			o->interval = INTERVAL_DEFAULT;
		}
	}
	if (o->interval != 0 && is_metrics(o)) {
		return wrong_usage("metrics count since start: no -i or -c");
	}
	return EXIT_OK;
}

static int parse_options(struct options *o)
{
	int ret;

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

/* What only one command knows must be for that one. */
static int check_options(const struct options *o, const char *command)
{
	if (o->follow && strcmp(command, "slow") != 0) {
		return wrong_usage("--follow is for the command slow");
	}
	if (o->listen != NULL && strcmp(command, "exporter") != 0) {
		return wrong_usage("--listen is for the command exporter");
	}
	if (o->interval != 0 && strcmp(command, "") != 0) {
		return wrong_usage("-i and -c are for reports");
	}
	if ((strcmp(command, "exporter") == 0 || is_metrics(o)) &&
	    (o->report.by & ~METRICS_BY) != 0) {
		return wrong_usage("metrics have no label for a process");
	}
	if (strcmp(command, "merge") == 0) {
		return is_metrics(o) || o->report.by != 0 ||
			o->report.filter.share != NULL ||
			o->report.filter.user != NULL ||
			o->report.filter.client != NULL ?
			wrong_usage("merge takes reports as they are: no --by, "
				    "no filter, no metrics") : EXIT_OK;
	}
	if (strcmp(command, "") != 0 && o->output != OUTPUT_TEXT &&
	    (o->output != OUTPUT_JSON || strcmp(command, "exporter") == 0)) {
		return wrong_usage("that output is for reports, not for %s",
				   command);
	}
	return EXIT_OK;
}

static int must_be_root(void)
{
	if (geteuid() != 0) {
		return complain("must be run as root, like smbstatus");
	}
	return EXIT_OK;
}

/* Runs the command that the words, NULL at the end, are. */
static int run(struct options *o, const char *const *words)
{
	const char *command = words[0] != NULL ? words[0] : "";
	bool target = strcmp(command, "all") == 0 ||
		strcmp(command, "smbd") == 0;
	bool pid = parse_pid(command, &o->report.filter.pid);
	int ret = check_options(o, pid ? "" : command);

	if (ret != EXIT_OK) {
		return ret;
	}
	if (strcmp(command, "merge") == 0) {
		return command_merge(o, words + 1);
	}
	if (target || (pid && words[1] != NULL)) {
		return command_control(o, command, words + 1);
	}
	if (words[0] != NULL && words[1] != NULL) {
		return wrong_usage("one word too many: '%s'", words[1]);
	}
	if (strcmp(command, "slow") == 0) {
		ret = must_be_root();
		return ret != EXIT_OK ? ret : command_slow(o);
	}
	if (strcmp(command, "exporter") == 0) {
		return command_exporter(o);
	}
	if (command[0] != '\0' && !pid) {
		return wrong_usage("neither a command nor a process id: '%s'",
				   command);
	}
	ret = must_be_root();
	if (ret != EXIT_OK) {
		return ret;
	}
	if (is_metrics(o)) {
		return command_metrics(o);
	}
	return o->interval != 0 ? command_interval(o) : command_report(o);
}

int main(int argc, const char **argv)
{
	static const char *const none[] = { NULL };
	struct options options = { .count = 0 };
	poptContext pc = poptGetContext(NULL, argc, argv, options_table, 0);
	const char *const *words;
	int ret = poptGetNextOpt(pc);

	/* Only for wcwidth(): what we print is UTF-8, and never translated. */
	setlocale(LC_CTYPE, "C.UTF-8");
	if (ret < -1) {
		return wrong_usage("%s: %s",
				   poptBadOption(pc, POPT_BADOPTION_NOALIAS),
				   poptStrerror(ret));
	}
	if (option.help) {
		help_print(options_table);
		return EXIT_OK;
	}
	if (option.version) {
		printf("smblatency-stat %s for Samba %s\n", LATENCY_VERSION,
		       LATENCY_SAMBA_VERSION);
		return EXIT_OK;
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
	return ret;
}
