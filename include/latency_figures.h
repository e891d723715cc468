/*
 * THE table of figures that are kept for each file.
 *
 * From a row come the field of struct latency_file_sum, what adds it up, its
 * key in JSON, and the word for --sort. Define FIGURE, then include this file,
 * which undefines it at the end.
 *
 *   FIGURE(NAME, field, word, doc)
 *	field	uint64_t; also its key in JSON
 *	word	of --sort
 *	doc	what it is
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

FIGURE(TIME, time_ns, "time", "of requests, arrival to reply")
FIGURE(REQUESTS, requests, "requests", "how many")
FIGURE(FAILURES, failures, "errors", "of them, those that failed")
FIGURE(READ, read_bytes, "read", "bytes, as the replies to READ say")
FIGURE(WRITTEN, written_bytes, "written", "bytes, as the replies to WRITE say")

#undef FIGURE
