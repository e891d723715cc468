/*
 * In the place of the configured one: op_table.c is compiled for every version.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
