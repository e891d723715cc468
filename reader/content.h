/*
 * What a segment had counted when it was read: its image, packed. It is never
 * changed, so several moments at which it was the same share it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONTENT_H
#define CONTENT_H

#include "filter.h"
#include "packed.h"
#include "segment_image.h"

struct content;

/*
 * Packs an image, which stays the caller's. A process that has ended is one of
 * the departed here, whether its segment was folded yet or not, as
 * snapshot_relate() makes it one. connected: how many of its tree connects the
 * filter wants. Returns NULL if there is no memory.
 */
struct content *content_new(struct packer *packer,
			    const struct segment_image *image,
			    const struct filter *filter);

/* One more, and one less, that uses it; NULL is left alone. */
struct content *content_share(struct content *content);
void content_release(struct content *content);

/* Did the process live? */
bool content_owned(const struct content *content);

/* Is one (NULL: none) of the same process as the other, and does it live? */
bool content_lives_on(const struct content *content,
		      const struct content *earlier);

/* Of the segment of this name. Returns false if there is no memory. */
bool content_image(const struct content *content, const struct packer *packer,
		   const char *name, struct segment_image *image);

/*
 * What segment_image_strip() leaves of that. Its data are the content's, not to
 * be freed or changed.
 */
void content_outline(const struct content *content, const char *name,
		     struct segment_image *image);

#endif
