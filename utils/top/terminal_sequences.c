/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "terminal_sequences.h"

/* Padding, as in "\033[H$<5>", was for terminals that are slow. */
static void without_padding(char *text)
{
	char *pad;

	while ((pad = strstr(text, "$<")) != NULL) {
		char *end = strchr(pad, '>');

		if (end == NULL) {
			return;
		}
		memmove(pad, end + 1, strlen(end + 1) + 1);
	}
}

static void append(char to[TERMINAL_SEQUENCE], const char *text)
{
	size_t length = strlen(to);

	/* Half a sequence is worse than none. */
	if (text != NULL && length + strlen(text) < TERMINAL_SEQUENCE) {
		strcpy(to + length, text);
		without_padding(to);
	}
}

/* Adds what terminfo says of a capability. */
static void add(char to[TERMINAL_SEQUENCE], const char *capability)
{
	const char *text = tigetstr(capability);

	append(to, text != (char *)-1 ? text : NULL);
}

static void add_colour(char to[TERMINAL_SEQUENCE], int colour)
{
	const char *set = tigetstr("setaf");

	if (tigetnum("colors") >= 8 && set != NULL && set != (char *)-1) {
		append(to, tparm(set, colour));
	}
}

bool terminal_sequences_find(const char *name)
{
	int problem;

	return name != NULL && setupterm(name, STDOUT_FILENO, &problem) == OK;
}

static void learn_styles(char style[STYLES][TERMINAL_SEQUENCE])
{
	unsigned i;

	for (i = 1; i < STYLES; i++) {
		add(style[i], "sgr0");
	}
	add(style[BOLD], "bold");
	add(style[REVERSE], "rev");
	add(style[DIM], "dim");
	add(style[BAD], "bold");
	add_colour(style[BAD], COLOR_RED);
	add(style[NOTE], "bold");
	add_colour(style[NOTE], COLOR_YELLOW);
}

bool terminal_sequences_learn(struct terminal_sequences *s)
{
	const char *move = tigetstr("cup");

	memset(s, 0, sizeof(*s));
	add(s->enter, "smcup");
	add(s->enter, "smkx");
	add(s->enter, "civis");
	add(s->leave, "sgr0");
	add(s->leave, "cnorm");
	add(s->leave, "rmkx");
	add(s->clear, "clear");
	/* Where there is only one screen, nothing of ours stays on it. */
	add(s->leave, tigetstr("rmcup") != NULL &&
	    tigetstr("rmcup") != (char *)-1 ? "rmcup" : "clear");
	add(s->clear_line, "el");
	learn_styles(s->style);
	return move != NULL && move != (char *)-1 && s->clear[0] != '\0' &&
		s->clear_line[0] != '\0';
}

const char *terminal_sequence_move(char to[TERMINAL_SEQUENCE], unsigned line)
{
	to[0] = '\0';
	append(to, tparm(tigetstr("cup"), (int)line, 0));
	return to;
}
