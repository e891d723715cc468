/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <string.h>

#include "frame_name.h"
#include "metrics_in_flight.h"

/* The last ones hold time, no ops. */
#define ROOTS_OF_OPS (LATENCY_ROOT_OVERFLOW + 1u)

/* What is in flight of an opcode or below another root. */
struct of_root {
	uint64_t requests;
	uint64_t ops;
	uint64_t oldest_request_ns;
	uint64_t oldest_op_ns;
};

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The layers of an op follow each other; only the outermost is counted. */
static bool same_op_as_before(const struct in_flight *e, unsigned i)
{
	return i != 0 && !e->op[i].async &&
		strcmp(e->op[i].op, e->op[i - 1].op) == 0;
}

static void add(struct of_root *sum, const struct in_flight *e)
{
	unsigned i;

	if (e->is_request) {
		sum->requests++;
		sum->oldest_request_ns = later(sum->oldest_request_ns,
					       e->age_ns);
	}
	for (i = 0; i < e->op_count; i++) {
		sum->ops += !same_op_as_before(e, i);
		sum->oldest_op_ns = later(sum->oldest_op_ns, e->op[i].age_ns);
	}
}

static struct of_root sum_of(const struct in_flight_list *list,
			     const char *root)
{
	struct of_root sum = { .requests = 0 };
	unsigned i;

	for (i = 0; i < list->count; i++) {
		if (strcmp(list->entry[i].request, root) == 0) {
			add(&sum, &list->entry[i]);
		}
	}
	return sum;
}

static uint64_t requests(const struct of_root *sum)
{
	return sum->requests;
}

static uint64_t ops(const struct of_root *sum)
{
	return sum->ops;
}

static uint64_t oldest_request(const struct of_root *sum)
{
	return sum->oldest_request_ns;
}

static uint64_t oldest_op(const struct of_root *sum)
{
	return sum->oldest_op_ns;
}

static void print_gauge(const struct metrics_out *p, const char *name,
			const struct in_flight_list *list, unsigned roots,
			uint64_t (*value)(const struct of_root *sum),
			const char *unit, const char *help)
{
	bool unnamed = false;
	unsigned i;

	metrics_family(p, name, "gauge", unit, help);
	for (i = 0; i < roots; i++) {
		const char *root = root_name(i);
		const struct of_root sum = sum_of(list, root);

		/* Opcodes without a name are one series. */
		if (strcmp(root, "?") == 0) {
			if (unnamed) {
				continue;
			}
			unnamed = true;
		}
		fprintf(p->out, "%s{", name);
		metrics_label(p, "request", root, true);
		fputs("} ", p->out);
		if (unit != NULL) {
			metrics_seconds(p, value(&sum));
		} else {
			fprintf(p->out, "%" PRIu64 "\n", value(&sum));
		}
	}
}

void metrics_in_flight(const struct metrics_out *p,
		       const struct in_flight_list *list)
{
	print_gauge(p, "smblatency_requests_in_flight", list, LATENCY_OPCODES,
		    requests, NULL, "SMB2 requests that have no reply yet.");
	print_gauge(p, "smblatency_operations_in_flight", list, ROOTS_OF_OPS,
		    ops, NULL, "VFS operations that have begun and not ended, "
		    "by the SMB2 request that they are for.");
	print_gauge(p, "smblatency_oldest_request_seconds", list,
		    LATENCY_OPCODES, oldest_request, "seconds",
		    "For how long the oldest SMB2 request in flight has had no "
		    "reply; 0: none is in flight.");
	print_gauge(p, "smblatency_oldest_operation_seconds", list,
		    ROOTS_OF_OPS, oldest_op, "seconds",
		    "How long ago the oldest VFS operation in flight began; 0: "
		    "none is in flight.");
	metrics_single(p, "smblatency_unlisted_in_flight", "gauge",
		       list->unlisted, "Requests and operations in flight that "
		       "could not be listed for lack of room.");
}
