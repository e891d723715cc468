/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "trace_group.h"

#define OPEN_MAX 1024		/* groups that are not complete */
#define OPS_MAX 4096		/* in a group */

/* Of one that is not complete. */
struct open_group {
	struct trace_group group;
	uint64_t message_id;
	uint32_t slot;
	uint16_t root, request;
	unsigned room;
};

struct trace_groups {
	trace_group_visitor visitor;
	void *private_data;
	struct open_group *open;
	unsigned count, room;
};

struct trace_groups *trace_groups_new(trace_group_visitor visitor,
				      void *private_data)
{
	struct trace_groups *groups = calloc(1, sizeof(*groups));

	if (groups != NULL) {
		groups->visitor = visitor;
		groups->private_data = private_data;
	}
	return groups;
}

/* Shows a group, and takes it out. */
static void visit(struct trace_groups *groups, unsigned i)
{
	struct open_group *o = &groups->open[i];

	groups->visitor(&o->group, groups->private_data);
	free(o->group.op);
	groups->count--;
	memmove(o, o + 1, (groups->count - i) * sizeof(*o));
}

void trace_groups_flush(struct trace_groups *groups)
{
	while (groups->count != 0) {
		visit(groups, 0);
	}
}

void trace_groups_free(struct trace_groups *groups)
{
	unsigned i;

	if (groups == NULL) {
		return;
	}
	for (i = 0; i < groups->count; i++) {
		free(groups->open[i].group.op);
	}
	free(groups->open);
	free(groups);
}

static bool belongs(const struct open_group *o, const struct latency_event *e)
{
	return o->request == e->request && o->message_id == e->message_id &&
		o->root == e->root && o->slot == e->slot;
}

/* The number of the group of an event; -1: no memory. */
static int group_of(struct trace_groups *groups, const struct latency_event *e)
{
	unsigned i = groups->count;
	struct open_group *o;

	while (i-- != 0) {
		if (belongs(&groups->open[i], e)) {
			return (int)i;
		}
	}
	if (groups->count == OPEN_MAX) {
		visit(groups, 0);
	}
	if (groups->count == groups->room) {
		unsigned room = groups->room * 2 + 4;

		o = realloc(groups->open, room * sizeof(*o));
		if (o == NULL) {
			return -1;
		}
		groups->open = o;
		groups->room = room;
	}
	o = &groups->open[groups->count];
	memset(o, 0, sizeof(*o));
	o->message_id = e->message_id;
	o->slot = e->slot;
	o->root = e->root;
	o->request = e->request;
	return (int)groups->count++;
}

static bool add_op(struct open_group *o, const struct trace_event *event)
{
	struct trace_group *g = &o->group;

	if (g->count == o->room) {
		unsigned room = o->room * 2 + 16;
		struct trace_event *op = realloc(g->op, room * sizeof(*op));

		if (op == NULL) {
			return false;
		}
		g->op = op;
		o->room = room;
	}
	g->op[g->count++] = *event;
	return true;
}

bool trace_groups_add(struct trace_groups *groups, uint32_t pid,
		      const struct latency_slot *slot, const char *root,
		      const struct trace_event *event, const char *path)
{
	bool is_request = event->e.kind == LATENCY_EVENT_REQUEST;
	int i = group_of(groups, &event->e);
	struct trace_group *g;

	if (i < 0) {
		return false;
	}
	g = &groups->open[i].group;
	g->pid = pid;
	g->slot = slot;
	g->root = root;
	if (is_request) {
		g->has_request = true;
		g->request = *event;
		strcpy(g->path, path);
	} else if (!add_op(&groups->open[i], event)) {
		return false;
	}
	if (is_request || g->count == OPS_MAX ||
	    (event->e.depth == 1 &&
	     LATENCY_FRAME_OP(event->e.root) >= LATENCY_OPCODES)) {
		visit(groups, (unsigned)i);
	}
	return true;
}

/* Those that began earlier first; of the same time the outer one. */
static int by_begin(const void *one, const void *other)
{
	const struct latency_event *a = &((const struct trace_event *)one)->e;
	const struct latency_event *b = &((const struct trace_event *)other)->e;

	if (a->begun_ns != b->begun_ns) {
		return a->begun_ns < b->begun_ns ? -1 : 1;
	}
	if (a->depth != b->depth) {
		return a->depth < b->depth ? -1 : 1;
	}
	return a->number < b->number ? -1 : a->number > b->number;
}

void trace_group_sort(const struct trace_group *group)
{
	if (group->count != 0) {
		qsort(group->op, group->count, sizeof(*group->op), by_begin);
	}
}
