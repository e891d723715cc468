/*
 * Control of running smbds, in the manner of smbcontrol.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "baseline.h"
#include "columns.h"
#include "commands.h"
#include "control.h"
#include "directory.h"
#include "json_value.h"
#include "segment_dir.h"
#include "since_reset.h"

#define THRESHOLD_MAX 86400000u	/* ms: a day */

/* -------------------------------- status --------------------------------- */

static unsigned connected(const struct segment_image *image)
{
	const struct latency_slot *slot;
	unsigned count = 0;

	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		count += slot->connected != 0;
	}
	return count;
}

static void print_time(uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	char text[64];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	printf("  %s", text);
}

static void print_status(const struct segment_image *image, uint64_t since)
{
	const struct latency_header *h = image->header;
	char cell[CELL];

	printf("%7u  %-6s", h->pid, h->control.off ? "no" : "yes");
	print_time(since);
	printf("%6zu KiB%7u  %-5s", image->size / 1024, connected(image),
	       h->tsc ? "tsc" : "clock");
	if (!h->control.slow_set) {
		printf("%9s", "smb.conf");
	} else if (h->control.slow_ms == 0) {
		printf("%9s", "never");
	} else {
		snprintf(cell, sizeof(cell), "%u ms", h->control.slow_ms);
		printf("%9s", cell);
	}
	printf("%11s\n", cell_count(cell, h->unmeasured, 10));
}

static void print_status_json(const struct segment_image *image,
			      uint64_t since)
{
	const struct latency_header *h = image->header;
	json_t *object = json_object();

	json_set(object, "pid", h->pid);
	json_object_set_new(object, "measures",
			    json_boolean(h->control.off == 0));
	json_object_set_new(object, "since", json_timestamp(since));
	json_set(object, "memory_bytes", image->size);
	json_set(object, "memory_used_bytes",
		 (uint64_t)h->used * LATENCY_LINE);
	json_set(object, "connected_trees", connected(image));
	json_object_set_new(object, "clock", json_string(
		h->tsc ? "tsc" : "clock_gettime"));
	json_object_set_new(object, "threshold_ms", h->control.slow_set ?
			    json_integer(h->control.slow_ms) : json_null());
	json_set(object, "unmeasured", h->unmeasured);
	json_object_set_new(object, "samba_version",
			    json_text(h->samba_version));
	json_object_set_new(object, "module_version",
			    json_text(h->module_version));
	json_print(object, stdout);
}

/* What smbds to come will do, if that is not what smb.conf says. */
static void print_inherited(const char *directory)
{
	struct latency_control control = { .off = 0 };
	struct latency_error ignored;
	int dir = segment_dir_open(directory, false, &ignored);

	if (dir == -1) {
		return;
	}
	control_inherit(dir, &control);
	close(dir);
	if (control.off) {
		puts("New smbds will not measure until \"smblatency-stat all "
		     "on\".");
	}
	if (control.slow_set && control.slow_ms == 0) {
		puts("To new smbds no operation is slow.");
	} else if (control.slow_set) {
		printf("To new smbds an operation of %u ms is slow.\n",
		       control.slow_ms);
	}
}

static unsigned print_all(const struct options *options,
			  const struct snapshot *snapshot,
			  const struct snapshot *baseline, pid_t pid)
{
	bool json = options->output == OUTPUT_JSON;
	unsigned i, shown = 0;

	for (i = 0; i < snapshot->image_count; i++) {
		const struct segment_image *image = &snapshot->images[i];
		uint64_t since;

		if (image->header->kind != LATENCY_KIND_PROCESS ||
		    !image->owned ||
		    (pid != 0 && (pid_t)image->header->pid != pid)) {
			continue;
		}
		if (shown++ == 0 && !json) {
			printf("%7s  %-6s  %-19s%10s%7s  %-5s%9s%11s\n", "PID",
			       "Counts", "Since", "Memory", "Trees",
			       "Clock", "Slow", "Uncounted");
		}
		since = baseline == NULL ? image->header->start_realtime_ns :
			baseline_image_since(image, baseline);
		if (json) {
			print_status_json(image, since);
		} else {
			print_status(image, since);
		}
	}
	return shown;
}

