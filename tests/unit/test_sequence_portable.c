/*
 * test_sequence with the part of sequence.h that is for other processors than
 * x86-64: it is compiled here with those that write and read nodes, in place of
 * the library's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define SEQUENCE_PORTABLE

#include "node_reader.c"
#include "node_writer.c"
#include "sequence.c"
#include "test_sequence.c"
