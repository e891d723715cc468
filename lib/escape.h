/*
 * Names and paths come from clients and may hold any byte. Escaped, they are
 * valid UTF-8 that does nothing to a terminal or a log:
 *
 * - A byte of a control character, of a mark that turns the direction of text
 *   or takes no room, or of what is not UTF-8 becomes \xNN.
 * - A backslash stays what it is, as in DOMAIN\user, unless what follows would
 *   make it read as such an escape: then it becomes \x5c.
 *
 * So every text has one escaped form, and unescape_text() leads back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ESCAPE_H
#define ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Escapes into `size` bytes, NUL included; what does not fit is left out. */
void escape_text_to(char *to, size_t size, const char *text);

/* The same into a string to be freed; NULL: no memory. */
char *escape_text(const char *text);

/* Takes the escapes out of a text, in place. */
void unescape_text(char *text);

/* Does this backslash begin \xNN? */
bool is_escape(const char *backslash);

/*
 * The UTF-8 character at s: its length in bytes and its code point. 0 if there
 * is none; then s[0] is a byte that cannot be decoded.
 */
unsigned utf8_decode(const char *s, uint32_t *code);

#endif
