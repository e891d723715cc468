/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "departed_place.h"
#include "history_counts.h"
#include "history_thin.h"

/* Keys that stay as they are, and shares that have others of their own. */
#define OWN 5u
#define SHARES 5u

/* At most so many intervals at once: more than are recorded meanwhile. */
#define AT_ONCE "8"

/* A key of the interval that is thinned. */
struct thin_key {
	uint32_t number;
	uint32_t into;			/* number of the key it is added to */
	struct latency_slot_key key;
	uint64_t ns;			/* that its requests took */
	struct thin_share *share;	/* NULL: stays as it is */
};

/* Those of a share, with the same modules, that do not stay as they are. */
struct thin_share {
	const struct latency_slot_key *key; /* of any of them */
	uint64_t ns;
	unsigned count;
	bool in_last;
};

/* What counts under a key that others are added to. */
struct thin_sum {
	uint32_t number;
	uint64_t tree_connects;
	struct path_sums sums;
};

struct thinning {
	struct history_db *db;
	const struct history_paths *paths;
	struct thin_key *keys;		/* by ns to choose, else by number */
	unsigned count;
	unsigned room;
	struct thin_share *shares;
	unsigned share_count;
	struct thin_sum sum[SHARES + 1]; /* of shares, and of all others */
	unsigned sum_count;
	struct history_counts counts;	/* that are stored instead */
};

/* ------------------------------- what there is --------------------------- */

static bool note_key(void *private_data, uint32_t number,
		     uint64_t tree_connects, struct path_sums *sums,
		     struct latency_error *error)
{
	struct thinning *t = private_data;
	struct thin_key *k;
	uint32_t i;

	(void)tree_connects;
	if (t->count == t->room) {
		unsigned room = t->room * 2 + 64;

		k = realloc(t->keys, room * sizeof(*k));
		if (k == NULL) {
			error_set(error, "out of memory");
			return false;
		}
		t->keys = k;
		t->room = room;
	}
	k = &t->keys[t->count++];
	*k = (struct thin_key){ .number = number, .into = number };
	for (i = 0; i < sums->count; i++) {
		const struct history_path *path =
			history_path(t->paths, sums->used[i]);

		if (path->parent == 0 && path->root >= 0) {
			k->ns += sums->sum[sums->used[i]]->total_ns;
		}
	}
	return history_key(t->db, number, &k->key, error);
}

/* ----------------------------- who stays apart --------------------------- */

/* The busiest first; what are others already, last. */
static int compare_keys(const void *a, const void *b)
{
	const struct thin_key *x = a, *y = b;
	bool x_others = departed_is_others(&x->key);
	bool y_others = departed_is_others(&y->key);

	if (x_others != y_others) {
		return x_others ? 1 : -1;
	}
	if (x->ns != y->ns) {
		return x->ns > y->ns ? -1 : 1;
	}
	return x->number < y->number ? -1 : x->number > y->number;
}

static int compare_shares(const void *a, const void *b)
{
	const struct thin_share *x = *(struct thin_share *const *)a;
	const struct thin_share *y = *(struct thin_share *const *)b;

	return x->ns > y->ns ? -1 : x->ns < y->ns;
}

static struct thin_share *share_of(struct thinning *t,
				   const struct latency_slot_key *key)
{
	unsigned i;

	for (i = 0; i < t->share_count; i++) {
		if (departed_share_same(t->shares[i].key, key)) {
			return &t->shares[i];
		}
	}
	t->shares[t->share_count] = (struct thin_share){ .key = key };
	return &t->shares[t->share_count++];
}

/* All but the busiest are of their shares, and of these not all by name. */
static bool choose(struct thinning *t)
{
	struct thin_share **order;
	unsigned i;

	qsort(t->keys, t->count, sizeof(*t->keys), compare_keys);
	t->shares = calloc(t->count, sizeof(*t->shares));
	order = calloc(t->count, sizeof(*order));
	if (t->shares == NULL || order == NULL) {
		free(order);
		return false;
	}
	for (i = OWN; i < t->count; i++) {
		struct thin_key *k = &t->keys[i];

		k->share = share_of(t, &k->key);
		k->share->ns += k->ns;
		k->share->count++;
	}
	for (i = 0; i < t->share_count; i++) {
		order[i] = &t->shares[i];
	}
	qsort(order, t->share_count, sizeof(*order), compare_shares);
	for (i = SHARES; i < t->share_count; i++) {
		order[i]->in_last = true;
	}
	free(order);
	return true;
}

/* The key that one is added to. Returns false with *error. */
static bool set_into(struct thinning *t, struct thin_key *k,
		     struct latency_error *error)
{
	struct latency_slot_key others = k->key;

