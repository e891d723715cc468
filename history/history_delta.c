/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "frame_name.h"
#include "history_delta.h"
#include "name.h"
#include "snapshot_relate.h"
#include "subtract.h"

/* ------------------------------- relating -------------------------------- */

/* Was there a segment of this name that could not be read? */
static bool is_problem(const struct snapshot *s, const char *name)
{
	size_t length = strlen(name);
	unsigned i;

	for (i = 0; i < s->problem_count; i++) {
		const char *text = s->problems[i].text;

		if (strncmp(text, name, length) == 0 && text[length] == ':') {
			return true;
		}
	}
	return false;
}

/* Gives the later snapshot what it could not read. */
static bool keep_unread(const struct snapshot *earlier, struct snapshot *later)
{
	unsigned i;

	for (i = 0; i < earlier->image_count; i++) {
		const struct segment_image *image = &earlier->images[i];
		struct segment_image copy, first;

		if (!is_problem(later, image->name)) {
			continue;
		}
		if (!segment_image_copy(image, &copy)) {
			return false;
		}
		memset(&copy.flights, 0, sizeof(copy.flights));
		if (!snapshot_add_image(later, &copy)) {
			segment_image_free(&copy);
			return false;
		}
		if (copy.header->kind == LATENCY_KIND_DEPARTED) {
			/* They are the first. */
			first = later->images[0];
			later->images[0] = copy;
			later->images[later->image_count - 1] = first;
		}
	}
	return true;
}

static bool has_process(const struct snapshot *s, uint64_t id)
{
	unsigned i;

	for (i = 0; i < s->image_count; i++) {
		if (s->images[i].header->kind == LATENCY_KIND_PROCESS &&
		    s->images[i].header->id == id) {
			return true;
		}
	}
	return false;
}

/*
 * Takes out what is counted nowhere any more. The departed say since when they
 * count: no later than all that they include.
 */
static bool drop_removed(struct snapshot *earlier, const struct snapshot *later)
{
	const struct segment_image *departed = snapshot_departed(later);
	unsigned i, kept = 0;
	bool removed = false;

	for (i = 0; i < earlier->image_count; i++) {
		struct segment_image *image = &earlier->images[i];
		const struct latency_header *h = image->header;

		if (h->start_realtime_ns == UINT64_MAX) {
			/* Departed that count nothing yet. */
			segment_image_free(image);
		} else if ((h->kind == LATENCY_KIND_PROCESS &&
		     has_process(later, h->id)) ||
		    (departed != NULL && departed->header->start_realtime_ns <=
		     h->start_realtime_ns)) {
			earlier->images[kept++] = *image;
		} else {
			removed = true;
			segment_image_free(image);
		}
	}
	earlier->image_count = kept;
	return removed;
}

bool history_relate(struct snapshot *earlier, struct snapshot *later,
		    bool *removed)
{
	if (!keep_unread(earlier, later)) {
		return false;
	}
	*removed = drop_removed(earlier, later);
	return snapshot_relate(earlier, later);
}

/* -------------------------------- sources -------------------------------- */

enum origin { LATER, EARLIER, RECORDED, ORIGINS };

/* A slot of one of the snapshots. */
struct source {
	enum origin origin;
	const struct segment_image *image;
	const struct latency_slot *slot;
};

struct delta {
	struct history_db *db;
	struct history_paths *paths;
	struct source *sources;		/* by key */
	unsigned count;
	struct path_sums sums[ORIGINS];
	history_key_visitor visitor;
	void *private_data;
	bool gone_back;
	struct latency_error *error;
};

static unsigned count_slots(const struct snapshot *s)
{
	unsigned i, count = 0;

	for (i = 0; s != NULL && i < s->image_count; i++) {
		count += s->images[i].header->slots;
	}
	return count;
}

static void add_sources(struct delta *d, const struct snapshot *s,
			enum origin origin, unsigned room)
{
	const struct latency_slot *slot;
	unsigned i;

