/*
 * What smbds are doing at this moment: requests and operations that have begun
 * and not ended.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "directory.h"
#include "escape.h"
#include "in_flight.h"
#include "json_value.h"
#include "now_holders.h"
#include "pid_word.h"
#include "process_state.h"
#include "time_ns.h"
#include "waiting.h"

#define LINE 2048

/* ------------------------------- for people ------------------------------ */

/* "create_file > openat", or "pread + pread" of async ones side by side. */
static void ops_text(const struct in_flight *e, char *text, size_t size)
{
	const char *before = NULL;
	unsigned i;

	text[0] = '\0';
	for (i = 0; i < e->op_count; i++) {
		const struct in_flight_op *op = &e->op[i];
		size_t length = strlen(text);

		/* The same in the layer below. */
		if (before != NULL && strcmp(before, op->op) == 0 &&
		    !op->async) {
			continue;
		}
		snprintf(text + length, size - length, "%s%s",
			 i == 0 ? "" : op->async ? " + " : " > ", op->op);
		before = op->op;
	}
}

static void print_escaped(const char *text, unsigned width)
{
	char *escaped = escape_text(text);

	if (escaped != NULL) {
		/* The file's name tells more than the directories before it. */
		if (width != 0) {
			text_cut_front(escaped, less(width, 4, 10));
		}
		printf("    %s\n", escaped);
	}
	free(escaped);
}

static void print_line(char *line, unsigned width)
{
	if (width != 0) {
		text_cut(line, width);
	}
	puts(line);
}

static void print_entry(const struct in_flight *e,
			const struct file_holders *holders, unsigned width)
{
	char line[LINE], ops[LINE / 2], pending[64] = "", channel[80] = "";
	char *share = escape_text(e->key.share);
	char *user = escape_text(e->key.user);
	struct process_state state;

	if (share == NULL || user == NULL) {
		goto out;
	}
	process_state_read((pid_t)e->pid, &state);
	ops_text(e, ops, sizeof(ops));
	if (e->pending_ns != 0) {
		snprintf(pending, sizeof(pending), ", pending for %.3f s",
			 (double)e->pending_ns / 1e9);
	}
	snprintf(line, sizeof(line), "%10.3f s  %s%s%s%s",
		 (double)e->age_ns / 1e9, e->request,
		 e->op_count != 0 ? " > " : "", ops, pending);
	print_line(line, width);
	if (e->key.share[0] == '\0') {
		snprintf(line, sizeof(line), "    on no known share");
	} else {
		snprintf(line, sizeof(line), "    %s@%s on %s", user,
			 e->key.client, share);
	}
	if (state.wait_channel[0] != '\0') {
		snprintf(channel, sizeof(channel), " in %s",
			 state.wait_channel);
	}
	snprintf(line + strlen(line), sizeof(line) - strlen(line),
		 ", smbd %u, %s%s", e->pid, process_state_name(state.state),
		 channel);
	print_line(line, width);
	print_escaped(e->path[0] != '\0' ? e->path : "-", width);
	now_holders_print(e, holders, width);
out:
	free(share);
	free(user);
}

static void print_text(const struct in_flight_list *list,
		       const struct file_holders *holders)
{
	unsigned width = isatty(1) ? terminal_width(stdout) : 0;
	char line[LINE];
	unsigned i;

	for (i = 0; i < list->count; i++) {
		print_entry(&list->entry[i], holders, width);
	}
	if (list->unlisted != 0) {
		snprintf(line, sizeof(line),
			 "%llu more could not be listed for lack of room",
			 (unsigned long long)list->unlisted);
		print_line(line, width);
	}
	if (list->count == 0 && list->unlisted == 0) {
		snprintf(line, sizeof(line), "nothing is under way");
		print_line(line, width);
	}
}

/* ------------------------------ for programs ----------------------------- */

/* offset_ns: of CLOCK_REALTIME to CLOCK_MONOTONIC. */
static json_t *ops_json(const struct in_flight *e, uint64_t offset_ns)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < e->op_count; i++) {
		json_t *op = json_object();

		json_object_set_new(op, "op", json_text(e->op[i].op));
		json_object_set_new(op, "layer", json_text(e->op[i].layer));
		json_set(op, "begun_ns", e->begun_ns + offset_ns + e->age_ns -
			 e->op[i].age_ns);
		json_set(op, "age_ns", e->op[i].age_ns);
		json_object_set_new(op, "async", json_boolean(e->op[i].async));
		json_array_append_new(array, op);
	}
	return array;
}

