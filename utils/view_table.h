/*
 * THE table of views: the ways to show what was counted.
 *
 * From a row come the number OUTPUT_NAME, the option --name, and what calls the
 * view. Define any of these macros, then include this file; what is not
 * defined expands to nothing, and all of them are undefined at the end.
 *
 *   VIEW(NAME, name, letter, takes, help)
 *	Shows a report: report_name() in report_name.c.
 *	takes	GIVEN() of the options it can be asked for with, see options.h
 *   METRICS_VIEW(NAME, name, letter, takes, help)
 *	A format of metrics, which are not made of a report; see metrics.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VIEW
#define VIEW(NAME, name, letter, takes, help)
#endif
#ifndef METRICS_VIEW
#define METRICS_VIEW(NAME, name, letter, takes, help)
#endif

VIEW(JSON, json, 'j',
     TAKES_TABLES | GIVEN(OPTION_BY) | TAKES_INTERVALS | TAKES_PAST |
     GIVEN(OPTION_AGAINST),
     "print JSON, an object on each line")
VIEW(TREE, tree, 0, GIVEN(OPTION_OPS) | TAKES_INTERVALS | TAKES_PAST,
     "print the calling context tree")
VIEW(FOLDED, folded, 0,
     GIVEN(OPTION_OPS) | TAKES_INTERVALS | TAKES_PAST | GIVEN(OPTION_AGAINST),
     "print folded stacks, in us, for a flame graph")
VIEW(ERRORS, errors, 0,
     GIVEN(OPTION_OPS) | GIVEN(OPTION_BY) | TAKES_INTERVALS | TAKES_PAST,
     "print which errors there were, as the command errors does")
METRICS_VIEW(OPENMETRICS, openmetrics, 0, TAKES_METRICS,
	     "print metrics as OpenMetrics")
METRICS_VIEW(PROMETHEUS, prometheus, 0, TAKES_METRICS,
	     "print metrics in Prometheus' own text format")

#undef VIEW
#undef METRICS_VIEW
