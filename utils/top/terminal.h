/*
 * The whole screen of a terminal, for as long as a program has it.
 *
 * Of ncurses this uses what it knows of terminals (terminfo), not its windows:
 * these write a large screen in several pieces, and cannot be left from a
 * signal handler. A frame is one write(), of the lines that have changed.
 *
 * Whatever ends the program, a crash included, the terminal is as it was
 * before; so it is while the program is stopped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "frame.h"
#include "latency_error.h"

/* Does the environment name a locale in UTF-8? */
bool terminal_is_utf8(void);

/*
 * Takes the terminal at standard input and output. Returns false with *error,
 * which says what is missing. To be called once.
 */
bool terminal_open(struct latency_error *error);
void terminal_close(void);

/* Its size now: columns and lines, at least 1. */
void terminal_size(unsigned *width, unsigned *height);

/* Shows a frame, and frees it later. Returns false if the terminal is gone. */
bool terminal_show(struct frame *frame);

enum terminal_event {
	TERMINAL_TIME,			/* the time has come */
	TERMINAL_KEY,			/* see terminal_input.h */
	TERMINAL_DRAW,			/* another size, or shown again */
	TERMINAL_END,			/* told to end, or gone */
};

/* Waits until CLOCK_MONOTONIC has reached the time, or for something else. */
enum terminal_event terminal_wait(uint64_t monotonic_ns);

#endif
