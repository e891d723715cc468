/*
 * The ways to show a trace, of names that may hold any byte.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "trace_view.h"

static const char *const hostile[] = {
	"\033[31mred\033[0m", "line\nbreak", "tab\tand\rreturn", "bad\xff\xfe",
	"\xc3", "\"quoted\"\\", "\\x41", "\xe2\x80\xaetxt.exe", "}],{",
	"\x7f", "%s%n",
};

/* All that a view prints of some groups, to be freed. */
static char *shown(const struct trace_view *view,
		   const struct trace_group *groups, unsigned count)
{
	FILE *file = tmpfile();
	int kept = dup(1);
	char *text;
	long size;
	unsigned i;

	assert_non_null(file);
	fflush(stdout);
	dup2(fileno(file), 1);
	view->begin();
	for (i = 0; i < count; i++) {
		view->group(&groups[i]);
		view->lost(groups[i].pid, 5);
	}
	view->end();
	fflush(stdout);
	dup2(kept, 1);
	close(kept);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	rewind(file);
	text = calloc(1, (size_t)size + 1);
	assert_int_equal(fread(text, 1, (size_t)size, file), size);
	fclose(file);
	return text;
}

static struct latency_slot slot;
static struct trace_event op;
static struct trace_group group;

/* Every name that a client may choose, and those of the segment, are this. */
static void make(const char *name, bool has_request)
{
	memset(&slot, 0, sizeof(slot));
	memset(&group, 0, sizeof(group));
	strcpy(slot.key.share, name);
	strcpy(slot.key.user, name);
	strcpy(slot.key.client, name);
	op = (struct trace_event){
		.e = { .kind = LATENCY_EVENT_OP, .number = 1, .depth = 1,
		       .duration_ns = 10, .error = 2, .begun_ns = 1,
		       .offset = LATENCY_TRACE_UNKNOWN },
		.name = name, .layer = name,
	};
	op.e.frame = LATENCY_FRAME(2, 0);
	group.pid = 77;
	group.slot = &slot;
	group.root = "other";
	group.op = &op;
	group.count = 1;
	group.has_request = has_request;
	group.request = op;
	group.request.e.kind = LATENCY_EVENT_REQUEST;
	group.request.layer = "";
	strcpy(group.path, name);
}

static void check_harmless(const char *text)
{
	const char *c = text;
	uint32_t code;
	unsigned length;

	while (*c != '\0') {
		length = utf8_decode(c, &code);
		assert_int_not_equal(length, 0);
		assert_true(code == '\n' || code >= ' ');
		assert_int_not_equal(code, 0x7f);
		assert_int_not_equal(code, 0x202e);
		c += length;
	}
}

static unsigned lines(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++) {
		count += *text == '\n';
	}
	return count;
}

static void test_text(void **state)
{
	unsigned i;
	char *text;

	(void)state;
	for (i = 0; i < 2 * sizeof(hostile) / sizeof(hostile[0]); i++) {
		make(hostile[i / 2], i % 2);
		text = shown(&trace_text, &group, 1);
		check_harmless(text);
		assert_int_equal(lines(text), 2 + i % 2);
		free(text);
		text = shown(&trace_summary, &group, 1);
		check_harmless(text);
		free(text);
	}
}

static void test_json(void **state)
{
	json_error_t error;
	char *text, *line, *rest;
	json_t *object;
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		make(hostile[i], true);
		text = shown(&trace_json, &group, 1);
		assert_int_equal(lines(text), 3);
		for (rest = text; (line = strsep(&rest, "\n")) != NULL;) {
			if (line[0] == '\0') {
				continue;
			}
			object = json_loads(line, 0, &error);
			assert_non_null(object);
			json_decref(object);
		}
		free(text);
	}
}

static void test_perfetto(void **state)
{
	json_t *document, *events, *event;
	json_error_t error;
	size_t index;
	unsigned i, slices;
	char *text;

	(void)state;
	for (i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		make(hostile[i], true);
		text = shown(&trace_perfetto, &group, 1);
		document = json_loads(text, 0, &error);
		assert_non_null(document);
		events = json_object_get(document, "traceEvents");
		slices = 0;
		json_array_foreach(events, index, event) {
			slices += json_object_get(event, "dur") != NULL;
		}
		assert_int_equal(slices, 2);
		json_decref(document);
		free(text);
	}
}

/* What is longer than any line, and numbers at their ends. */
static void test_extremes(void **state)
{
	const struct trace_view *const views[] = {
		&trace_text, &trace_json, &trace_summary, &trace_perfetto,
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
		make("name", true);
		memset(slot.key.share, 1, sizeof(slot.key.share) - 1);
		memset(slot.key.user, 1, sizeof(slot.key.user) - 1);
		memset(group.path, 1, sizeof(group.path) - 1);
		op.e = (struct latency_event){
			.kind = LATENCY_EVENT_OP, .depth = UINT8_MAX,
			.begun_ns = UINT64_MAX, .duration_ns = UINT64_MAX,
			.bytes = UINT64_MAX, .error = UINT32_MAX,
			.number = UINT64_MAX, .offset = UINT64_MAX - 1,
		};
		group.request.e.begun_ns = UINT64_MAX;
		group.request.e.pending_ns = UINT64_MAX;
		free(shown(views[i], &group, 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_perfetto),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
