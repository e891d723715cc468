/*
 * Reading a segment: map it, copy it consistently, check every byte of the
 * copy that will be used.
 *
 * The image is private memory and has the layout of latency_format.h. Once
 * segment_read() has accepted it, every line number in it leads to a complete
 * thing inside it that shares no line with another, lists end, strings are
 * terminated, and frames name layers and ops that the tables describe. In
 * every node, count is the sum of the buckets and min <= avg <= max: one in
 * the middle of whose update the writer died has been made whole, the call
 * being counted if its bucket was.
 *
 * What is under way in it, the nodes with a begun and the flights, was so at
 * one moment, now_ns. Of a process that is not alive nothing is. In an image
 * begun is CLOCK_MONOTONIC in ns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_READER_H
#define SEGMENT_READER_H

#include "latency_error.h"
#include "segment_image.h"

enum segment_state {
	SEGMENT_GOOD,
	SEGMENT_UNFINISHED,		/* being made: nothing is counted */
	SEGMENT_GONE,			/* removed in the meantime */
	SEGMENT_BAD,			/* *error says why; errno is 0 if it
					 * is what is in the file */
};

/* Reads the segment `name` in directory dir. Fills *image if SEGMENT_GOOD. */
enum segment_state segment_read(int dir, const char *name,
				struct segment_image *image,
				struct latency_error *error);

/* The same with the files that its slots list: up to 32 KiB a slot. */
enum segment_state segment_read_files(int dir, const char *name,
				      struct segment_image *image,
				      struct latency_error *error);

#endif
