/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "merge_counters.h"
#include "merge_slots.h"
#include "name.h"

/* Of DEPARTED_SIZE bytes, what a file may have before the next kind of slot. */
#define OWN_SIZE (DEPARTED_SIZE / 2)
#define SHARES_SIZE (DEPARTED_SIZE / 4 * 3)

static bool has_room(const struct merge *m, size_t size)
{
	return !merge_is_long(m) && (size_t)m->to->used * LATENCY_LINE < size;
}

/* Notes that these names have been merged, later than all that was counted. */
static void note(struct merge *m, enum departed_names names,
		 const struct departed_source *source)
{
	uint64_t *at = departed_merged(&m->merged, names, &source->slot->key);
	uint64_t ns = m->now_ns;

	/* The clock may have been set back. */
	if (ns < source->slot->connected_realtime_ns) {
		ns = source->slot->connected_realtime_ns;
	}
	if (ns < source->slot->began_ns) {
		ns = source->slot->began_ns;
	}
	*at = *at < ns ? ns : *at + 1;
	m->merges = true;
}

static void note_merged(struct merge *m, const struct departed_source *source)
{
	if (source->place <= source->may) {
		return;
	}
	if (source->place == DEPARTED_LAST) {
		note(m, DEPARTED_SHARE, source);
	} else {
		note(m, DEPARTED_USER, source);
		note(m, DEPARTED_CLIENT, source);
		note(m, DEPARTED_KEY, source);
	}
}

/*
 * A slot that counts what began before some counts of its user, or its client,
 * were merged, and what began after that: a sum by user has the one among
 * others and the other not, see departed_shown(). From now on it has neither.
 */
static void note_mixed(struct merge *m, struct latency_slot *to,
		       const struct departed_source *source)
{
	const struct latency_slot *from = source->slot;
	const uint64_t oldest = from->began_ns != 0 ? from->began_ns :
		from->oldest_ns;
	enum departed_names names;

	if (to->oldest_ns == 0) {
		to->oldest_ns = oldest;
		return;
	}
	for (names = DEPARTED_USER; names <= DEPARTED_CLIENT; names++) {
		uint64_t ns = *departed_merged(&m->merged, names, &from->key);

		if ((oldest <= ns) != (to->oldest_ns <= ns)) {
			note(m, names, source);
		}
	}
	if (oldest < to->oldest_ns) {
		to->oldest_ns = oldest;
	}
}

/* The slot at the place of the source; NULL: there is no room. */
static struct slot_writer *slot_at(struct merge *m,
				   const struct departed_source *source)
{
	struct latency_slot_key names = source->slot->key;
	struct slot_writer *s;

	departed_name(&names, source->place);
	s = segment_slot(m->to, &(struct slot_key){
		.share = names.share,
		.user = names.user,
		.client = names.client,
		.objects = names.objects,
	}, false);
	if (s == NULL) {
		return NULL;
	}
	s->slot->share_since_ns = source->since.share_ns;
	if (source->place == DEPARTED_OWN) {
		s->slot->key_since_ns = source->since.key_ns;
		note_mixed(m, s->slot, source);
	}
	return s;
}

static enum departed_place worse(enum departed_place a, enum departed_place b)
{
	return a > b ? a : b;
}

bool merge_slots_add(struct merge *m)
{
	const struct departed_source *previous = NULL;
	enum departed_place share = DEPARTED_OWN, key = DEPARTED_OWN;
	unsigned i;

	for (i = 0; i < m->count; i++) {
		struct departed_source *source = &m->sources[i];
		const struct latency_slot_key *k = &source->slot->key;

		/* A share, and a key, has its place as a whole. */
		if (previous == NULL ||
		    !departed_share_same(&previous->slot->key, k)) {
			share = has_room(m, SHARES_SIZE) ? DEPARTED_OWN :
				DEPARTED_LAST;
		}
		if (previous == NULL ||
		    !slot_key_same(&previous->slot->key, k)) {
			key = has_room(m, OWN_SIZE) ? DEPARTED_OWN :
				DEPARTED_IN_SHARE;
		}
		source->place = worse(source->place, worse(share, key));
		note_merged(m, source);
		if (!merge_counters_add(m, source,
					source->place == DEPARTED_LAST ?
					NULL : slot_at(m, source))) {
			return false;
		}
		previous = source;
	}
	return true;
}
