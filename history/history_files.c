/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "history_column.h"
#include "history_files.h"

#define FIGURES ((int)HOT_FIGURE_END)	/* columns of a sum */

#define MIDDLE "begin_ns + (end_ns - begin_ns) / 2"

/* A key of these steps. */
struct read_key {
	sqlite3_int64 number;
	bool wanted;
	unsigned group;
	struct latency_slot_key key;
};

struct reading {
	struct history_db *db;
	const struct filter *filter;
	struct hot_files *files;
	struct read_key *keys;		/* by number */
	unsigned key_count;
	uint64_t from_ns, to_ns;
	struct latency_error *error;
};

/* For a statement that knows from (?1) and to (?2). */
static struct sqlite3_stmt *in_span(const struct reading *r, const char *text)
{
	struct sqlite3_stmt *s = history_prepare(r->db, text, r->error);

	if (s != NULL) {
		sqlite3_bind_int64(s, 1, (sqlite3_int64)r->from_ns);
		sqlite3_bind_int64(s, 2, (sqlite3_int64)r->to_ns);
	}
	return s;
}

/* Which steps there are. */
static bool read_span(struct reading *r, struct history_files_span *span)
{
	struct sqlite3_stmt *s = in_span(
		r, "SELECT count(*), min(begin_ns), max(end_ns) FROM file_step "
		"WHERE " MIDDLE " >= ?1 AND " MIDDLE " < ?2");
	bool failed = s == NULL;

	if (!failed && history_next(r->db, s, &failed, r->error)) {
		span->steps = (unsigned)sqlite3_column_int(s, 0);
		span->begin_ns = (uint64_t)sqlite3_column_int64(s, 1);
		span->end_ns = (uint64_t)sqlite3_column_int64(s, 2);
	}
	sqlite3_finalize(s);
	return !failed;
}

/* Makes the time that of the step of which most is in it, if there is one. */
static bool take_nearest(struct reading *r)
{
	struct sqlite3_stmt *s = in_span(
		r, "SELECT begin_ns, end_ns FROM file_step WHERE end_ns > ?1 "
		"AND begin_ns < ?2 ORDER BY min(end_ns, ?2) - "
		"max(begin_ns, ?1) DESC LIMIT 1");
	bool failed = s == NULL;

	if (!failed && history_next(r->db, s, &failed, r->error)) {
		r->from_ns = (uint64_t)sqlite3_column_int64(s, 0);
		r->to_ns = (uint64_t)sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return !failed;
}

/* The figures from this column on. Returns false if they make no sense. */
static bool take_sum(struct sqlite3_stmt *s, int first,
		     struct latency_file_sum *sum)
{
	bool ok = true;

#define FIGURE(NAME, field, word, doc) \
	sum->field = (uint64_t)sqlite3_column_int64(s, first++); \
	ok = ok && sum->field <= INT64_MAX;
#include "latency_figures.h"
	return ok;
}

static bool makes_no_sense(const struct reading *r, sqlite3_int64 key)
{
	error_set(r->error, "%s: files of key %lld make no sense", r->db->name,
		  (long long)key);
	return false;
}

static bool no_memory(const struct reading *r)
{
	error_set(r->error, "out of memory");
	return false;
}

static bool is_wanted(const struct filter *f,
		      const struct latency_slot_key *key)
{
	return filter_name(f->share, key->share, sizeof(key->share)) &&
		filter_name(f->user, key->user, sizeof(key->user)) &&
		filter_name(f->client, key->client, sizeof(key->client));
}

/* What is told apart of a key. */
static struct hot_file names_of(const struct hot_files *f, struct read_key *k)
{
	return (struct hot_file){
		.share = k->key.share,
		.user = f->by & BY(BY_USER) ? k->key.user : NULL,
		.client = f->by & BY(BY_CLIENT) ? k->key.client : NULL,
		.group = k->group,
	};
}

static struct read_key *add_key(struct reading *r, struct sqlite3_stmt *s)
{
	struct read_key *k = realloc(r->keys, (r->key_count + 1) * sizeof(*k));

	if (k == NULL) {
		return NULL;
	}
	r->keys = k;
	k += r->key_count++;
	memset(k, 0, sizeof(*k));
	k->number = sqlite3_column_int64(s, 0);
	history_column_name(s, 1, k->key.share, sizeof(k->key.share));
	history_column_name(s, 2, k->key.user, sizeof(k->key.user));
	history_column_name(s, 3, k->key.client, sizeof(k->key.client));
	k->wanted = is_wanted(r->filter, &k->key);
	return k;
}

/* A key, and what of it is not stored by file. */
static bool take_rest(struct reading *r, struct sqlite3_stmt *s)
{
	struct hot_files *f = r->files;
	struct read_key *k = add_key(r, s);
	struct latency_file_sum others, most, unknown;
	struct hot_group *group;
	struct hot_file names;

	if (k == NULL) {
		return no_memory(r);
	}
	if (!take_sum(s, 4, &others) || !take_sum(s, 4 + FIGURES, &most) ||
	    !take_sum(s, 4 + 2 * FIGURES, &unknown)) {
		return makes_no_sense(r, k->number);
	}
	if (!k->wanted) {
		return true;
	}
	names = names_of(f, k);
	group = hot_group_of(f, &names);
	if (group == NULL) {
		return no_memory(r);
	}
	k->group = (unsigned)(group - f->groups);
	hot_sum_add(&group->most, &most);
	hot_sum_add(&group->dropped, &others);
	hot_sum_add(&group->unknown, &unknown);
	hot_sum_add(&f->dropped, &others);
	hot_sum_add(&f->all, &others);
	hot_sum_add(&f->unknown, &unknown);
	return true;
}

static bool read_rest(struct reading *r)
{
	struct sqlite3_stmt *s = in_span(
		r, "SELECT k.id, share, user, client"
#define FIGURE(NAME, field, word, doc) ", sum(others_" #field ")"
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) ", sum(most_" #field ")"
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) ", sum(unknown_" #field ")"
#include "latency_figures.h"
		" FROM file_step AS t CROSS JOIN file_rest AS r ON "
		"r.step = t.id JOIN key AS k ON k.id = r.key WHERE "
		MIDDLE " >= ?1 AND " MIDDLE " < ?2 "
		"GROUP BY k.id ORDER BY k.id");
	bool failed = s == NULL;

	while (!failed && history_next(r->db, s, &failed, r->error)) {
		failed = !take_rest(r, s);
	}
	sqlite3_finalize(s);
	return !failed;
}

