/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame_name.h"
#include "in_flight.h"
#include "segment_dir.h"
#include "segment_reader.h"

/* What an image is gathered into. */
struct gathering {
	struct in_flight_list *list;
	const struct filter *filter;
	const struct segment_image *image;
	unsigned first;			/* entry of this image */
};

static uint64_t age(const struct segment_image *image, uint64_t begun_ns)
{
	return begun_ns < image->now_ns ? image->now_ns - begun_ns : 0;
}

static void set_name(char to[32], const char *name)
{
	strncpy(to, name, 31);
	to[31] = '\0';
}

/* A new entry at the end of the list; NULL: no memory. */
static struct in_flight *append(struct gathering *g, uint64_t begun_ns,
				const struct latency_slot *slot)
{
	struct in_flight_list *list = g->list;
	struct in_flight *e = realloc(list->entry,
				      (list->count + 1) * sizeof(*e));

	if (e == NULL) {
		return NULL;
	}
	list->entry = e;
	e += list->count++;
	memset(e, 0, sizeof(*e));
	e->begun_ns = begun_ns;
	e->age_ns = age(g->image, begun_ns);
	e->pid = g->image->header->pid;
	e->slow_set = g->image->header->control.slow_set != 0;
	e->slow_ms = g->image->header->control.slow_ms;
	if (slot != NULL) {
		e->key = slot->key;
	}
	return e;
}

static void add_op(const struct segment_image *image, struct in_flight *e,
		   uint16_t frame, uint64_t begun_ns, bool async)
{
	struct in_flight_op *op = &e->op[e->op_count];

	if (e->op_count == IN_FLIGHT_OPS) {
		return;
	}
	e->op_count++;
	set_name(op->op, frame_name(image->header, frame));
	strcpy(op->layer,
	       image->header->layer[LATENCY_FRAME_LAYER(frame)].name);
	op->age_ns = age(image, begun_ns);
	op->async = async;
}

static const struct latency_slot *slot_at(const struct segment_image *image,
					  uint32_t line)
{
	return line == 0 ? NULL : image_at(image, line);
}

static bool wanted(const struct filter *filter, const struct latency_slot *slot)
{
	static const struct latency_slot unknown;

	return filter_slot(filter, slot != NULL ? slot : &unknown);
}

/* -------------------------------- requests ------------------------------- */

static bool add_request(struct gathering *g,
			const struct latency_flight *flight)
{
	const struct latency_slot *slot = slot_at(g->image, flight->slot);
	struct in_flight *e;

	e = append(g, flight->begun_ns, slot);
	if (e == NULL) {
		return false;
	}
	e->is_request = true;
	set_name(e->request, flight->frame < LATENCY_OPCODES ?
		 root_name(flight->frame) : "?");
	e->message_id = flight->message_id;
	e->pending_ns = flight->pending_ns == 0 ? 0 :
		age(g->image, flight->pending_ns);
	strcpy(e->path, flight->path);
	return true;
}

/* Where the request of this number is among the flights, or NULL. */
static const struct latency_flight *request_of(const struct segment_image *i,
					       uint32_t number)
{
	const struct flight_list *list = &i->flights;
	unsigned n;

	for (n = 0; number != 0 && n < list->count; n++) {
		if (list->flight[n].number == number &&
		    LATENCY_FRAME_LAYER(list->flight[n].frame) == 0) {
			return &list->flight[n];
		}
	}
	return NULL;
}

/* Its entry, or NULL. All requests of the image come first, in order. */
static struct in_flight *entry_of(const struct gathering *g,
				  const struct latency_flight *request)
{
	const struct flight_list *list = &g->image->flights;
	const struct latency_flight *f;
	unsigned n = g->first;

	if (request == NULL) {
		return NULL;
	}
	for (f = list->flight; f != request; f++) {
		n += LATENCY_FRAME_LAYER(f->frame) == 0;
	}
	return &g->list->entry[n];
}

/* ---------------------------------- ops ---------------------------------- */

static bool add_async_op(struct gathering *g,
			 const struct latency_flight *flight)
{
	const struct latency_flight *request = request_of(g->image,
							  flight->request);
	struct in_flight *e;

	/* Its entry may be that of another one by now. */
	if (request != NULL && request->message_id != flight->message_id) {
		request = NULL;
	}
	e = entry_of(g, request);
	if (e == NULL) {
		e = append(g, flight->begun_ns,
			   slot_at(g->image, flight->slot));
		if (e == NULL) {
			return false;
		}
		set_name(e->request, root_name(LATENCY_ROOT_ASYNC));
		e->message_id = flight->message_id;
		strcpy(e->path, flight->path);
	}
	add_op(g->image, e, flight->frame, flight->begun_ns, true);
	return true;
}

/* Is a node with this parent the outermost op of those under way? */
static bool is_outermost(const struct latency_node *above)
{
	return LATENCY_FRAME_LAYER(above->frame) == 0;
}

