/*
 * The calling context tree: for people, and as folded stacks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "key_columns.h"
#include "report.h"
#include "report_against.h"
#include "views.h"

#define VALUES 45		/* columns of what is printed behind the name */
#define COLUMN_MIN 20
#define NAME_MIN 12		/* of it, the rest being the indentation */
#define WHOLE_NAME 23		/* SMB2_OP_QUERY_DIRECTORY */

static void print_nodes(const struct context_node *n, uint64_t all_ns,
			unsigned depth, unsigned width, FILE *out)
{
	for (; n != NULL; n = n->next) {
		unsigned name = less(width, VALUES, COLUMN_MIN);
		unsigned most = less(name, NAME_MIN, 0);
		unsigned indent = depth * 2 < most ? depth * 2 : most;
		char cell[CELL];

		if (n->count == 0) {
			continue;
		}
		fprintf(out, "%*s", (int)indent, "");
		print_name(out, name < WHOLE_NAME ? short_request(n->name) :
			   n->name, name - indent);
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
	print_name(out, "Calling context (us)",
		   less(width, VALUES, COLUMN_MIN));
	fprintf(out, "%10s%11s%11s%7s%6s\n", "Count", "Total", "Self", "Avg",
		"%");
	print_nodes(r->tree->child, all_ns, 0, width, out);
}

/*
 * Adds a frame to a stack of `length` bytes. Returns the new length, or one >=
 * size if it does not fit. Frames are separated by semicolons, so that one in
 * the name of a layer is escaped.
 */
static size_t push(char *stack, size_t size, size_t length, const char *name)
{
	char frame[sizeof(((struct context_node *)NULL)->name) * 4 + 1];
	const char *c;

	escape_text_to(frame, sizeof(frame), name);
	if (length != 0 && length + 1 < size) {
		stack[length++] = ';';
	}
	for (c = frame; *c != '\0'; c++) {
		length += (size_t)snprintf(stack + length, size - length,
					   *c == ';' ? "\\x3b" : "%c", *c);
		if (length >= size) {
			break;
		}
	}
	return length;
}

/* Frames on the way from the root, `length` bytes of it so far. */
static void print_stacks(const struct context_node *n, char *stack,
			 size_t size, size_t length, FILE *out)
{
	for (; n != NULL; n = n->next) {
		size_t more = push(stack, size, length, n->name);

		if (more >= size) {
			continue;
		}
		if (n->self_ns >= 500) {
			fprintf(out, "%.*s %" PRIu64 "\n", (int)more, stack,
				(n->self_ns + 500) / 1000);
		}
		print_stacks(n->child, stack, size, more, out);
	}
}

void report_folded(const struct report *r, FILE *out, unsigned width)
{
	char stack[4096];

	(void)width;
	print_stacks(r->tree->child, stack, sizeof(stack), 0, out);
}

/* ----------------------------- two trees --------------------------------- */

static struct context_node *same(struct context_node *parent,
				 const struct context_node *child)
{
	return context_tree_child(parent, child->layer, child->op,
				  child->async);
}

/* Both have the same nodes. */
static void print_pairs(struct context_node *before,
			const struct context_node *after, char *stack,
			size_t size, size_t length, FILE *out)
{
	const struct context_node *n;

	for (n = after->child; n != NULL; n = n->next) {
		struct context_node *then = same(before, n);
		size_t more = push(stack, size, length, n->name);

		if (then == NULL || more >= size) {
			continue;
		}
		if (n->self_ns >= 500 || then->self_ns >= 500) {
			fprintf(out, "%.*s %" PRIu64 " %" PRIu64 "\n",
				(int)more, stack, (then->self_ns + 500) / 1000,
				(n->self_ns + 500) / 1000);
		}
		print_pairs(then, n, stack, size, more, out);
	}
}

bool against_folded(struct report *before, struct report *after, FILE *out)
{
	char stack[4096];

	if (!context_tree_complete(before->tree, after->tree) ||
	    !context_tree_complete(after->tree, before->tree)) {
		return false;
	}
	print_pairs(before->tree, after->tree, stack, sizeof(stack), 0, out);
	return true;
}
