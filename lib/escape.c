/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"

#define ESCAPE 4		/* the length of \xNN */

unsigned utf8_decode(const char *s, uint32_t *code)
{
	const unsigned char *c = (const unsigned char *)s;
	unsigned i, length;

	if (c[0] < 0x80) {
		*code = c[0];
		return 1;
	}
	if (c[0] < 0xc2 || c[0] > 0xf4) {
		return 0;
	}
	length = c[0] >= 0xf0 ? 4 : c[0] >= 0xe0 ? 3 : 2;
	*code = c[0] & (0x7fu >> length);
	for (i = 1; i < length; i++) {
		/* The NUL at the end of the text is none of these either. */
		if ((c[i] & 0xc0) != 0x80) {
			return 0;
		}
		*code = *code << 6 | (c[i] & 0x3f);
	}
	if ((length == 3 && *code < 0x800) ||
	    (length == 4 && *code < 0x10000) || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000)) {
		return 0;
	}
	return length;
}

/* May this character be shown as it is? */
static bool harmless(uint32_t code)
{
	return code >= 0x20 && code != 0x7f &&
		(code < 0x80 || code >= 0xa0) && /* C1 controls */
		code != 0xad && code != 0x61c && code != 0x180e &&
		/* directions, zero width */
		(code < 0x200b || code > 0x200f) &&
		(code < 0x2028 || code > 0x202e) &&
		(code < 0x2060 || code > 0x206f) && code != 0xfeff &&
		(code < 0xfff9 || code > 0xfffb) &&
		/* tags: letters that nobody sees */
		(code < 0xe0000 || code > 0xe007f);
}

bool is_escape(const char *backslash)
{
	return backslash[0] == '\\' && backslash[1] == 'x' &&
		isxdigit((unsigned char)backslash[2]) &&
		isxdigit((unsigned char)backslash[3]);
}

/* Bytes at s that need no escape; 0: at least the first one needs it. */
static unsigned plain(const char *s)
{
	uint32_t code;
	unsigned length = utf8_decode(s, &code);

	return length != 0 && harmless(code) && !is_escape(s) ? length : 0;
}

/* Bytes at s that are escaped together: no half character is ever shown. */
static unsigned escaped(const char *s)
{
	uint32_t code;
	unsigned length = utf8_decode(s, &code);

	return length != 0 ? length : 1;
}

void escape_text_to(char *to, size_t size, const char *text)
{
	while (*text != '\0') {
		unsigned length = plain(text);
		unsigned i;

		if (length != 0) {
			if (length >= size) {
				break;
			}
			memcpy(to, text, length);
			to += length;
			size -= length;
			text += length;
			continue;
		}
		length = escaped(text);
		if ((size_t)length * ESCAPE >= size) {
			break;
		}
		for (i = 0; i < length; i++) {
			to += sprintf(to, "\\x%02x", (unsigned char)*text++);
		}
		size -= (size_t)length * ESCAPE;
	}
	if (size != 0) {
		*to = '\0';
	}
}

char *escape_text(const char *text)
{
	size_t size = strlen(text) * ESCAPE + 1;
	char *to = malloc(size);

	if (to != NULL) {
		escape_text_to(to, size, text);
	}
	return to;
}

void unescape_text(char *text)
{
	char *to = text;

	while (*text != '\0') {
		unsigned byte;

		if (is_escape(text) &&
		    sscanf(text + 2, "%2x", &byte) == 1 && byte != 0) {
			*to++ = (char)byte;
			text += ESCAPE;
		} else {
			*to++ = *text++;
		}
	}
	*to = '\0';
}