	for (i = 0; s != NULL && i < s->image_count; i++) {
		for (slot = image_slot(&s->images[i], NULL);
		     slot != NULL && d->count < room;
		     slot = image_slot(&s->images[i], slot)) {
			d->sources[d->count++] = (struct source){
				.origin = origin,
				.image = &s->images[i],
				.slot = slot,
			};
		}
	}
}

static int compare_keys(const struct latency_slot_key *a,
			const struct latency_slot_key *b)
{
	int order = strcmp(a->share, b->share);

	order = order != 0 ? order : strcmp(a->user, b->user);
	order = order != 0 ? order : strcmp(a->client, b->client);
	return order != 0 ? order : strcmp(a->objects, b->objects);
}

static int compare(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	return compare_keys(&x->slot->key, &y->slot->key);
}

/* -------------------------------- adding --------------------------------- */

static void path_of(const struct latency_header *h,
		    const struct latency_node *node, uint32_t parent,
		    struct history_path *path)
{
	unsigned layer = LATENCY_FRAME_LAYER(node->frame);
	unsigned op = LATENCY_FRAME_OP(node->frame);

	memset(path, 0, sizeof(*path));
	path->parent = parent;
	path->root = layer == 0 ? (int)op : -1;
	path->async = (node->frame & LATENCY_FRAME_ASYNC) != 0;
	strncpy(path->op, frame_name(h, node->frame), sizeof(path->op) - 1);
	if (layer != 0) {
		strncpy(path->layer, h->layer[layer].name,
			sizeof(path->layer) - 1);
		path->error_class = h->op[op].error_class;
	}
}

/* The number of the path of node i; the paths above it are asked for first. */
static uint32_t path_number(struct history_db *db, struct history_paths *paths,
			    const struct segment_image *image,
			    const struct latency_slot *slot, uint32_t i,
			    uint32_t *number, struct latency_error *error)
{
	const struct latency_node *node = image_node(image, slot, i);
	struct history_path path;
	uint32_t parent = 0;

	if (number[i] != 0) {
		return number[i];
	}
	if (node->parent != LATENCY_NODE_TOP) {
		parent = path_number(db, paths, image, slot, node->parent,
				     number, error);
		if (parent == 0) {
			return 0;
		}
	}
	path_of(image->header, node, parent, &path);
	number[i] = history_path_number(db, paths, &path, error);
	return number[i];
}

bool history_add_slot(struct history_db *db, struct history_paths *paths,
		      const struct segment_image *image,
		      const struct latency_slot *slot,
		      struct path_sums *sums, struct latency_error *error)
{
	uint32_t number[LATENCY_MAX_NODES] = { 0 };
	uint32_t i;

	for (i = LATENCY_NODE_OVERFLOW; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		struct row_sum *sum;

		if (node->count == 0 && node->untimed == 0) {
			continue;
		}
		if (path_number(db, paths, image, slot, i, number, error) ==
		    0) {
			return false;
		}
		sum = path_sums_at(sums, number[i]);
		if (sum == NULL) {
			error_set(error, "out of memory");
			return false;
		}
		image_node_add(image, node, sum);
	}
	return true;
}

/* Is any counter less than it was? */
static bool is_less(const struct row_sum *sum, const struct row_sum *earlier)
{
	unsigned i;

#define IS_LESS(counter) \
	if (sum->counter < earlier->counter) { \
		return true; \
	}
	ROW_COUNTERS(IS_LESS)
#undef IS_LESS
	for (i = 0; i < HIST_BUCKETS; i++) {
		if (sum->histogram[i] < earlier->histogram[i]) {
			return true;
		}
	}
	for (i = 0; i < SIZE_BUCKETS; i++) {
		if (sum->sizes[i] < earlier->sizes[i]) {
			return true;
		}
	}
	return false;
}

