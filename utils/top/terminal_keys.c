/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdint.h>
#include <string.h>

#include <curses.h>
#include <term.h>

#include "escape.h"
#include "terminal_keys.h"
#include "top_keys.h"

#define LEARNT 32u

/* What all terminals of today send in one of their modes. */
static const struct sequence {
	const char *bytes;
	int key;
} usual[] = {
	{ "\033[A", TOP_KEY_UP }, { "\033OA", TOP_KEY_UP },
	{ "\033[B", TOP_KEY_DOWN }, { "\033OB", TOP_KEY_DOWN },
	{ "\033[C", TOP_KEY_RIGHT }, { "\033OC", TOP_KEY_RIGHT },
	{ "\033[D", TOP_KEY_LEFT }, { "\033OD", TOP_KEY_LEFT },
	{ "\033[H", TOP_KEY_HOME }, { "\033OH", TOP_KEY_HOME },
	{ "\033[F", TOP_KEY_END }, { "\033OF", TOP_KEY_END },
	{ "\033[1~", TOP_KEY_HOME }, { "\033[4~", TOP_KEY_END },
	{ "\033[5~", TOP_KEY_PAGE_UP }, { "\033[6~", TOP_KEY_PAGE_DOWN },
	{ "\033[Z", TOP_KEY_BACK_TAB }, { "\033OM", TOP_KEY_ENTER },
	{ "\r", TOP_KEY_ENTER }, { "\n", TOP_KEY_ENTER },
	{ "\t", TOP_KEY_TAB }, { "\177", TOP_KEY_BACKSPACE },
	{ "\b", TOP_KEY_BACKSPACE },
};

static struct sequence learnt[LEARNT];
static unsigned learnt_count;

void terminal_keys_learn(void)
{
	static const struct sequence names[] = {
		{ "kcuu1", TOP_KEY_UP }, { "kcud1", TOP_KEY_DOWN },
		{ "kcub1", TOP_KEY_LEFT }, { "kcuf1", TOP_KEY_RIGHT },
		{ "kpp", TOP_KEY_PAGE_UP }, { "knp", TOP_KEY_PAGE_DOWN },
		{ "khome", TOP_KEY_HOME }, { "kend", TOP_KEY_END },
		{ "kbs", TOP_KEY_BACKSPACE }, { "kcbt", TOP_KEY_BACK_TAB },
		{ "kent", TOP_KEY_ENTER },
	};
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *bytes = tigetstr(names[i].bytes);

		if (bytes != NULL && bytes != (char *)-1 && bytes[0] != '\0' &&
		    learnt_count < LEARNT) {
			learnt[learnt_count++] = (struct sequence){
				bytes, names[i].key };
		}
	}
}

/* ------------------------------- decoding -------------------------------- */

struct match {
	int key;
	size_t taken;			/* 0: none is whole */
	bool begun;			/* one may become whole */
};

static void match_with(struct match *m, const struct sequence *list,
		       unsigned count, const char *bytes, size_t length)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		size_t size = strlen(list[i].bytes);

		if (size <= length && size > m->taken &&
		    memcmp(list[i].bytes, bytes, size) == 0) {
			m->taken = size;
			m->key = list[i].key;
		} else if (size > length &&
			   memcmp(list[i].bytes, bytes, length) == 0) {
			m->begun = true;
		}
	}
}

/* Bytes of a sequence that nobody knows: ESC [ parameters letter. */
static size_t unknown_sequence(const char *bytes, size_t length)
{
	size_t i = 2;

	if (length < 2 || (bytes[1] != '[' && bytes[1] != 'O')) {
		return 0;
	}
	while (i < length && bytes[i] >= 0x20 && bytes[i] < 0x40) {
		i++;
	}
	return i < length ? i + 1 : length;
}

static int character(const char *bytes, size_t length, bool all, size_t *taken)
{
	char copy[5] = "";
	uint32_t code;
	unsigned size;
	unsigned char first = (unsigned char)bytes[0];
	size_t wanted = first < 0xc0 ? 1 : first < 0xe0 ? 2 :
		first < 0xf0 ? 3 : 4;

	if (wanted > length && !all) {
		*taken = 0;
		return TOP_KEY_NONE;
	}
	memcpy(copy, bytes, length < wanted ? length : wanted);
	size = utf8_decode(copy, &code);
	*taken = size != 0 ? size : 1;
	return size != 0 ? (int)code : TOP_KEY_NONE;
}

int terminal_key_decode(const char *bytes, size_t length, bool all,
			size_t *taken)
{
	struct match m = { .key = TOP_KEY_NONE };

	match_with(&m, usual, sizeof(usual) / sizeof(usual[0]), bytes, length);
	match_with(&m, learnt, learnt_count, bytes, length);
	if (m.taken != 0) {
		*taken = m.taken;
		return m.key;
	}
	if (m.begun && !all) {
		*taken = 0;
		return TOP_KEY_NONE;
	}
	if (bytes[0] == '\033') {
		*taken = unknown_sequence(bytes, length);
		if (*taken != 0) {
			return TOP_KEY_NONE;
		}
		*taken = 1;
		return TOP_KEY_ESCAPE;
	}
	return character(bytes, length, all, taken);
}
