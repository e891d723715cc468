/*
 * The calling context tree: for people, and as folded stacks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <string.h>

#include "columns.h"
#include "report.h"

static void print_nodes(const struct context_node *n, uint64_t all_ns,
			unsigned depth, unsigned width, FILE *out)
{
	for (; n != NULL; n = n->next) {
		unsigned indent = depth * 2 < width - 50 ? depth * 2 :
			width - 50;
		char cell[CELL];

		if (n->count == 0) {
			continue;
		}
		fprintf(out, "%*s", (int)indent, "");
		print_name(out, n->name, width - 46 - indent);
		fprintf(out, "%10s", cell_count(cell, n->count, 9));
		fprintf(out, "%11s", cell_us(cell, n->total_ns, 10));
		fprintf(out, "%11s", cell_us(cell, n->self_ns, 10));
		fprintf(out, "%7s", cell_us(cell, n->total_ns / n->count, 6));
		fprintf(out, "%6.1f\n", all_ns == 0 ? 0.0 :
			100.0 * (double)n->total_ns / (double)all_ns);
		print_nodes(n->child, all_ns, depth + 1, width, out);
	}
}

void report_tree(const struct report *r, FILE *out, unsigned width)
{
	const struct context_node *n;
	uint64_t all_ns = 0;

	for (n = r->tree->child; n != NULL; n = n->next) {
		all_ns += n->total_ns;
	}
	fprintf(out, "%-*s%10s%11s%11s%7s%6s\n", (int)width - 46,
		"Calling context (us)", "Count", "Total", "Self", "Avg", "%");
	print_nodes(r->tree->child, all_ns, 0, width, out);
}

/* Frames on the way from the root, `length` bytes of it so far. */
static void print_stacks(const struct context_node *n, char *stack,
			 size_t size, size_t length, FILE *out)
{
	for (; n != NULL; n = n->next) {
		/* The frames are separated by semicolons: none in a name. */
		int more = snprintf(stack + length, size - length, "%s%s",
				    length == 0 ? "" : ";", n->name);

		if (more < 0 || (size_t)more >= size - length) {
			continue;
		}
		if (n->self_ns >= 500) {
			fprintf(out, "%s %" PRIu64 "\n", stack,
				(n->self_ns + 500) / 1000);
		}
		print_stacks(n->child, stack, size, length + (size_t)more,
			     out);
	}
}

void report_folded(const struct report *r, FILE *out)
{
	char stack[4096];

	print_stacks(r->tree->child, stack, sizeof(stack), 0, out);
}
