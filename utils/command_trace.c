/*
 * Every request and operation of smbds, as it ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "commands.h"
#include "directory.h"
#include "frame_name.h"
#include "pid_word.h"
#include "time_ns.h"
#include "trace.h"
#include "trace_view.h"
#include "waiting.h"

#define READ_NS 10000000u	/* how often it is looked for what is new */
#define NAMES 128

/* What the listener counts. */
struct heard {
	const struct trace_view *view;
	uint64_t groups;
	uint64_t lost;
};

static void on_group(const struct trace_group *group, void *private_data)
{
	struct heard *heard = private_data;

	heard->groups++;
	heard->view->group(group);
}

static void on_lost(uint32_t pid, uint64_t events, void *private_data)
{
	struct heard *heard = private_data;

	heard->lost += events;
	heard->view->lost(pid, events);
}

/* -------------------------------- the words ------------------------------ */

static bool is_op(const char *name)
{
	static const char *const ops[] = {
#define OP(ret, name, class, params, args, path, doc) #name,
#define OP_BY_HAND(name, class, doc) #name,
#define OP_PAIR(name, class, doc) #name,
#include "latency_ops.h"
	};
	unsigned i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_request(const char *name)
{
	const size_t prefix = strlen("SMB2_OP_");
	unsigned opcode;

	for (opcode = 0; opcode < LATENCY_OPCODES; opcode++) {
		const char *known = root_name(opcode);

		if (strcasecmp(name, known) == 0 ||
		    (strlen(known) > prefix &&
		     strcasecmp(name, known + prefix) == 0)) {
			return true;
		}
	}
	return strcmp(name, "request") == 0;
}

/* Takes the words of --events apart; they stay in place. */
static int parse_events(char *words, char *names[NAMES])
{
	unsigned count = 0;
	char *word;

	while ((word = strsep(&words, ",")) != NULL) {
		if (!is_op(word) && !is_request(word)) {
			return wrong_usage("--events: '%s' is not an operation "
					   "(see --list-ops), a request, or "
					   "'request'", word);
		}
		if (count + 1 == NAMES) {
			return wrong_usage("--events: more than %d names",
					   NAMES - 1);
		}
		names[count++] = word;
	}
	return EXIT_OK;
}

/* --------------------------------- tracing ------------------------------- */

static bool read_on(struct trace *trace, const struct heard *heard,
		    uint64_t end_ns)
{
	uint64_t before = heard->groups, until_ns;
	struct latency_error error;

	while (!trace_read(trace, &error)) {
		complain("%s", error.text);
	}
	/* While there is much, it is not waited for. */
	until_ns = heard->groups != before ? 0 : READ_NS;
	if (until_ns != 0) {
		fflush(stdout);
		until_ns += clock_read_ns(CLOCK_MONOTONIC);
	}
	return !ferror(stdout) && !wait_until(until_ns) &&
		(end_ns == 0 || clock_read_ns(CLOCK_MONOTONIC) < end_ns);
}

static void say_who_is_silent(const struct trace *trace)
{
	unsigned silent = trace_processes(trace) - trace_answers(trace);

	if (silent != 0) {
		complain("%u of %u smbds traced nothing: they were idle or "
			 "switched off, had no room for it, or have an older "
			 "module", silent, trace_processes(trace));
	}
}

static int run(const struct options *options, struct trace *trace,
	       struct heard *heard)
{
	uint64_t now_ns = clock_read_ns(CLOCK_MONOTONIC);
	uint64_t end_ns = options->time_ns == 0 ? 0 :
		now_ns + options->time_ns;
	pid_t pid = options->report.filter.pid;
	struct latency_error error;
	int ret = EXIT_OK;

	while (!trace_read(trace, &error)) {
		complain("%s", error.text);
	}
	if (pid != 0 && trace_processes(trace) == 0) {
		ret = complain("no smbd with pid %d is measured", (int)pid);
	} else {
		fprintf(stderr, "smblatency-stat: tracing %u smbd%s\n",
			trace_processes(trace),
			trace_processes(trace) == 1 ? "" : "s");
		heard->view->begin();
		while (read_on(trace, heard, end_ns) &&
		       (pid == 0 || trace_processes(trace) != 0)) {
			;
		}
		while (!trace_read(trace, &error)) {
			complain("%s", error.text);
		}
		say_who_is_silent(trace);
	}
	trace_end(trace);
	if (ret == EXIT_OK) {
		heard->view->end();
	}
	if (heard->lost != 0) {
		complain("%llu events were lost: they came too fast, or this "
			 "program was stopped",
			 (unsigned long long)heard->lost);
	}
	return flush_output() == EXIT_OK ? ret : EXIT_FAILED;
}

/* Returns false if several are asked for. */
static bool choose_view(const struct options *options,
			const struct trace_view **view)
{
	const uint64_t forms = options->given & (GIVEN(OPTION_JSON) |
						 GIVEN(OPTION_PERFETTO) |
						 GIVEN(OPTION_SUMMARY));

	*view = forms == GIVEN(OPTION_JSON) ? &trace_json :
		forms == GIVEN(OPTION_PERFETTO) ? &trace_perfetto :
		forms == GIVEN(OPTION_SUMMARY) ? &trace_summary : &trace_text;
	return (forms & (forms - 1)) == 0;
}

int command_trace(const struct options *options, const char *const *words)
{
	struct options o = *options;
	char *names[NAMES] = { NULL };
	struct trace_filter filter = { .path = options->path };
	struct heard heard = { .view = &trace_text };
	const struct trace_listener listener = { on_group, on_lost, &heard };
	struct latency_error error;
	char directory[4096];
	struct trace *trace;
	int ret = pid_word_parse(words, &o.report.filter.pid);

	if (ret == EXIT_OK && options->events != NULL) {
		ret = parse_events(options->events, names);
		filter.names = names;
	}
	if (ret != EXIT_OK) {
		return ret;
	}
	filter.filter = o.report.filter;
	filter.longer_ns = options->longer_ns;
	if (!choose_view(options, &heard.view)) {
		return wrong_usage("only one of --json, --perfetto and "
				   "--summary");
	}
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	catch_signals();
	trace = trace_start(directory, &filter, &listener, &error);
	if (trace == NULL) {
		return directory_failed(directory, options, &error);
	}
	return run(&o, trace, &heard);
}
