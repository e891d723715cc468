/*
 * A trace as Chrome's trace event format, which Perfetto's UI and
 * chrome://tracing open.
 *
 * A track is a thread of the format: what is on one must nest. So requests of a
 * process that overlap are on several, each with its ops within, and async ops,
 * which overlap with anything, on tracks of their own. Where nanoseconds made
 * of ticks overlap by one or two, an op is cut to what it is in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "error_name.h"
#include "json_put.h"
#include "time_ns.h"
#include "trace_view.h"

/* The format has doubles: small numbers keep their nanoseconds. */
#define BEFORE_NS (86400ull * NS_PER_S)
#define ASYNC_TRACK 1000u	/* number of the first one */
#define DEPTHS 258

struct track {
	uint32_t pid;
	unsigned number;
	uint64_t end_ns;		/* of what is on it so far */
};

static struct track *tracks;
static unsigned track_count;
static uint64_t base_ns, latest_ns;
static bool any;

struct span {
	uint64_t begin_ns, end_ns;
};

static void next(void)
{
	puts(any ? "," : "");
	any = true;
}

static void begin(void)
{
	any = false;
	latest_ns = 0;
	base_ns = clock_read_ns(CLOCK_REALTIME) - BEFORE_NS;
	printf("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"base_ns\":"
	       "\"%llu\"},\"traceEvents\":[", (unsigned long long)base_ns);
}

static void put_us(const char *key, uint64_t ns)
{
	printf(",\"%s\":%llu.%03u", key, (unsigned long long)(ns / 1000),
	       (unsigned)(ns % 1000));
}

/* --------------------------------- tracks -------------------------------- */

static void name_it(const char *what, uint32_t pid, unsigned number,
		    const char *name)
{
	next();
	printf("{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%u,\"tid\":%u,"
	       "\"args\":{\"name\":", what, pid, number);
	json_put_text(name);
	fputs("}}", stdout);
}

/* It is called after its client, the first that it is seen to serve. */
static void name_process(const struct trace_group *g)
{
	const struct latency_slot_key *key = &g->slot->key;
	char name[sizeof(key->user) + sizeof(key->client) + 32];
	unsigned i;

	for (i = 0; i < track_count; i++) {
		if (tracks[i].pid == g->pid) {
			return;
		}
	}
	snprintf(name, sizeof(name), "smbd %u: %s@%s", g->pid, key->user,
		 key->client);
	name_it("process_name", g->pid, 0, name);
}

/* A track on which the span has room; 0: no memory. */
static unsigned track_of(uint32_t pid, unsigned first, struct span span)
{
	unsigned i, number = first;
	struct track *more;
	char name[32];

	for (i = 0; i < track_count; i++) {
		struct track *t = &tracks[i];

		if (t->pid != pid ||
		    (t->number >= ASYNC_TRACK) != (first >= ASYNC_TRACK)) {
			continue;
		}
		if (span.begin_ns >= t->end_ns) {
			t->end_ns = span.end_ns;
			return t->number;
		}
		number++;
	}
	more = realloc(tracks, (track_count + 1) * sizeof(*tracks));
	if (more == NULL) {
		return 0;
	}
	tracks = more;
	tracks[track_count++] = (struct track){ pid, number, span.end_ns };
	snprintf(name, sizeof(name), "%s %u",
		 first >= ASYNC_TRACK ? "async" : "requests",
		 number - first + 1);
	name_it("thread_name", pid, number, name);
	return number;
}

/* --------------------------------- slices -------------------------------- */

static struct span span_of(const struct latency_event *e)
{
	struct span span = { 0, 0 };

	if (e->begun_ns > base_ns) {
		span.begin_ns = e->begun_ns - base_ns;
	}
	if (e->begun_ns + e->duration_ns > base_ns) {
		span.end_ns = e->begun_ns + e->duration_ns - base_ns;
	}
	if (span.end_ns < span.begin_ns) {
		span.end_ns = span.begin_ns;
	}
	return span;
}

static struct span cut(struct span span, struct span around)
{
	if (span.begin_ns < around.begin_ns) {
		span.begin_ns = around.begin_ns;
	}
	if (span.begin_ns > around.end_ns) {
		span.begin_ns = around.end_ns;
	}
	if (span.end_ns > around.end_ns) {
		span.end_ns = around.end_ns;
	}
	if (span.end_ns < span.begin_ns) {
		span.end_ns = span.begin_ns;
	}
	return span;
}

