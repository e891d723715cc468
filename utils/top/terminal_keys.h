/*
 * The keys that a terminal sends, as characters or as sequences of bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TERMINAL_KEYS_H
#define TERMINAL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

/* Asks terminfo, after setupterm(), what this terminal's keys send. */
void terminal_keys_learn(void);

/*
 * The first key in these bytes, see top_keys.h, and how many of them it takes;
 * TOP_KEY_NONE for bytes that are none. Takes 0 bytes if more are needed. all:
 * nothing more will come.
 */
int terminal_key_decode(const char *bytes, size_t length, bool all,
			size_t *taken);

#endif
