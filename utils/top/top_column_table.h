/*
 * THE table of the columns of numbers that top's lists have.
 *
 * From a row come the number TOP_NAME of its kind, the word for --sort, and the
 * titles. Define any of these macros, then include this file; what is not
 * defined expands to nothing, and all of them are undefined at the end.
 *
 *   GROUP_COLUMN, FILE_COLUMN, FLIGHT_COLUMN
 *	(NAME, word, title, rate, width, leave)
 *	title	since counting began
 *	rate	of an interval
 *	width	with the blank before it
 *	leave	its turn to be left out where the screen is narrow; the
 *		column that rows are sorted by stays
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef GROUP_COLUMN
#define GROUP_COLUMN(NAME, word, title, rate, width, leave)
#endif
#ifndef FILE_COLUMN
#define FILE_COLUMN(NAME, word, title, rate, width, leave)
#endif
#ifndef FLIGHT_COLUMN
#define FLIGHT_COLUMN(NAME, word, title, rate, width, leave)
#endif

GROUP_COLUMN(COUNT, "count", "Count", "/s", 8, 7)
GROUP_COLUMN(ERRORS, "errors", "Errs", "Err/s", 6, 8)
GROUP_COLUMN(TOTAL, "total", "Total us", "Busy %", 9, 9)
GROUP_COLUMN(SELF, "self", "Self us", "Self %", 9, 3)
GROUP_COLUMN(AVG, "avg", "Avg us", "Avg us", 7, 6)
GROUP_COLUMN(P50, "p50", "p50", "p50", 6, 2)
GROUP_COLUMN(P95, "p95", "p95", "p95", 6, 4)
GROUP_COLUMN(P99, "p99", "p99", "p99", 6, 1)
GROUP_COLUMN(MAX, "max", "Max", "Max", 6, 5)

FILE_COLUMN(TIME, "time", "Time us", "Busy %", 9, 5)
FILE_COLUMN(REQUESTS, "requests", "Requests", "/s", 9, 4)
FILE_COLUMN(FAILURES, "errors", "Errs", "Err/s", 6, 3)
FILE_COLUMN(READ, "read", "Read B", "Read B/s", 9, 2)
FILE_COLUMN(WRITTEN, "written", "Written B", "Writ. B/s", 10, 1)

FLIGHT_COLUMN(AGE, "age", "Age s", "Age s", 10, 2)
FLIGHT_COLUMN(PENDING, "pending", "Pending s", "Pending s", 10, 1)

#undef GROUP_COLUMN
#undef FILE_COLUMN
#undef FLIGHT_COLUMN
