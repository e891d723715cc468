/*
 * The files that matter most to a slot, as its process counts them; struct
 * latency_files says what the figures mean.
 *
 * This is the Space-Saving algorithm (Metwally, Agrawal, El Abbadi, 2005). A
 * file that is not listed takes over the weight of the one whose place it
 * takes, so that it stays for long enough to show what it is. One weight stands
 * for time, requests and bytes, each in terms of time by what it costs on
 * average. So with n places no file with more than 3/n of the time, the
 * requests or the bytes is ever missing, and where few files have most of it,
 * far smaller ones are there.
 *
 * This file must not know: what a request is, and whose path it counts.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FILE_WRITER_H
#define FILE_WRITER_H

#include "segment_image.h"
#include "slot_writer.h"

/*
 * Counts a request for the file of this path, "" if that is not known. Leaves
 * errno alone. Where there is no room nothing is listed, or counted.
 */
void files_count(struct slot_writer *s, const char *path,
		 const struct latency_file_sum *use);

/*
 * Adds what a slot of an image lists. The departed have many slots, and list at
 * most LATENCY_FILES_MERGED each. Returns false, and adds nothing, if there is
 * no room for a list: then files_drop() adds it where there is one.
 */
#define LATENCY_FILES_MERGED 64u

bool files_merge(struct slot_writer *s, const struct segment_image *image,
		 const struct latency_slot *slot);

/* Makes an empty list, if there is none; false: no room. */
bool files_make(struct slot_writer *s);

/* Adds all of it to what the list of s has dropped. */
void files_drop(struct slot_writer *s, const struct segment_image *image,
		const struct latency_slot *slot);

#endif