static bool take_file(struct reading *r, struct read_key *k,
		      struct sqlite3_stmt *s)
{
	struct hot_files *f = r->files;
	struct hot_file names = names_of(f, k), *file;
	struct latency_file_sum sum, missed, most;
	char path[sizeof(((struct latency_file *)NULL)->path)];

	history_column_name(s, 1, path, sizeof(path));
	names.path = path;
	names.cut = sqlite3_column_int(s, 2) != 0;
	names.hash = (uint64_t)sqlite3_column_int64(s, 3);
	if (!take_sum(s, 4, &sum) || !take_sum(s, 4 + FIGURES, &missed) ||
	    !take_sum(s, 4 + 2 * FIGURES, &most)) {
		return makes_no_sense(r, k->number);
	}
	file = hot_file_of(f, &names);
	if (file == NULL) {
		return no_memory(r);
	}
	hot_sum_add(&file->sum, &sum);
	hot_sum_add(&file->missed, &missed);
	hot_sum_add(&file->most_where_listed, &most);
	hot_sum_add(&f->all, &sum);
	return true;
}

/*
 * Files come by key, as the keys do. CROSS: first the steps, or all files there
 * are would be looked at.
 */
static bool read_stored(struct reading *r)
{
	struct sqlite3_stmt *s = in_span(
		r, "SELECT f.key, path, cut, hash"
#define FIGURE(NAME, field, word, doc) ", sum(" #field ")"
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) ", sum(missed_" #field ")"
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) ", sum(most_" #field ")"
#include "latency_figures.h"
		" FROM file_step AS t CROSS JOIN file AS f ON f.step = t.id "
		"JOIN file_rest AS r ON r.step = t.id AND r.key = f.key "
		"WHERE " MIDDLE " >= ?1 AND " MIDDLE " < ?2 "
		"GROUP BY f.key, path, cut, hash "
		"ORDER BY f.key, path, cut, hash");
	bool failed = s == NULL;
	unsigned i = 0;

	while (!failed && history_next(r->db, s, &failed, r->error)) {
		sqlite3_int64 key = sqlite3_column_int64(s, 0);

		while (i < r->key_count && r->keys[i].number < key) {
			i++;
		}
		if (i < r->key_count && r->keys[i].number == key &&
		    r->keys[i].wanted) {
			failed = !take_file(r, &r->keys[i], s);
		}
	}
	sqlite3_finalize(s);
	return !failed;
}

bool history_files_read(struct history_db *db, uint64_t from_ns, uint64_t to_ns,
			const struct filter *filter, unsigned by,
			struct hot_files *files,
			struct history_files_span *span,
			struct latency_error *error)
{
	struct reading r = {
		.db = db, .filter = filter, .files = files, .from_ns = from_ns,
		.to_ns = to_ns, .error = error,
	};
	bool ok;

	memset(span, 0, sizeof(*span));
	memset(files, 0, sizeof(*files));
	files->by = by;
	ok = read_span(&r, span);
	if (ok && span->steps == 0) {
		ok = take_nearest(&r) && read_span(&r, span);
	}
	ok = ok && read_rest(&r) && read_stored(&r);
	free(r.keys);
	if (!ok) {
		hot_files_free(files);
		return false;
	}
	hot_files_bound(files);
	return true;
}
