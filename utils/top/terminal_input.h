/*
 * Keys as they are pressed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TERMINAL_INPUT_H
#define TERMINAL_INPUT_H

/*
 * The next key at standard input, see top_keys.h; TOP_KEY_NONE: none waits.
 * Whether ESC begins a sequence is known when nothing has followed it for a
 * moment.
 */
int terminal_key(void);

#endif
