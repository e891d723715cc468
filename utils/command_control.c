/*
 * Control of running smbds, in the manner of smbcontrol.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "commands.h"
#include "control.h"
#include "directory.h"

#define THRESHOLD_MAX 86400000u	/* ms: a day */

static bool parse_threshold(const char *word, struct control_change *change)
{
	char *end;
	unsigned long ms;

	*change = (struct control_change){ .set_slow = true };
	if (strcmp(word, "smb.conf") == 0) {
		change->slow_from_conf = true;
		return true;
	}
	errno = 0;
	ms = strtoul(word, &end, 10);
	change->slow_ms = (uint32_t)ms;
	return isdigit((unsigned char)word[0]) && *end == '\0' && errno == 0 &&
		ms <= THRESHOLD_MAX;
}

/* Makes the change in the target of the options: a pid, or 0 for all. */
static int change(const struct options *options,
		  const struct control_change *change)
{
	struct latency_error error;
	char directory[4096];

	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	if (!control_change(directory, options->report.filter.pid, change,
			    &error)) {
		return complain("%s", error.text);
	}
	return EXIT_OK;
}

int command_on(const struct options *options, const char *const *words)
{
	const struct control_change on = { .set_off = true, .off = false };

	(void)words;
	return change(options, &on);
}

int command_off(const struct options *options, const char *const *words)
{
	const struct control_change off = { .set_off = true, .off = true };

	(void)words;
	return change(options, &off);
}

int command_threshold(const struct options *options, const char *const *words)
{
	struct control_change threshold;

	if (words[0] == NULL || words[1] != NULL ||
	    !parse_threshold(words[0], &threshold)) {
		return wrong_usage("threshold takes whole milliseconds (at "
				   "most %u; 0: none is slow) or smb.conf, not "
				   "'%s'", THRESHOLD_MAX,
				   words[0] == NULL ? "" : words[1] == NULL ?
				   words[0] : words[1]);
	}
	return change(options, &threshold);
}

int command_reset(const struct options *options, const char *const *words)
{
	pid_t pid = options->report.filter.pid;
	struct latency_error error;
	char directory[4096];

	(void)words;
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	/* Where nothing was ever counted there is nothing to reset. */
	if (!baseline_reset(directory, pid, &error) &&
	    !(errno == ENOENT && pid == 0)) {
		return complain("%s", error.text);
	}
	return EXIT_OK;
}