/* A name, or null where it is not known. */
static json_t *known(const char *name)
{
	return name[0] != '\0' ? json_text(name) : json_null();
}

static json_t *process_json(uint32_t pid)
{
	struct process_state state;
	json_t *object = json_object();

	process_state_read((pid_t)pid, &state);
	json_object_set_new(object, "pid", json_integer(pid));
	json_object_set_new(object, "state", state.state == '?' ?
			    json_null() : json_stringn(&state.state, 1));
	json_object_set_new(object, "wait_channel", known(state.wait_channel));
	json_object_set_new(object, "system_call", state.system_call < 0 ?
			    json_null() : json_integer(state.system_call));
	return object;
}

static json_t *entry_json(const struct in_flight *e, uint64_t offset_ns,
			  const struct file_holders *holders)
{
	json_t *object = json_object();

	json_set(object, "begun_ns", e->begun_ns + offset_ns);
	json_set(object, "age_ns", e->age_ns);
	json_object_set_new(object, "request", e->is_request ?
			    json_text(e->request) : json_null());
	json_object_set_new(object, "below", json_text(e->request));
	json_set(object, "message_id", e->message_id);
	json_object_set_new(object, "pending_ns", e->pending_ns != 0 ?
			    json_integer((json_int_t)e->pending_ns) :
			    json_null());
	json_object_set_new(object, "ops", ops_json(e, offset_ns));
	json_object_set_new(object, "share", known(e->key.share));
	json_object_set_new(object, "user", known(e->key.user));
	json_object_set_new(object, "client", known(e->key.client));
	json_object_set_new(object, "path", known(e->path));
	json_object_set_new(object, "holders", now_holders_json(e, holders));
	json_object_set_new(object, "process", process_json(e->pid));
	return object;
}

static void print_json(const struct in_flight_list *list,
		       const struct file_holders *holders, uint64_t now_ns)
{
	uint64_t offset_ns = clock_read_ns(CLOCK_REALTIME) -
		clock_read_ns(CLOCK_MONOTONIC);
	json_t *object = json_object();
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < list->count; i++) {
		json_array_append_new(array, entry_json(&list->entry[i],
							offset_ns, holders));
	}
	json_object_set_new(object, "timestamp", json_timestamp(now_ns));
	json_object_set_new(object, "in_flight", array);
	json_set(object, "unlisted", list->unlisted);
	json_print(object, stdout);
}

/* ------------------------------- the command ----------------------------- */

static int print_now(const struct options *options, const char *directory,
		     const struct filter *filter)
{
	struct file_holders holders;
	struct in_flight_list list;
	struct latency_error error;
	uint64_t now_ns;

	if (!in_flight_read(directory, filter, options->older_ns, &list,
			    &error)) {
		return directory_failed(directory, options, &error);
	}
	now_ns = clock_read_ns(CLOCK_REALTIME);
	print_left_out(list.problems, list.problem_count);
	now_holders_ask(&list, options->configfile, &holders);
	if (options->output == OUTPUT_JSON) {
		print_json(&list, &holders, now_ns);
	} else {
		print_text(&list, &holders);
	}
	file_holders_free(&holders);
	in_flight_free(&list);
	return flush_output();
}

static int repeat(const struct options *options, const char *directory,
		  const struct filter *filter)
{
	const uint64_t step = (uint64_t)(options->interval * 1e9);
	uint64_t due = clock_read_ns(CLOCK_MONOTONIC);
	unsigned long n;
	int ret = EXIT_OK;

	catch_signals();
	for (n = 1; ret == EXIT_OK; n++) {
		ret = print_now(options, directory, filter);
		due += step;
		if (n == options->count || wait_until(due)) {
			break;
		}
		if (options->output == OUTPUT_TEXT) {
			putchar('\n');
		}
	}
	return ret;
}

int command_now(const struct options *options, const char *const *words)
{
	struct filter filter = options->report.filter;
	char directory[4096];
	int ret = pid_word_parse(words, &filter.pid);

	if (ret != EXIT_OK) {
		return ret;
	}
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	return options->interval != 0 ? repeat(options, directory, &filter) :
		print_now(options, directory, &filter);
}