/* Takes away from the later sums of a key what was there before. */
static bool subtract(struct delta *d)
{
	const struct path_sums *recorded = &d->sums[RECORDED];
	struct path_sums *earlier = &d->sums[EARLIER];
	bool was_recorded = recorded->count != 0;
	uint32_t i;

	for (i = 0; i < recorded->count; i++) {
		uint32_t path = recorded->used[i];
		struct row_sum *sum = path_sums_at(earlier, path);

		if (sum == NULL) {
			return false;
		}
		row_sum_add(sum, recorded->sum[path]);
	}
	for (i = 0; i < earlier->count; i++) {
		uint32_t path = earlier->used[i];
		const struct row_sum *before = earlier->sum[path];
		struct row_sum *sum = path_sums_find(&d->sums[LATER], path);

		if (sum == NULL || is_less(sum, before)) {
			d->gone_back = true;
			if (sum != NULL && was_recorded) {
				row_sum_init(sum);
			}
		} else {
			row_sum_subtract(sum, before);
		}
	}
	return true;
}

static bool has_counted(const struct path_sums *sums)
{
	uint32_t i;

	for (i = 0; i < sums->count; i++) {
		const struct row_sum *sum = sums->sum[sums->used[i]];

		if (sum->count != 0 || sum->untimed != 0) {
			return true;
		}
	}
	return false;
}

/* The sources from `first` on, before `end`, which have the same key. */
static bool add_key(struct delta *d, unsigned first, unsigned end)
{
	uint64_t connects[ORIGINS] = { 0 };
	uint32_t key;
	unsigned i;

	for (i = 0; i < ORIGINS; i++) {
		path_sums_clear(&d->sums[i]);
	}
	for (i = first; i < end; i++) {
		const struct source *s = &d->sources[i];

		connects[s->origin] += s->slot->tree_connects;
		if (!history_add_slot(d->db, d->paths, s->image, s->slot,
				      &d->sums[s->origin], d->error)) {
			return false;
		}
	}
	if (!subtract(d)) {
		error_set(d->error, "out of memory");
		return false;
	}
	subtract_from(&connects[LATER], connects[EARLIER]);
	subtract_from(&connects[LATER], connects[RECORDED]);
	if (connects[LATER] == 0 && !has_counted(&d->sums[LATER])) {
		return true;
	}
	key = history_key_number(d->db, &d->sources[first].slot->key,
				 d->error);
	return key != 0 && d->visitor(d->private_data, key, connects[LATER],
				      &d->sums[LATER], d->error);
}

static bool add_keys(struct delta *d)
{
	unsigned first, end;

	for (first = 0; first < d->count; first = end) {
		for (end = first + 1; end < d->count &&
		     slot_key_same(&d->sources[end].slot->key,
				   &d->sources[first].slot->key); end++) {
		}
		if (!add_key(d, first, end)) {
			return false;
		}
	}
	return true;
}

bool history_delta(struct history_db *db, struct history_paths *paths,
		   const struct snapshot *later,
		   const struct snapshot *earlier,
		   const struct snapshot *recorded,
		   history_key_visitor visitor, void *private_data,
		   bool *gone_back, struct latency_error *error)
{
	unsigned room = count_slots(later) + count_slots(earlier) +
		count_slots(recorded);
	struct delta d = {
		.db = db,
		.paths = paths,
		.sources = calloc(room + 1, sizeof(*d.sources)),
		.visitor = visitor,
		.private_data = private_data,
		.error = error,
	};
	unsigned i;
	bool ok;

	if (d.sources == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	add_sources(&d, later, LATER, room);
	add_sources(&d, earlier, EARLIER, room);
	add_sources(&d, recorded, RECORDED, room);
	qsort(d.sources, d.count, sizeof(*d.sources), compare);
	ok = add_keys(&d);
	*gone_back = d.gone_back;
	for (i = 0; i < ORIGINS; i++) {
		path_sums_free(&d.sums[i]);
	}
	free(d.sources);
	return ok;
}