/* The entry for the ops below a root of a slot; NULL: no memory. */
static struct in_flight *entry_of_root(struct gathering *g,
				       const struct latency_slot *slot,
				       const struct latency_node *root,
				       const struct latency_node *op)
{
	const struct segment_image *image = g->image;
	const struct latency_flight *request = request_of(
		image, image->flights.current);
	struct in_flight *e;

	if (request != NULL && request->frame == root->frame &&
	    slot_at(image, request->slot) == slot) {
		return entry_of(g, request);
	}
	e = append(g, op->begun, slot);
	if (e != NULL) {
		set_name(e->request, frame_name(image->header, root->frame));
	}
	return e;
}

/*
 * The synchronous ops under way in a slot. A node comes after the one above it,
 * so that they are met from the outermost on.
 */
static bool add_ops(struct gathering *g, const struct latency_slot *slot)
{
	const struct segment_image *image = g->image;
	unsigned current = UINT32_MAX;	/* entry of these ops */
	unsigned i;

	for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		const struct latency_node *above;

		if (node->begun == 0 || LATENCY_FRAME_LAYER(node->frame) == 0) {
			continue;
		}
		above = image_node(image, slot, node->parent);
		if (is_outermost(above) || current == UINT32_MAX) {
			struct in_flight *e = entry_of_root(g, slot, above,
							    node);

			if (e == NULL) {
				return false;
			}
			current = (unsigned)(e - g->list->entry);
		}
		add_op(image, &g->list->entry[current], node->frame,
		       node->begun, false);
	}
	return true;
}

/* ------------------------------- the whole ------------------------------- */

static bool gather(struct gathering *g)
{
	const struct flight_list *list = &g->image->flights;
	const struct latency_slot *slot;
	unsigned i;

	g->first = g->list->count;
	g->list->unlisted += list->unlisted;
	for (i = 0; i < list->count; i++) {
		if (LATENCY_FRAME_LAYER(list->flight[i].frame) == 0 &&
		    !add_request(g, &list->flight[i])) {
			return false;
		}
	}
	for (slot = image_slot(g->image, NULL); slot != NULL;
	     slot = image_slot(g->image, slot)) {
		if (!add_ops(g, slot)) {
			return false;
		}
	}
	for (i = 0; i < list->count; i++) {
		if (LATENCY_FRAME_LAYER(list->flight[i].frame) != 0 &&
		    !add_async_op(g, &list->flight[i])) {
			return false;
		}
	}
	return true;
}

/* Leaves only those of this image that are wanted. */
static void keep_wanted(struct gathering *g, uint64_t older_ns)
{
	struct in_flight_list *list = g->list;
	unsigned i, kept = g->first;

	for (i = g->first; i < list->count; i++) {
		struct latency_slot slot = { .key = list->entry[i].key };

		if (list->entry[i].age_ns >= older_ns &&
		    wanted(g->filter, &slot)) {
			list->entry[kept++] = list->entry[i];
		}
	}
	list->count = kept;
}

bool in_flight_add(struct in_flight_list *list,
		   const struct segment_image *image,
		   const struct filter *filter, uint64_t older_ns)
{
	struct gathering g = {
		.list = list, .filter = filter, .image = image,
	};
	bool ok = true;

	if (filter_image(filter, image)) {
		ok = gather(&g);
		keep_wanted(&g, older_ns);
	}
	return ok;
}

static bool read_segment(int dir, const char *name,
			 struct in_flight_list *list,
			 const struct filter *filter, uint64_t older_ns)
{
	struct segment_image image;
	struct latency_error problem;
	bool ok;

	switch (segment_read(dir, name, &image, &problem)) {
	case SEGMENT_GOOD:
		ok = in_flight_add(list, &image, filter, older_ns);
		segment_image_free(&image);
		return ok;
	case SEGMENT_BAD:
		return errors_add(&list->problems, &list->problem_count,
				  &problem);
	default:
		return true;
	}
}

static int compare(const void *a, const void *b)
{
	const struct in_flight *x = a, *y = b;

	return x->begun_ns < y->begun_ns ? -1 : x->begun_ns > y->begun_ns;
}

void in_flight_sort(struct in_flight_list *list)
{
	if (list->count != 0) {
		qsort(list->entry, list->count, sizeof(*list->entry), compare);
	}
}

bool in_flight_read(const char *directory, const struct filter *filter,
		    uint64_t older_ns, struct in_flight_list *list,
		    struct latency_error *error)
{
	int dir = segment_dir_open(directory, false, error);
	struct dirent *e;
	bool ok = true;
	DIR *d;

	memset(list, 0, sizeof(*list));
	if (dir == -1) {
		return false;
	}
	d = segment_dir_list(dir);
	while (d != NULL && ok && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0) {
			ok = read_segment(dir, e->d_name, list, filter,
					  older_ns);
		}
	}
	if (d == NULL || !ok) {
		error_set(error, "%s: %s", directory, strerror(errno));
		in_flight_free(list);
		ok = false;
	} else {
		in_flight_sort(list);
	}
	if (d != NULL) {
		closedir(d);
	}
	close(dir);
	return ok;
}

void in_flight_free(struct in_flight_list *list)
{
	free(list->entry);
	free(list->problems);
	memset(list, 0, sizeof(*list));
}
