/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "asked_files.h"

/* To open, to ask and to close once a second is often enough for anybody. */
#define PER_SECOND 3.0
#define PER_USE 3.0			/* to open, to use, to close */

static double seconds(const struct account *a)
{
	return (double)a->report->running_for_ns / 1e9 + 1;
}

static bool is_of(const struct connection *c, const struct hot_file *file)
{
	return c->wanted && !c->departed && c->requests != 0 &&
		strcmp(c->user, file->user) == 0 &&
		strcmp(c->client, file->client) == 0;
}

/* Requests of all connections of the client of a file. */
struct of_client {
	double requests;
	double useful;			/* for a listing, or for a change */
};

static struct of_client of_client(const struct account *a,
				  const struct hot_file *file)
{
	struct of_client sum = { .requests = 0 };
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		const struct connection *c = &a->connection[i];

		if (is_of(c, file)) {
			sum.requests += (double)c->requests;
			sum.useful += PER_USE * (double)(
				c->asked.count[SMB2_OP_QUERY_DIRECTORY] +
				c->asked.changes);
		}
	}
	return sum;
}

/*
 * How many requests for this file only asked what had been asked before; those
 * that fail are of another kind. Where data was moved it may have changed; a
 * directory may just be large, so that listing it once takes many; and any file
 * may be what the client changed.
 */
static double repeated(const struct account *a, const struct hot_file *file)
{
	double found = (double)(file->sum.requests - file->sum.failures);
	double requests = found - PER_SECOND * seconds(a);

	if (file->sum.read_bytes != 0 || file->sum.written_bytes != 0 ||
	    requests <= 0) {
		return 0;
	}
	requests -= of_client(a, file).useful;
	return requests > 0 ? requests : 0;
}

/* From one kind to another; it has no more than it has. */
static void take(struct spared *from, double requests)
{
	double part = from->requests == 0 ? 0 :
		requests / (double)from->requests;

	part = part < 1 ? part : 1;
	from->requests -= (uint64_t)(part * (double)from->requests);
	from->total_ns -= (uint64_t)(part * (double)from->total_ns);
}

/* What a request takes that opens, asks or closes. */
static double question_ns(const struct asked *a)
{
	static const unsigned asks[] = {
		SMB2_OP_CREATE, SMB2_OP_GETINFO, SMB2_OP_CLOSE,
	};
	double ns = 0, count = 0;
	unsigned i;

	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		ns += (double)a->total_ns[asks[i]];
		count += (double)a->count[asks[i]];
	}
	return count > 0 ? ns / count : 0;
}

/* So many requests for a file, which did not fail, could be spared. */
static void spare_requests(struct account *a, const struct hot_file *file,
			   enum spare kind, double requests)
{
	double all = of_client(a, file).requests;
	unsigned i;

	for (i = 0; i < a->connections && all > 0; i++) {
		struct connection *c = &a->connection[i];
		double of = requests * (double)c->requests / all;

		if (is_of(c, file)) {
			c->spare[kind].requests += (uint64_t)of;
			c->spare[kind].total_ns += (uint64_t)(
				of * question_ns(&c->asked));
			take(&c->spare[SPARE_QUESTION], of);
		}
	}
}

static bool is_stream(const struct hot_file *file)
{
	return strchr(file->path, ':') != NULL;
}

/*
 * Of names that are not there, the part that are streams: what is listed stands
 * for what is not.
 */
static void streams_missing(const struct account *a, struct connection *c)
{
	struct spared *missing = &c->spare[SPARE_MISSING];
	struct spared *streams = &c->spare[SPARE_STREAM];
	double of_streams = 0, all = 0, part;
	unsigned i;

	for (i = 0; i < a->files.count && missing->requests != 0; i++) {
		const struct hot_file *file = &a->files.file[i];

		if (file->sum.failures != 0 && is_of(c, file)) {
			all += (double)file->sum.failures;
			of_streams += is_stream(file) ?
				(double)file->sum.failures : 0;
		}
	}
	part = all > 0 ? of_streams / all : 0;
	streams->requests += (uint64_t)((double)missing->requests * part);
	streams->total_ns += (uint64_t)((double)missing->total_ns * part);
	take(missing, (double)missing->requests * part);
}

void asked_files(struct account *a)
{
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		streams_missing(a, &a->connection[i]);
	}
	for (i = 0; i < a->files.count; i++) {
		const struct hot_file *file = &a->files.file[i];

		if (is_stream(file)) {
			/* As far as they are listed. */
			spare_requests(a, file, SPARE_STREAM, (double)(
				file->sum.requests - file->sum.failures));
		} else {
			spare_requests(a, file, SPARE_REPEATED,
				       repeated(a, file));
		}
	}
}

const struct hot_file *asked_most_repeated(const struct account *a)
{
	const struct hot_file *most = NULL;
	double most_often = 0;
	unsigned i;

	for (i = 0; i < a->files.count; i++) {
		const struct hot_file *file = &a->files.file[i];
		double again = is_stream(file) ? 0 : repeated(a, file);

		if (again > most_often) {
			most_often = again;
			most = file;
		}
	}
	return most;
}
