/*
 * What the kernel says of a process at this moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PROCESS_STATE_H
#define PROCESS_STATE_H

#include <sys/types.h>

struct process_state {
	char state;			/* as in proc(5); '?': not known */
	char wait_channel[64];		/* kernel function; "": none, unknown */
	long system_call;		/* its number; -1: in none, unknown */
};

void process_state_read(pid_t pid, struct process_state *state);

/* "running", "stopped", ...; "?" if it is not known. */
const char *process_state_name(char state);

#endif
