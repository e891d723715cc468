/*
 * A trace for programs: a JSON object on each line. Printed directly, since it
 * must keep up with what is traced.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "error_name.h"
#include "json_value.h"
#include "trace_view.h"

/* Does JSON have the text as it is? */
static bool is_plain(const char *text)
{
	const char *c;

	for (c = text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') {
			return false;
		}
	}
	return true;
}

static void put_text(const char *text)
{
	json_t *value;
	char *dumped;

	if (is_plain(text)) {
		printf("\"%s\"", text);
		return;
	}
	value = json_text(text);
	dumped = json_dumps(value, JSON_ENCODE_ANY);
	fputs(dumped != NULL ? dumped : "null", stdout);
	free(dumped);
	json_decref(value);
}

/* ,"key":text; null where it is not known. */
static void put_name(const char *key, const char *name)
{
	printf(",\"%s\":", key);
	if (name[0] == '\0') {
		fputs("null", stdout);
	} else {
		put_text(name);
	}
}

static void put_number(const char *key, uint64_t value)
{
	printf(",\"%s\":%llu", key, (unsigned long long)value);
}

static void put_common(const struct trace_group *g,
		       const struct latency_event *e)
{
	const struct latency_slot_key *key = &g->slot->key;
	char number[ERROR_NUMBER];

	put_number("pid", g->pid);
	put_number("number", e->number);
	put_number("begun_ns", e->begun_ns);
	put_number("duration_ns", e->duration_ns);
	put_number("message_id", e->message_id);
	put_name("error", e->error == 0 ? "" : error_name(e->error, number));
	put_name("path", g->path);
	put_name("share", key->share);
	put_name("user", key->user);
	put_name("client", key->client);
	fputs("}\n", stdout);
}

static void put_op(const struct trace_group *g, const struct trace_event *op)
{
	fputs("{\"type\":\"op\",\"op\":", stdout);
	put_text(op->name);
	put_name("layer", op->layer);
	put_name("below", g->root);
	put_number("depth", op->e.depth);
	printf(",\"async\":%s", op->async ? "true" : "false");
	if (op->e.offset == LATENCY_TRACE_UNKNOWN) {
		fputs(",\"offset\":null", stdout);
	} else {
		put_number("offset", op->e.offset);
	}
	put_number("bytes", op->e.bytes);
	put_common(g, &op->e);
}

static void group(const struct trace_group *g)
{
	unsigned i;

	if (g->has_request) {
		fputs("{\"type\":\"request\",\"request\":", stdout);
		put_text(g->request.name);
		put_number("pending_ns", g->request.e.pending_ns);
		put_common(g, &g->request.e);
	}
	for (i = 0; i < g->count; i++) {
		put_op(g, &g->op[i]);
	}
}

static void lost(uint32_t pid, uint64_t events)
{
	printf("{\"type\":\"lost\",\"pid\":%u,\"events\":%llu}\n", pid,
	       (unsigned long long)events);
}

static void nothing(void)
{
}

const struct trace_view trace_json = { nothing, group, lost, nothing };
