/*
 * The names of what a frame of a segment is of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FRAME_NAME_H
#define FRAME_NAME_H

#include "latency_format.h"

/* Name of an SMB2 opcode or of a root, by LATENCY_FRAME_OP; "?" if unknown. */
const char *root_name(unsigned op);

/* Name of what a frame of this segment is of: an op, an opcode, a root. */
const char *frame_name(const struct latency_header *h, uint16_t frame);

#endif
