/*
 * A trace for programs: a JSON object on each line. Printed directly, since it
 * must keep up with what is traced.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "error_name.h"
#include "json_put.h"
#include "trace_view.h"

static void put_common(const struct trace_group *g,
		       const struct latency_event *e)
{
	const struct latency_slot_key *key = &g->slot->key;
	char number[ERROR_NUMBER];

	json_put_number("pid", g->pid);
	json_put_number("number", e->number);
	json_put_number("begun_ns", e->begun_ns);
	json_put_number("duration_ns", e->duration_ns);
	json_put_number("bytes", e->bytes);
	json_put_number("message_id", e->message_id);
	json_put_name("error", e->error == 0 ? "" :
		      error_name(e->error, number));
	json_put_name("path", g->path);
	json_put_name("share", key->share);
	json_put_name("user", key->user);
	json_put_name("client", key->client);
	fputs("}\n", stdout);
}

static void put_op(const struct trace_group *g, const struct trace_event *op)
{
	fputs("{\"type\":\"op\",\"op\":", stdout);
	json_put_text(op->name);
	json_put_name("layer", op->layer);
	json_put_name("below", g->root);
	json_put_number("depth", op->e.depth);
	printf(",\"async\":%s", op->async ? "true" : "false");
	if (op->e.offset == LATENCY_TRACE_UNKNOWN) {
		fputs(",\"offset\":null", stdout);
	} else {
		json_put_number("offset", op->e.offset);
	}
	put_common(g, &op->e);
}

static void group(const struct trace_group *g)
{
	unsigned i;

	if (g->has_request) {
		fputs("{\"type\":\"request\",\"request\":", stdout);
		json_put_text(g->request.name);
		json_put_number("pending_ns", g->request.e.pending_ns);
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
