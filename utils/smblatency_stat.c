/*
 * smblatency-stat: options and commands, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <popt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "directory.h"
#include "latency_config.h"
#include "report.h"

#define USAGE_ERROR 2

static struct {
	char *segments;
	char *configfile;
	char *by;
	char *share;
	char *user;
	char *client;
	int ops;
	int histograms;
	int json;
	int tree;
	int folded;
	int list_ops;
	int version;
} option;

static const struct poptOption options_table[] = {
	{ "ops", 's', POPT_ARG_NONE, &option.ops, 0,
	  "show VFS operations", NULL },
	{ "distribution", 'd', POPT_ARG_NONE, &option.histograms, 0,
	  "show distribution histograms", NULL },
	{ "by", 0, POPT_ARG_STRING, &option.by, 0,
	  "sum by share, user, client, process, layer, request, op, or several "
	  "of them", "WHAT[,WHAT...]" },
	{ "share", 0, POPT_ARG_STRING, &option.share, 0,
	  "only this share", "NAME" },
	{ "user", 0, POPT_ARG_STRING, &option.user, 0,
	  "only this Unix user", "NAME" },
	{ "client", 0, POPT_ARG_STRING, &option.client, 0,
	  "only this client address", "ADDR" },
	{ "tree", 0, POPT_ARG_NONE, &option.tree, 0,
	  "print the calling context tree", NULL },
	{ "folded", 0, POPT_ARG_NONE, &option.folded, 0,
	  "print folded stacks, in us, for a flame graph", NULL },
	{ "json", 'j', POPT_ARG_NONE, &option.json, 0,
	  "print JSON", NULL },
	{ "configfile", 0, POPT_ARG_STRING, &option.configfile, 0,
	  "the smb.conf to ask testparm about", "FILE" },
	{ "segments", 0, POPT_ARG_STRING, &option.segments, 0,
	  "directory of the segments (default: as testparm says)", "DIR" },
	{ "list-ops", 0, POPT_ARG_NONE, &option.list_ops, 0,
	  "list the VFS operations that are measured", NULL },
	{ "version", 'V', POPT_ARG_NONE, &option.version, 0,
	  "print the version", NULL },
	POPT_AUTOHELP
	POPT_TABLEEND
};

static int list_ops(void)
{
#define OP(ret, name, class, params, args, path, doc) \
	printf("%-24s%s\n", #name, doc);
#define OP_BY_HAND(name, class, doc) printf("%-24s%s\n", #name, doc);
#define OP_PAIR(name, class, doc) printf("%-24s%s\n", #name, doc);
#include "latency_ops.h"
	return 0;
}

static int usage(const char *message, const char *what)
{
	fprintf(stderr, "smblatency-stat: %s%s%s (see smblatency-stat --help)\n",
		message, what[0] != '\0' ? ": " : "", what);
	return USAGE_ERROR;
}

/* Parses the argument of --by; false if a word is no dimension. */
static bool parse_by(char *words, unsigned *by)
{
	char *word, *rest = words;
	unsigned d;

	*by = 0;
	while ((word = strsep(&rest, ",")) != NULL) {
		for (d = 0; d < DIMENSIONS; d++) {
			if (strcmp(word, dimension_name(d)) == 0) {
				*by |= BY(d);
				break;
			}
		}
		if (d == DIMENSIONS) {
			usage("--by knows share, user, client, process, layer, "
			      "request and op, not", word);
			return false;
		}
	}
	return true;
}

static int show(const struct report *report)
{
	unsigned width = terminal_width(stdout);

	if (option.json) {
		report_json(report, stdout);
	} else if (option.tree) {
		report_tree(report, stdout, width);
	} else if (option.folded) {
		report_folded(report, stdout);
	} else {
		report_text(report, stdout, width);
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "smblatency-stat: cannot write: %s\n",
			strerror(errno));
		return 1;
	}
	return 0;
}

static void print_problems(const struct snapshot *snapshot)
{
	unsigned i;

	for (i = 0; i < snapshot->problem_count; i++) {
		fprintf(stderr, "smblatency-stat: left out: %s\n",
			snapshot->problems[i].text);
	}
}

static int report_once(const struct report_options *options)
{
	struct latency_error error;
	struct snapshot *snapshot;
	struct report *report;
	char directory[4096];
	int ret;

	if (!directory_find(option.segments, option.configfile, directory,
			    sizeof(directory))) {
		return 1;
	}
	snapshot = snapshot_take(directory, &error);
	if (snapshot == NULL) {
		if (errno == ENOENT) {
			directory_explain_empty(directory, option.configfile);
		} else {
			fprintf(stderr, "smblatency-stat: %s\n", error.text);
		}
		return 1;
	}
	print_problems(snapshot);
	report = report_make(options, snapshot, NULL);
	if (report == NULL) {
		fprintf(stderr, "smblatency-stat: out of memory\n");
		ret = 1;
	} else if (report->coverage.since_realtime_ns == UINT64_MAX) {
		directory_explain_empty(directory, option.configfile);
		ret = 1;
	} else {
		ret = show(report);
	}
	report_free(report);
	snapshot_free(snapshot);
	return ret;
}

int main(int argc, const char **argv)
{
	struct report_options options = { .by = 0 };
	poptContext pc = poptGetContext(NULL, argc, argv, options_table, 0);
	const char *argument;
	int rc;

	poptSetOtherOptionHelp(pc, "[OPTIONS] [PID]");
	rc = poptGetNextOpt(pc);
	if (rc < -1) {
		return usage(poptStrerror(rc),
			     poptBadOption(pc, POPT_BADOPTION_NOALIAS));
	}
	if (option.version) {
		printf("smblatency-stat %s for Samba %s\n", LATENCY_VERSION,
		       LATENCY_SAMBA_VERSION);
		return 0;
	}
	if (option.list_ops) {
		return list_ops();
	}
	argument = poptGetArg(pc);
	if (argument != NULL) {
		char *end;
		long pid = strtol(argument, &end, 10);

		if (*end != '\0' || pid <= 0) {
			return usage("not a process id", argument);
		}
		options.filter.pid = (pid_t)pid;
	}
	if (poptPeekArg(pc) != NULL && argument != NULL) {
		return usage("one process at a time", "");
	}
	if (option.by != NULL && !parse_by(option.by, &options.by)) {
		return USAGE_ERROR;
	}
	options.filter.share = option.share;
	options.filter.user = option.user;
	options.filter.client = option.client;
	options.ops = option.ops;
	options.histograms = option.histograms;
	if (geteuid() != 0) {
		fprintf(stderr, "smblatency-stat: must be run as root, like "
			"smbstatus\n");
		return 1;
	}
	rc = report_once(&options);
	poptFreeContext(pc);
	return rc;
}
