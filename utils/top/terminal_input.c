/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "terminal_input.h"
#include "terminal_keys.h"
#include "top_keys.h"

#define ESCAPE_MS 50

static char waiting[256];		/* bytes that have come */
static size_t waiting_length;

/* Reads what is there, for so long. Returns false if nothing came. */
static bool read_more(int milliseconds)
{
	struct pollfd fd = { STDIN_FILENO, POLLIN, 0 };
	ssize_t got;

	if (waiting_length == sizeof(waiting) ||
	    poll(&fd, 1, milliseconds) <= 0) {
		return false;
	}
	got = read(STDIN_FILENO, waiting + waiting_length,
		   sizeof(waiting) - waiting_length);
	waiting_length += got > 0 ? (size_t)got : 0;
	return got > 0;
}

int terminal_key(void)
{
	int key = TOP_KEY_NONE;
	size_t taken;

	read_more(0);
	while (waiting_length != 0 && key == TOP_KEY_NONE) {
		key = terminal_key_decode(waiting, waiting_length, false,
					  &taken);
		if (taken == 0 && !read_more(ESCAPE_MS)) {
			key = terminal_key_decode(waiting, waiting_length,
						  true, &taken);
		}
		waiting_length -= taken;
		memmove(waiting, waiting + taken, waiting_length);
	}
	return key;
}
