/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "columns.h"
#include "complain.h"
#include "show_report.h"
#include "views.h"

int show_report(const struct options *options, const struct report *report)
{
	static void (*const show[OUTPUTS])(const struct report *report,
					   FILE *out, unsigned width) = {
		[OUTPUT_TEXT] = report_text,
#define VIEW(NAME, name, letter, takes, help) [OUTPUT_##NAME] = report_##name,
#include "view_table.h"
	};

	show[options->output](report, stdout, terminal_width(stdout));
	return flush_output();
}
