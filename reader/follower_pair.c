/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "followed.h"
#include "follower.h"
#include "snapshot_relate.h"

/* What is being shown. */
struct showing {
	const struct follower *follower;
	enum follower_mark mark;
	bool all;
	struct follower_pair *pair;
	follower_visitor earlier, later;
	void *private_data;
	/* The later ones, where they are needed, else NULL. */
	const struct segment_image *departed;
	struct segment_image departed_image;
};

/* What is the same in both. */
static bool add_outline(struct follower_pair *pair, const struct followed *e)
{
	struct segment_image image;

	if (e->now == NULL) {
		return true;
	}
	content_outline(e->now, e->name, &image);
	return snapshot_add_image(&pair->earlier, &image) &&
		snapshot_add_image(&pair->later, &image);
}

static bool is_changed(const struct followed *e, enum follower_mark mark)
{
	return e->now != e->at[mark];
}

static bool is_shown(const struct showing *s, const struct followed *e)
{
	return s->all || is_changed(e, s->mark);
}

/*
 * Do the keys of what is shown depend on the departed: of their own earlier
 * image, and of those that joined them, or will?
 */
static bool needs_departed(const struct showing *s)
{
	const struct follower *f = s->follower;
	unsigned i;

	for (i = 0; i < f->count; i++) {
		const struct followed *e = &f->segments[i];

		if (is_shown(s, e) &&
		    (e->now == NULL || !content_owned(e->now))) {
			return true;
		}
	}
	return is_shown(s, &f->departed);
}

/*
 * Shows what was counted by then, and adds the header to a snapshot (NULL:
 * none). What is or will be of these departed (NULL: none) gets the keys that
 * they have for it.
 */
static bool show(const struct showing *s, struct snapshot *snapshot,
		 follower_visitor visitor, const struct followed *e,
		 const struct content *content,
		 const struct segment_image *departed)
{
	struct segment_image image;
	bool ok;

	if (content == NULL) {
		return true;
	}
	if (!content_image(content, &s->follower->packer, e->name, &image)) {
		return false;
	}
	image_relate(&image, content_lives_on(e->now, content), departed);
	ok = visitor(&image, s->private_data) &&
		(snapshot == NULL || (segment_image_strip(&image) &&
				      snapshot_add_image(snapshot, &image)));
	if (!ok || snapshot == NULL) {
		segment_image_free(&image);
	}
	return ok;
}

static bool show_both(const struct showing *s, const struct followed *e)
{
	bool is_departed = e == &s->follower->departed;
	bool kept = is_changed(e, s->mark);

	return show(s, kept ? &s->pair->earlier : NULL, s->earlier, e,
		    e->at[s->mark], s->departed) &&
		show(s, kept ? &s->pair->later : NULL, s->later, e, e->now,
		     is_departed ? NULL : s->departed);
}

static bool show_all(const struct showing *s)
{
	const struct follower *f = s->follower;
	unsigned i;

	if (is_shown(s, &f->departed) && !show_both(s, &f->departed)) {
		return false;
	}
	for (i = 0; i < f->count; i++) {
		const struct followed *e = &f->segments[i];

		if (is_shown(s, e) && !show_both(s, e)) {
			return false;
		}
	}
	return true;
}

static bool add_outlines(const struct showing *s)
{
	const struct follower *f = s->follower;
	const struct followed *e = &f->departed;
	unsigned i = 0;

	for (;;) {
		if (!is_changed(e, s->mark) && !add_outline(s->pair, e)) {
			return false;
		}
		if (i == f->count) {
			return true;
		}
		e = &f->segments[i++];
	}
}

static bool fill(struct showing *s)
{
	const struct follower *f = s->follower;
	const struct followed *departed = &f->departed;
	bool ok;

	if (departed->now != NULL && needs_departed(s)) {
		if (!content_image(departed->now, &f->packer, departed->name,
				   &s->departed_image)) {
			return false;
		}
		s->departed = &s->departed_image;
	}
	ok = show_all(s);
	s->pair->earlier_changed = s->pair->earlier.image_count;
	s->pair->later_changed = s->pair->later.image_count;
	segment_image_free(&s->departed_image);
	return ok && add_outlines(s);
}

struct follower_pair *follower_since(const struct follower *f,
				     enum follower_mark mark, bool all,
				     follower_visitor earlier,
				     follower_visitor later,
				     void *private_data)
{
	struct follower_pair *pair = calloc(1, sizeof(*pair));
	struct showing s = {
		.follower = f,
		.mark = mark,
		.all = all,
		.pair = pair,
		.earlier = earlier,
		.later = later,
		.private_data = private_data,
	};

	if (pair == NULL) {
		return NULL;
	}
	pair->earlier = f->marked[mark];
	/* Its problems stay the follower's. */
	pair->later = f->reading;
	if (!fill(&s)) {
		follower_pair_free(pair);
		return NULL;
	}
	return pair;
}

static void free_images(struct snapshot *s, unsigned changed)
{
	unsigned i;

	for (i = 0; i < changed; i++) {
		segment_image_free(&s->images[i]);
	}
	free(s->images);
}

void follower_pair_free(struct follower_pair *pair)
{
	if (pair != NULL) {
		free_images(&pair->earlier, pair->earlier_changed);
		free_images(&pair->later, pair->later_changed);
		free(pair);
	}
}

static bool visit(const struct follower *f, const struct followed *e,
		  follower_visitor visitor, void *private_data)
{
	struct segment_image image;
	bool ok;

	content_outline(e->now, e->name, &image);
	if (!filter_image(f->filter, &image)) {
		return true;
	}
	if (!content_image(e->now, &f->packer, e->name, &image)) {
		return false;
	}
	ok = visitor(&image, private_data);
	segment_image_free(&image);
	return ok;
}

bool follower_visit(const struct follower *f, enum follower_mark mark,
		    follower_visitor visitor, void *private_data)
{
	const struct followed *e = &f->departed;
	unsigned i = 0;
	bool ok = true;

	while (ok) {
		if (e->now != NULL && !is_changed(e, mark)) {
			ok = visit(f, e, visitor, private_data);
		}
		if (i == f->count) {
			break;
		}
		e = &f->segments[i++];
	}
	return ok;
}
