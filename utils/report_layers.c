/*
 * For people: what lies between and below the layers of the module.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "report.h"
#include "views.h"

#define TITLE 1024
#define WIDTH 79
#define SHARES_SHOWN 3
#define ROOM_FOR_COST 34	/* behind a title */

/* Adds to a title; what does not fit is left out. */
static void add(char title[TITLE], const char *before, const char *text)
{
	size_t length = strlen(title);
	char *escaped = escape_text(text);

	snprintf(title + length, TITLE - length, "%s%s", before,
		 escaped != NULL ? escaped : "");
	free(escaped);
}

static void add_shares(char title[TITLE], const struct layer_stack *stack)
{
	unsigned i, shown = stack->share_count <= SHARES_SHOWN + 1 ?
		stack->share_count : SHARES_SHOWN;
	size_t length;

	for (i = 0; i < shown; i++) {
		add(title, i == 0 ? ", on " : i + 1 == stack->share_count ?
		    " and " : ", ", stack->shares[i]);
	}
	length = strlen(title);
	if (shown < stack->share_count) {
		snprintf(title + length, TITLE - length,
			 " and %u more shares", stack->share_count - shown);
	}
}

/* with_shares: there are several stacks. */
static void print_title(const struct layer_stack *stack,
			const struct layer_cost *layer, bool with_shares,
			FILE *out)
{
	char title[TITLE] = "";

	add(title, layer->below[0] != '\0' ? "What lies between layers " :
	    "What lies below layer ", layer->layer);
	if (layer->below[0] != '\0') {
		add(title, " and ", layer->below);
	}
	if (layer->modules[0] != '\0') {
		add(title, " (", layer->modules);
		add(title, ")", "");
	}
	if (with_shares) {
		add_shares(title, stack);
	}
	text_cut(title, WIDTH);
	fprintf(out, "\n%s:%c", title,
		text_columns(title) > WIDTH - ROOM_FOR_COST ? '\n' : ' ');
}

static void print_layer(const struct layer_cost *layer, uint64_t vfs_ns,
			FILE *out)
{
	char cell[CELL];
	unsigned i;

	fprintf(out, "%s us", cell_us(cell, layer->self_ns, 12));
	if (vfs_ns != 0) {
		fprintf(out, ", %.1f %% of VFS time",
			100.0 * (double)layer->self_ns / (double)vfs_ns);
	}
	fprintf(out, "\n%-23s%9s%11s%12s%8s\n", "Times in us", "Count",
		"Total", "Per call", "%");
	for (i = 0; i < layer->count; i++) {
		const struct layer_op *op = &layer->ops[i];

		if (op->self_ns * 1000 < layer->self_ns) {
			break;
		}
		print_name(out, op->op, 23);
		fprintf(out, "%9s", cell_count(cell, op->count, 8));
		fprintf(out, "%11s", cell_us(cell, op->self_ns, 10));
		fprintf(out, "%12s", cell_us(cell, op->self_ns / op->count,
					     11));
		fprintf(out, "%8.1f\n", layer->self_ns == 0 ? 0.0 : 100.0 *
			(double)op->self_ns / (double)layer->self_ns);
	}
}

void report_layers(const struct report *r, FILE *out)
{
	const struct layer_costs *costs = r->layer_costs;
	unsigned i, j, layers = 0, stacks = 0;

	for (i = 0; i < costs->count; i++) {
		unsigned before = layers;

		for (j = 0; j < costs->stacks[i].count; j++) {
			layers += costs->stacks[i].layers[j].count != 0;
		}
		stacks += layers != before;
	}
	/* What lies below a single layer is what all operations took. */
	for (i = 0; layers > 1 && i < costs->count; i++) {
		const struct layer_stack *stack = &costs->stacks[i];

		for (j = 0; j < stack->count; j++) {
			if (stack->layers[j].count != 0) {
				print_title(stack, &stack->layers[j],
					    stacks > 1, out);
				print_layer(&stack->layers[j],
					    report_vfs_ns(r), out);
			}
		}
	}
}