static void put_slice(const struct trace_group *g,
		      const struct trace_event *event, struct span span,
		      unsigned track)
{
	const struct latency_event *e = &event->e;
	bool is_request = e->kind == LATENCY_EVENT_REQUEST;
	char number[ERROR_NUMBER];

	next();
	fputs("{\"ph\":\"X\",\"name\":", stdout);
	json_put_text(event->name);
	printf(",\"cat\":\"%s\",\"pid\":%u,\"tid\":%u",
	       is_request ? "request" : event->async ? "async" : "op",
	       g->pid, track);
	put_us("ts", span.begin_ns);
	put_us("dur", span.end_ns - span.begin_ns);
	printf(",\"args\":{\"depth\":%u", is_request ? 0u : e->depth);
	json_put_number("number", e->number);
	json_put_number("duration_ns", e->duration_ns);
	json_put_name("error", e->error == 0 ? "" :
		      error_name(e->error, number));
	json_put_name("path", g->path);
	json_put_name("share", g->slot->key.share);
	json_put_number("bytes", e->bytes);
	if (is_request) {
		json_put_number("message_id", e->message_id);
		json_put_number("pending_ns", e->pending_ns);
	} else {
		json_put_name("layer", event->layer);
		if (e->offset != LATENCY_TRACE_UNKNOWN) {
			json_put_number("offset", e->offset);
		}
	}
	fputs("}}", stdout);
	latest_ns = span.end_ns > latest_ns ? span.end_ns : latest_ns;
}

/* From its first event to its last, async ops left out. */
static struct span extent(const struct trace_group *g)
{
	struct span all = { UINT64_MAX, 0 };
	unsigned i;

	if (g->has_request) {
		return span_of(&g->request.e);
	}
	for (i = 0; i < g->count; i++) {
		struct span span = span_of(&g->op[i].e);

		if (!g->op[i].async) {
			all.begin_ns = span.begin_ns < all.begin_ns ?
				span.begin_ns : all.begin_ns;
			all.end_ns = span.end_ns > all.end_ns ?
				span.end_ns : all.end_ns;
		}
	}
	return all;
}

/* The ops of a track, an outer one before those within. */
static void put_ops(const struct trace_group *g, struct span all,
		    unsigned track)
{
	struct span around[DEPTHS];
	unsigned depth = 0, i;

	around[0] = all;
	for (i = 0; i < g->count; i++) {
		const struct trace_event *op = &g->op[i];
		struct span span = span_of(&op->e);

		if (op->async) {
			continue;
		}
		/* Left are those around it. */
		while (depth > 0 && around[depth].end_ns <= span.begin_ns + 2 &&
		       around[depth].end_ns < span.end_ns) {
			depth--;
		}
		span = cut(span, around[depth]);
		put_slice(g, op, span, track);
		/* What comes next to it does not begin before its end. */
		around[depth].begin_ns = span.end_ns;
		if (depth + 1 < DEPTHS) {
			around[++depth] = span;
		}
	}
}

static void group(const struct trace_group *g)
{
	struct span all = extent(g), span;
	unsigned i, track;

	trace_group_sort(g);
	name_process(g);
	if (all.begin_ns <= all.end_ns) {
		track = track_of(g->pid, 1, all);
		if (g->has_request) {
			put_slice(g, &g->request, all, track);
		}
		put_ops(g, all, track);
	}
	for (i = 0; i < g->count; i++) {
		if (g->op[i].async) {
			span = span_of(&g->op[i].e);
			put_slice(g, &g->op[i], span,
				  track_of(g->pid, ASYNC_TRACK, span));
		}
	}
}

static void lost(uint32_t pid, uint64_t events)
{
	next();
	printf("{\"ph\":\"i\",\"s\":\"p\",\"name\":\"%llu events lost\","
	       "\"pid\":%u,\"tid\":1", (unsigned long long)events, pid);
	put_us("ts", latest_ns);
	putchar('}');
}

static void end(void)
{
	puts("\n]}");
	free(tracks);
	tracks = NULL;
	track_count = 0;
}

const struct trace_view trace_perfetto = { begin, group, lost, end };
