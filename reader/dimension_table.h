/*
 * THE table of dimensions: by what counters can be summed.
 *
 * From a row come the number BY_NAME, the name for --by and for titles, the
 * key of JSON, and the label of metrics. Define DIMENSION, then include this
 * file; it is undefined at the end.
 *
 *   DIMENSION(NAME, name, tables, label, useful)
 *	name	a field of struct node_names of table_add.c, which fills it in
 *	tables	IN_ALL, or IN_OPS: requests do not have it
 *	label	1: --by may make it a label of metrics
 *	useful	so many columns of a long name mostly tell it from others
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

DIMENSION(SHARE, share, IN_ALL, 1, 16)
DIMENSION(USER, user, IN_ALL, 1, 16)
/* An IPv4 address; of an IPv6 one the end is shown. */
DIMENSION(CLIENT, client, IN_ALL, 1, 15)
/* The pid, or "departed". */
DIMENSION(PROCESS, process, IN_ALL, 0, 8)
DIMENSION(LAYER, layer, IN_OPS, 1, 10)
/* SMB2 opcode or another root of the context tree; QUERY_DIRECTORY */
DIMENSION(REQUEST, request, IN_ALL, 1, 15)
/* get_real_filename_at */
DIMENSION(OP, op, IN_OPS, 1, 20)

#undef DIMENSION
