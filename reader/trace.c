/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "segment_dir.h"
#include "time_ns.h"
#include "trace.h"

#define LOOK_NS 100000000u	/* how often new smbds are looked for */

struct refused {
	char name[64];
};

struct trace {
	int dir;
	struct trace_drain *drain;
	struct trace_filter filter;
	struct trace_listener listener;
	struct trace_source **source;
	unsigned count, answered;
	uint64_t look_ns;		/* when it is due */
	struct refused *refused;	/* segments that make no sense */
	unsigned refused_count;
};

/* --------------------------------- filter -------------------------------- */

static bool wanted(const struct trace_filter *f, const struct trace_event *e)
{
	return e->e.duration_ns >= f->longer_ns &&
		trace_filter_name(f, e->name,
				  e->e.kind == LATENCY_EVENT_REQUEST);
}

static void take_group(const struct trace_group *group, void *private_data)
{
	struct trace *trace = private_data;
	const struct trace_filter *f = &trace->filter;
	struct trace_group part = *group;
	unsigned i;

	if (!filter_slot(&f->filter, group->slot) ||
	    !trace_filter_path(f, group->path)) {
		return;
	}
	part.has_request = group->has_request && wanted(f, &group->request);
	part.count = 0;
	/* The ops are the group's own, and not needed any more. */
	for (i = 0; i < group->count; i++) {
		if (wanted(f, &group->op[i])) {
			part.op[part.count++] = group->op[i];
		}
	}
	if (part.has_request || part.count != 0) {
		trace->listener.group(&part, trace->listener.private_data);
	}
}

static void take_loss(uint32_t pid, uint64_t events, void *private_data)
{
	struct trace *trace = private_data;

	trace->listener.lost(pid, events, trace->listener.private_data);
}

/* -------------------------------- processes ------------------------------ */

static bool is_known(const struct trace *trace, const char *name)
{
	unsigned i;

	for (i = 0; i < trace->count; i++) {
		if (strcmp(trace_source_name(trace->source[i]), name) == 0) {
			return true;
		}
	}
	for (i = 0; i < trace->refused_count; i++) {
		if (strcmp(trace->refused[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

/* It is not looked at again. */
static void refuse(struct trace *trace, const char *name)
{
	unsigned count = trace->refused_count;
	struct refused *more = realloc(trace->refused,
				       (count + 1) * sizeof(*more));

	if (more != NULL) {
		trace->refused = more;
		memset(&more[count], 0, sizeof(*more));
		strncpy(more[count].name, name, sizeof(more->name) - 1);
		trace->refused_count = count + 1;
	}
}

static bool add(struct trace *trace, const char *name,
		struct latency_error *error)
{
	const struct trace_listener listener = {
		.group = take_group,
		.lost = take_loss,
		.private_data = trace,
	};
	struct trace_source **more;
	struct trace_source *source;

	source = trace_source_open(trace->dir, name, trace->drain, &listener,
				   error);
	if (source == NULL) {
		if (error->text[0] == '\0') {
			return true;
		}
		refuse(trace, name);
		return false;
	}
	more = realloc(trace->source, (trace->count + 1) * sizeof(*more));
	if (more == NULL) {
		trace_source_close(source);
		error_set(error, "out of memory");
		return false;
	}
	trace->source = more;
	more[trace->count++] = source;
	return true;
}

/* Asks all to go on, and those that are new to begin. */
static bool look(struct trace *trace, uint64_t now_ns,
		 struct latency_error *error)
{
	struct dirent *e;
	bool ok = true;
	unsigned i;
	DIR *d;

	trace->look_ns = now_ns + LOOK_NS;
	for (i = 0; i < trace->count; i++) {
		trace_source_ask(trace->source[i]);
	}
	d = segment_dir_list(trace->dir);
	if (d == NULL) {
		error_set(error, "cannot list the segments: %s",
			  strerror(errno));
		return false;
	}
	while (ok && (e = readdir(d)) != NULL) {
		pid_t pid = segment_name_pid(e->d_name);
		pid_t only = trace->filter.filter.pid;

		if (pid != 0 && (only == 0 || pid == only) &&
		    strlen(e->d_name) < sizeof(struct refused) &&
		    !is_known(trace, e->d_name)) {
			ok = add(trace, e->d_name, error);
		}
	}
	closedir(d);
	return ok;
}

/* --------------------------------- public -------------------------------- */

struct trace *trace_start(const char *directory,
			  const struct trace_filter *filter,
			  const struct trace_listener *listener,
			  struct latency_error *error)
{
	struct trace *trace = calloc(1, sizeof(*trace));

	if (trace == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	trace->filter = *filter;
	trace->listener = *listener;
	trace->dir = segment_dir_open(directory, false, error);
	if (trace->dir == -1) {
		free(trace);
		return NULL;
	}
	if (faccessat(trace->dir, ".", W_OK, AT_EACCESS) != 0) {
		error_set(error, "%s: cannot write, and a trace is asked for "
			  "in each segment: %s", directory, strerror(errno));
		close(trace->dir);
		free(trace);
		return NULL;
	}
	trace->drain = trace_drain_start(error);
	if (trace->drain == NULL) {
		close(trace->dir);
		free(trace);
		errno = EAGAIN;
		return NULL;
	}
	return trace;
}

bool trace_read(struct trace *trace, struct latency_error *error)
{
	uint64_t now_ns = clock_read_ns(CLOCK_MONOTONIC);
	unsigned i;

	if (now_ns >= trace->look_ns && !look(trace, now_ns, error)) {
		return false;
	}
	for (i = 0; i < trace->count; i++) {
		struct trace_source *source = trace->source[i];
		bool answered = trace_source_answers(source);

		if (trace_source_read(source, error)) {
			trace->answered += !answered &&
				trace_source_answers(source);
			continue;
		}
		trace->source[i--] = trace->source[--trace->count];
		if (error->text[0] != '\0') {
			refuse(trace, trace_source_name(source));
			trace_source_close(source);
			return false;
		}
		trace_source_close(source);
	}
	return true;
}

unsigned trace_processes(const struct trace *trace)
{
	return trace->count;
}

unsigned trace_answers(const struct trace *trace)
{
	return trace->answered;
}

void trace_end(struct trace *trace)
{
	while (trace->count != 0) {
		trace_source_close(trace->source[--trace->count]);
	}
	trace_drain_stop(trace->drain);
	free(trace->source);
	free(trace->refused);
	close(trace->dir);
	free(trace);
}