	if (k->share == NULL || (k->share->count == 1 && !k->share->in_last)) {
		return true;
	}
	departed_name(&others, k->share->in_last ? DEPARTED_LAST :
		      DEPARTED_IN_SHARE);
	k->into = history_key_number(t->db, &others, error);
	return k->into != 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const struct thin_key *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* ------------------------------- what is left ---------------------------- */

/* Where to add what goes into a key; NULL if that key has only its own. */
static struct thin_sum *sum_of(struct thinning *t, uint32_t number)
{
	unsigned i;

	for (i = 0; i < t->sum_count; i++) {
		if (t->sum[i].number == number) {
			return &t->sum[i];
		}
	}
	return NULL;
}

/* Prepares a sum for each key that others are added to. */
static bool make_sums(struct thinning *t)
{
	const unsigned most = sizeof(t->sum) / sizeof(t->sum[0]);
	unsigned i;

	for (i = 0; i < t->count; i++) {
		uint32_t into = t->keys[i].into;

		if (into == t->keys[i].number || sum_of(t, into) != NULL) {
			continue;
		}
		if (t->sum_count == most) {
			return false;
		}
		t->sum[t->sum_count++].number = into;
	}
	return true;
}

static bool move_key(void *private_data, uint32_t number,
		     uint64_t tree_connects, struct path_sums *sums,
		     struct latency_error *error)
{
	struct thinning *t = private_data;
	const struct thin_key wanted = { .number = number };
	const struct thin_key *k = bsearch(&wanted, t->keys, t->count,
					   sizeof(*k), compare_numbers);
	struct thin_sum *to = sum_of(t, k->into);
	uint32_t i;

	if (to == NULL) {
		return history_counts_add(&t->counts, number, tree_connects,
					  sums, error);
	}
	to->tree_connects += tree_connects;
	for (i = 0; i < sums->count; i++) {
		uint32_t path = sums->used[i];
		struct row_sum *sum = path_sums_at(&to->sums, path);

		if (sum == NULL) {
			error_set(error, "out of memory");
			return false;
		}
		row_sum_add(sum, sums->sum[path]);
	}
	return true;
}

static bool replace(struct thinning *t, const struct history_interval *interval,
		    struct latency_error *error)
{
	unsigned i;

	qsort(t->keys, t->count, sizeof(*t->keys), compare_numbers);
	if (!make_sums(t)) {
		error_set(error, "%s is damaged: interval %lld has too many "
			  "keys", t->db->name, (long long)interval->id);
		return false;
	}
	if (!history_counts_visit(t->db, t->paths, interval, 1, move_key, t,
				  error)) {
		return false;
	}
	for (i = 0; i < t->sum_count; i++) {
		if (!history_counts_add(&t->counts, t->sum[i].number,
					t->sum[i].tree_connects,
					&t->sum[i].sums, error)) {
			return false;
		}
	}
	return history_run_with(t->db, "DELETE FROM counts WHERE id >= ?1 << 16"
				" AND id < (?1 + 1) << 16", interval->id,
				error) &&
		history_counts_store(&t->counts, t->db, interval->id, error);
}

static void release(struct thinning *t)
{
	unsigned i;

	for (i = 0; i < t->sum_count; i++) {
		path_sums_free(&t->sum[i].sums);
	}
	history_counts_free(&t->counts);
	free(t->shares);
	free(t->keys);
}

static bool thin_one(struct history_db *db, const struct history_paths *paths,
		     const struct history_interval *interval,
		     struct latency_error *error)
{
	struct thinning t = { .db = db, .paths = paths };
	unsigned i;
	bool ok;

	ok = history_counts_visit(db, paths, interval, 1, note_key, &t, error);
	if (ok && t.count > OWN + SHARES + 1) {
		ok = choose(&t);
		if (!ok) {
			error_set(error, "out of memory");
		}
		for (i = 0; ok && i < t.count; i++) {
			ok = set_into(&t, &t.keys[i], error);
		}
		ok = ok && replace(&t, interval, error);
	}
	release(&t);
	return ok && history_run_with(db, "UPDATE interval SET thin = 1 WHERE "
				      "id = ?1", interval->id, error);
}

bool history_thin(struct history_db *db, const struct history_paths *paths,
		  uint64_t old_ns, struct latency_error *error)
{
	const int64_t parameters[] = { (int64_t)old_ns };
	struct history_interval *intervals;
	unsigned i, count;
	bool ok = true;

	if (!history_intervals(db, "level = 0 AND parent != 0 AND thin = 0 AND "
			       "end_ns < ? ORDER BY id LIMIT " AT_ONCE,
			       parameters, 1, &intervals, &count, error)) {
		return false;
	}
	for (i = 0; ok && i < count; i++) {
		ok = thin_one(db, paths, &intervals[i], error);
	}
	free(intervals);
	return ok;
}