static int status(const struct options *options, const char *directory,
		  pid_t pid)
{
	struct snapshot *snapshot, *baseline;
	struct latency_error error;
	unsigned shown = 0;

	snapshot = since_reset_visit(directory, NULL, NULL, &baseline,
				     &error);
	if (snapshot == NULL && errno != ENOENT) {
		return complain("%s", error.text);
	}
	if (snapshot != NULL) {
		print_problems(snapshot);
		shown = print_all(options, snapshot, baseline, pid);
		snapshot_free(baseline);
		snapshot_free(snapshot);
	}
	if (shown == 0 && pid != 0) {
		return complain("no smbd of pid %d is measured", (int)pid);
	}
	if (options->output == OUTPUT_TEXT) {
		if (shown == 0) {
			puts("No smbd is measured now.");
		}
		print_inherited(directory);
	}
	return EXIT_OK;
}

/* ------------------------------- the command ----------------------------- */

static bool parse_threshold(const char *word, struct control_change *change)
{
	char *end;
	unsigned long ms;

	change->set_slow = true;
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

/* Is this word there, with so many words behind it? */
static bool is(const char *const *words, const char *word, unsigned behind)
{
	unsigned i;

	if (strcmp(words[0], word) != 0) {
		return false;
	}
	for (i = 1; words[i] != NULL; i++) {
		;
	}
	return i - 1 == behind;
}

static int change_all(const char *directory, pid_t pid,
		      const struct control_change *change)
{
	struct latency_error error;

	if (!control_change(directory, pid, change, &error)) {
		return complain("%s", error.text);
	}
	return EXIT_OK;
}

static int reset(const char *directory, pid_t pid)
{
	struct latency_error error;

	/* Where nothing was ever counted there is nothing to reset. */
	if (!baseline_reset(directory, pid, &error) &&
	    !(errno == ENOENT && pid == 0)) {
		return complain("%s", error.text);
	}
	return EXIT_OK;
}

int command_control(const struct options *options, const char *target,
		    const char *const *words)
{
	struct control_change change = { .set_off = false };
	pid_t pid = (pid_t)atol(target);	/* 0 for all and smbd */
	char directory[4096];
	enum { CHANGE, RESET, STATUS } what = CHANGE;

	if (words[0] == NULL) {
		return wrong_usage("what about %s: on, off, reset, threshold "
				   "MS or status?", target);
	}
	if (is(words, "on", 0) || is(words, "off", 0)) {
		change.set_off = true;
		change.off = strcmp(words[0], "off") == 0;
	} else if (is(words, "threshold", 1)) {
		if (!parse_threshold(words[1], &change)) {
			return wrong_usage("threshold wants whole milliseconds "
					   "(up to %u; 0: none is slow) or "
					   "smb.conf, not '%s'", THRESHOLD_MAX,
					   words[1]);
		}
	} else if (is(words, "reset", 0)) {
		what = RESET;
	} else if (is(words, "status", 0)) {
		what = STATUS;
	} else {
		return wrong_usage("not one of on, off, reset, threshold MS "
				   "and status: '%s%s%s'", words[0],
				   words[1] != NULL ? " " : "",
				   words[1] != NULL ? words[1] : "");
	}
	if (geteuid() != 0) {
		return complain("must be run as root, like smbcontrol");
	}
	if (!directory_find(options->segments, options->configfile, directory,
			    sizeof(directory))) {
		return EXIT_FAILED;
	}
	switch (what) {
	case RESET:
		return reset(directory, pid);
	case STATUS:
		return status(options, directory, pid);
	default:
		return change_all(directory, pid, &change);
	}
}
