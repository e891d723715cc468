/*
 * What is measured in each smbd, and since when.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

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
		puts("New smbds will record no slow operations.");
	} else if (control.slow_set) {
		printf("New smbds will record operations of %u ms and more as "
		       "slow.\n", control.slow_ms);
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

int command_status(const struct options *options, const char *const *words)
{
	pid_t pid = options->report.filter.pid;
	struct snapshot *snapshot, *baseline;
	struct latency_error error;
	char directory[4096];
	unsigned shown = 0;

	(void)words;
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
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
		return complain("no smbd with pid %d is measured", (int)pid);
	}
	if (options->output == OUTPUT_TEXT) {
		if (shown == 0) {
			puts("No smbd is being measured.");
		}
		print_inherited(directory);
	}
	return EXIT_OK;
}
