/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process_state.h"

/* The beginning of /proc/PID/NAME as a string, "" if it cannot be read. */
static void read_proc(pid_t pid, const char *name, char *text, size_t size)
{
	char path[64];
	size_t length;
	FILE *f;

	text[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	f = fopen(path, "re");
	if (f == NULL) {
		return;
	}
	length = fread(text, 1, size - 1, f);
	text[length] = '\0';
	fclose(f);
}

void process_state_read(pid_t pid, struct process_state *state)
{
	char text[512], *end;

	state->state = '?';
	state->wait_channel[0] = '\0';
	state->system_call = -1;

	/* "pid (name) state ..."; the name may hold anything. */
	read_proc(pid, "stat", text, sizeof(text));
	end = strrchr(text, ')');
	if (end != NULL && end[1] == ' ' && end[2] != '\0') {
		state->state = end[2];
	}
	read_proc(pid, "wchan", text, sizeof(text));
	if (strcmp(text, "0") != 0) {
		snprintf(state->wait_channel, sizeof(state->wait_channel),
			 "%.*s", (int)sizeof(state->wait_channel) - 1, text);
	}
	/* "running", or the number and its arguments. */
	read_proc(pid, "syscall", text, sizeof(text));
	state->system_call = strtol(text, &end, 10);
	if (end == text) {
		state->system_call = -1;
	}
}

const char *process_state_name(char state)
{
	static const struct {
		char state;
		const char *name;
	} names[] = {
		{ 'R', "running" },
		{ 'S', "sleeping" },
		{ 'D', "waiting, uninterruptible" },
		{ 'T', "stopped" },
		{ 't', "stopped by a debugger" },
		{ 'Z', "dead" },
		{ 'X', "dead" },
		{ 'I', "idle" },
	};
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (names[i].state == state) {
			return names[i].name;
		}
	}
	return "?";
}
