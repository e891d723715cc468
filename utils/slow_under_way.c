/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "in_flight.h"
#include "latency_error.h"
#include "name.h"
#include "slow_under_way.h"
#include "time_ns.h"

#define NS_PER_MS 1000000u

/* What has been told, as long as it is under way. */
struct slow_told {
	uint32_t pid;
	uint64_t message_id, begun_ns;
};

void slow_under_way_begin(struct slow_under_way *s, const char *configfile)
{
	memset(s, 0, sizeof(*s));
	samba_conf_read(&s->conf, configfile);
}

void slow_under_way_end(struct slow_under_way *s)
{
	samba_conf_free(&s->conf);
	free(s->told);
	memset(s, 0, sizeof(*s));
}

/* ------------------------------ the threshold ---------------------------- */

/* UINT64_MAX: nothing is slow. */
static uint64_t threshold_ns(const struct slow_under_way *s,
			     const struct in_flight *e)
{
	static const char option[] = "latency:slow threshold";
	const char *value;
	long ms = e->slow_ms;

	if (!e->slow_set) {
		value = samba_conf_value(&s->conf, e->key.share, option);
		if (value == NULL) {
			value = samba_conf_value(&s->conf, CONF_GLOBAL, option);
		}
		ms = value == NULL ? 0 : strtol(value, NULL, 10);
	}
	return ms > 0 ? (uint64_t)ms * NS_PER_MS : UINT64_MAX;
}

/* ---------------------------------- told --------------------------------- */

static bool is_told(const struct slow_told *told, unsigned count,
		    const struct slow_told *what)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if (told[i].pid == what->pid &&
		    told[i].message_id == what->message_id &&
		    told[i].begun_ns == what->begun_ns) {
			return true;
		}
	}
	return false;
}

/* --------------------------------- the list ------------------------------ */

/* The innermost op that is slow; NULL: none is. */
static const struct in_flight_op *slow_op_of(const struct in_flight *e,
					     uint64_t slow_ns)
{
	unsigned i = e->op_count;

	while (i-- != 0) {
		if (e->op[i].age_ns >= slow_ns) {
			return &e->op[i];
		}
	}
	return NULL;
}

/* A request that is slow by itself; a NOTIFY only waits for a change. */
static bool is_slow_request(const struct in_flight *e, uint64_t slow_ns)
{
	return e->is_request && e->age_ns >= slow_ns &&
		strcmp(e->request, "SMB2_OP_NOTIFY") != 0;
}

/* Of the ops around it, as a slow one that has ended has them. */
static void set_around(struct slow_op *to, const struct in_flight *e,
		       const struct in_flight_op *op)
{
	while (op != e->op && !op->async &&
	       to->around_count < LATENCY_SLOW_AROUND) {
		struct slow_op_around *a = &to->around[to->around_count++];

		op--;
		memcpy(a->op, op->op, sizeof(a->op));
		memcpy(a->layer, op->layer, sizeof(a->layer));
	}
}

static bool append(struct slow_op_list *list, const struct in_flight *e,
		   const struct in_flight_op *op, uint64_t now_ns)
{
	struct slow_op *to = realloc(list->ops,
				     (list->count + 1) * sizeof(*to));

	if (to == NULL) {
		return false;
	}
	list->ops = to;
	to += list->count++;
	memset(to, 0, sizeof(*to));
	to->under_way = true;
	to->realtime_ns = now_ns;
	to->duration_ns = op != NULL ? op->age_ns : e->age_ns;
	to->message_id = e->message_id;
	to->pid = e->pid;
	to->is_request = op == NULL;
	to->pending_ns = e->pending_ns;
	if (op != NULL) {
		memcpy(to->op, op->op, sizeof(to->op));
		memcpy(to->layer, op->layer, sizeof(to->layer));
		set_around(to, e, op);
	}
	memcpy(to->request, e->request, sizeof(to->request));
	to->key = e->key;
	path_copy(to->path, sizeof(to->path), e->path);
	return true;
}

bool slow_under_way_read(struct slow_under_way *s, const char *directory,
			 const struct filter *filter,
			 struct slow_op_list *list)
{
	uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);
	struct latency_error ignored;
	struct in_flight_list flying;
	struct slow_told *told;
	unsigned count = 0, i;
	bool ok;

	memset(list, 0, sizeof(*list));
	if (!in_flight_read(directory, filter, 0, &flying, &ignored)) {
		return false;
	}
	told = calloc(flying.count + 1, sizeof(*told));
	ok = told != NULL;
	for (i = 0; ok && i < flying.count; i++) {
		const struct in_flight *e = &flying.entry[i];
		uint64_t slow_ns = threshold_ns(s, e);
		const struct in_flight_op *op = slow_op_of(e, slow_ns);
		const struct slow_told what = { e->pid, e->message_id,
						e->begun_ns };

		if (op == NULL && !is_slow_request(e, slow_ns)) {
			continue;
		}
		told[count++] = what;
		if (!is_told(s->told, s->count, &what)) {
			ok = append(list, e, op, now_ns);
		}
	}
	in_flight_free(&flying);
	if (!ok) {
		free(told);
		slow_ops_free(list);
		return false;
	}
	free(s->told);
	s->told = told;
	s->count = count;
	return true;
}
