/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "name.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "segment_writer.h"

#define SOME 64			/* segments that segment_fold_some() folds */
#define SOME_INTERVAL_S 10
#define BATCH 1024		/* segments that one new file takes in */
#define MAKING_S 60		/* by then a segment has its name and header */
#define NAMED_S 3600		/* how long reports name one without header */

/* The folding of one batch. */
struct folding {
	int dir;
	struct segment_writer *to;
	char names[BATCH][64];		/* of the segments that look dead */
	char taken[BATCH][64];		/* of those taken in */
	uint64_t ids[BATCH];
	unsigned count;
};

bool departed_include(const struct segment_image *departed, uint64_t id)
{
	const uint64_t *ids;
	uint32_t i;

	if (departed == NULL || departed->header == NULL) {
		return false;
	}
	ids = image_at(departed, departed->header->folded);
	for (i = 0; i < departed->header->folded_count; i++) {
		if (ids[i] == id) {
			return true;
		}
	}
	return false;
}

/* ------------------------------- merging --------------------------------- */

/* How the layers and ops of an image are numbered in the new file. */
struct numbers {
	int layer[LATENCY_MAX_LAYERS];
	int op[LATENCY_MAX_OPS];
};

static void number(struct segment_writer *to, const struct latency_header *h,
		   struct numbers *n)
{
	unsigned i;

	memset(n, 0, sizeof(*n));
	for (i = 1; i < LATENCY_MAX_LAYERS; i++) {
		if (h->layer[i].name[0] != '\0') {
			n->layer[i] = segment_layer(to, h->layer[i].name);
		}
	}
	for (i = 0; i < h->op_count; i++) {
		n->op[i] = segment_op(to, h->op[i].name, h->op[i].error_class);
	}
}

/* The same frame in the new file's numbers; -1 if its tables are full. */
static int renumber(const struct numbers *n, uint16_t frame)
{
	unsigned layer = LATENCY_FRAME_LAYER(frame);
	unsigned op = LATENCY_FRAME_OP(frame);

	if (layer == 0) {
		return frame;
	}
	if (n->layer[layer] < 0 || n->op[op] < 0) {
		return -1;
	}
	return (frame & LATENCY_FRAME_ASYNC) |
		LATENCY_FRAME(n->layer[layer], n->op[op]);
}

static bool merge_nodes(struct slot_writer *s,
			const struct segment_image *image,
			const struct latency_slot *slot,
			const struct numbers *numbers)
{
	struct latency_node *to[LATENCY_MAX_NODES];
	struct row_sum sum;
	uint32_t i;

	/* A parent has a smaller number than its children. */
	for (i = 0; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		int frame = renumber(numbers, node->frame);

		if (i <= LATENCY_NODE_OVERFLOW) {
			to[i] = slot_node(s, i);
		} else if (frame < 0) {
			to[i] = slot_node(s, LATENCY_NODE_OVERFLOW);
		} else {
			to[i] = slot_node_below(s, to[node->parent],
						(unsigned)frame);
		}
		image_node_sum(image, node, &sum);
		if (!node_merge(s->segment, to[i], &sum)) {
			return false;
		}
	}
	return true;
}

static struct slot_writer *departed_slot(struct segment_writer *to,
					 const struct latency_slot *slot)
{
	struct slot_key key = {
		.share = slot->key.share,
		.user = slot->key.user,
		.client = slot->key.client,
		.objects = slot->key.objects,
	};
	struct slot_writer *s;

	for (s = to->slots; s != NULL; s = s->next) {
		if (slot_key_same(&s->slot->key, &slot->key)) {
			return s;
		}
	}
	if (to->header->slots >= DEPARTED_SLOTS) {
		key.user = key.client = DEPARTED_OTHERS;
	}
	return segment_slot(to, &key, false);
}

/* In whole microseconds: then sums of what reports show add up. */
static void add_us(uint64_t *sum, uint64_t ns)
{
	*sum += ns / 1000 * 1000;
}

static void merge_time(struct segment_writer *to,
		       const struct segment_image *image)
{
	const struct latency_time *from = &image->header->time;
	struct latency_time *time = &to->header->time;

	time->phase = LATENCY_PHASE_ENDED;
	time->mark_ns = 0;
#define WALL_PART(name, label, brief, doc) \
	add_us(&time->name##_ns, from->name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	add_us(&time->name##_ns, from->name##_ns);
#include "latency_wall.h"
	time->turns += from->turns;
	time->waits += from->waits;
}

/*
 * Adds the slow ops: those of the departed keep their place and number, those
 * of a process come behind them. Whoever follows them sees numbers that grow.
 */
static void merge_slow(struct segment_writer *to,
		       const struct segment_image *image,
		       const struct numbers *numbers)
{
	const struct latency_header *h = image->header;
	const struct latency_slow_ring *from = image_at(image, h->slow_ring);
	struct latency_slow_ring *ring;
	uint64_t n, first;

	ring = h->slow_ring != 0 ? segment_slow_ring(to) : NULL;
	if (ring == NULL) {
		return;
	}
	first = from->written > LATENCY_SLOW_ENTRIES ?
		from->written - LATENCY_SLOW_ENTRIES : 0;
	if (h->kind == LATENCY_KIND_DEPARTED) {
		ring->written = first;
	}
	for (n = first; n < from->written; n++) {
		const struct latency_slow *slow =
			&from->entry[n % LATENCY_SLOW_ENTRIES];
		struct latency_slow *entry =
			&ring->entry[ring->written % LATENCY_SLOW_ENTRIES];
		int frame = renumber(numbers, slow->frame);
		struct slot_writer *s;

		if (slow->number != n + 1 || frame < 0) {
			continue;
		}
		s = departed_slot(to, image_at(image, slow->slot));
		if (s == NULL) {
			return;
		}
		*entry = *slow;
		entry->frame = (uint16_t)frame;
		entry->slot = s->line;
		entry->number = ++ring->written;
	}
}

bool segment_merge(struct segment_writer *to, const struct segment_image *image)
{
	const struct latency_header *h = image->header;
	const struct latency_slot *slot;
	struct numbers numbers;

	number(to, h, &numbers);
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		struct slot_writer *s = departed_slot(to, slot);

		if (s == NULL || !merge_nodes(s, image, slot, &numbers)) {
			return false;
		}
		s->slot->tree_connects += slot->tree_connects;
		if (slot->connected_realtime_ns >
		    s->slot->connected_realtime_ns) {
			s->slot->connected_realtime_ns =
				slot->connected_realtime_ns;
		}
	}
	merge_slow(to, image, &numbers);
	merge_time(to, image);
	to->header->unmeasured += h->unmeasured;
	to->header->processes +=
		h->kind == LATENCY_KIND_DEPARTED ? h->processes : 1;
	if (h->start_realtime_ns < to->header->start_realtime_ns) {
		to->header->start_realtime_ns = h->start_realtime_ns;
	}
	if (strcmp(to->header->samba_version, "") == 0) {
		memcpy(to->header->samba_version, h->samba_version,
		       sizeof(h->samba_version));
	}
	return true;
}

/* ------------------------------- a batch --------------------------------- */

/* Is this the name of a segment that was being made? */
static bool is_new(const char *name)
{
	uint64_t id;
	pid_t pid;

	return process_name_parse(name, LATENCY_SEGMENT_SUFFIX
				  SEGMENT_NEW_SUFFIX, &pid, &id);
}

/*
 * Removes a file that holds no counts and that nobody owns: one that was being
 * made when its process died, or, once reports have named it for long enough,
 * one without a header.
 */
static void remove_countless(int dir, const char *name)
{
	const time_t age = is_new(name) ? MAKING_S : NAMED_S;
	struct latency_error ignored;
	uint64_t magic = 0;
	struct stat st;
	int fd = segment_open(dir, name, O_RDONLY, &ignored);

	if (fd == -1) {
		return;
	}
	if (fstat(fd, &st) == 0 && time(NULL) - st.st_mtime > age &&
	    pread(fd, &magic, sizeof(magic), 0) != -1 &&
	    (magic == 0 || is_new(name)) && !segment_owned(fd)) {
		unlinkat(dir, name, 0);
	}
	close(fd);
}

/*
 * Takes a segment in if it is dead. Returns false if the new file cannot hold
 * it. What may be unlinked later is noted.
 */
static bool take_in(struct folding *f, const char *name,
		    const struct segment_image *departed)
{
	struct segment_image image;
	struct latency_error ignored;
	enum segment_state state = segment_read(f->dir, name, &image, &ignored);
	bool ok = true;

	if (state != SEGMENT_GOOD) {
		remove_countless(f->dir, name);
		return true;
	}
	if (!image.owned) {
		if (!departed_include(departed, image.header->id)) {
			ok = segment_merge(f->to, &image);
		}
		if (ok) {
			f->ids[f->count] = image.header->id;
			memcpy(f->taken[f->count], image.name,
			       sizeof(image.name));
			f->count++;
		}
	}
	segment_image_free(&image);
	return ok;
}

/* Does a file of this name look like a segment that nobody owns? */
static bool looks_dead(int dir, const char *name)
{
	struct latency_error ignored;
	int fd = segment_open(dir, name, O_RDONLY, &ignored);
	bool dead;

	if (fd == -1) {
		return false;
	}
	dead = !segment_owned(fd);
	close(fd);
	return dead;
}

/* Lists up to `most` segments that look dead; returns how many. */
static unsigned find_dead(int dir, char (*names)[64], unsigned most)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	unsigned found = 0;

	if (d == NULL) {
		return 0;
	}
	while (found < most && (e = readdir(d)) != NULL) {
		pid_t pid = segment_name_pid(e->d_name);

		if (is_new(e->d_name)) {
			remove_countless(dir, e->d_name);
		}
		if (pid == 0 || strlen(e->d_name) >= sizeof(names[0]) ||
		    !looks_dead(dir, e->d_name)) {
			continue;
		}
		strcpy(names[found++], e->d_name);
	}
	closedir(d);
	return found;
}

/*
 * Removes what an interrupted fold has left: dead segments that the departed
 * contain already. After this, no id of theirs needs to be remembered.
 */
static void remove_counted(int dir, const struct segment_image *departed)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;

	if (d == NULL) {
		return;
	}
	while ((e = readdir(d)) != NULL) {
		struct segment_image image;
		struct latency_error ignored;

		if (segment_name_pid(e->d_name) == 0 ||
		    !departed_include(departed, segment_name_id(e->d_name)) ||
		    segment_read(dir, e->d_name, &image, &ignored) !=
		    SEGMENT_GOOD) {
			continue;
		}
		if (!image.owned &&
		    departed_include(departed, image.header->id)) {
			unlinkat(dir, e->d_name, 0);
		}
		segment_image_free(&image);
	}
	closedir(d);
}

/* Makes the new file of the departed: the old one and the dead of f->names. */
static bool make_new(struct folding *f, unsigned dead,
		     struct latency_error *error)
{
	struct segment_image departed;
	enum segment_state state =
		segment_read(f->dir, LATENCY_DEPARTED_NAME, &departed, error);
	bool ok;
	unsigned i;

	if (state == SEGMENT_BAD) {
		/* Better a report without the departed than none of them. */
		return false;
	}
	if (state == SEGMENT_GOOD && departed.header->folded_count != 0) {
		remove_counted(f->dir, &departed);
	}
	ok = state != SEGMENT_GOOD || segment_merge(f->to, &departed);
	for (i = 0; ok && i < dead; i++) {
		ok = take_in(f, f->names[i],
			     state == SEGMENT_GOOD ? &departed : NULL);
	}
	ok = ok && segment_folded(f->to, f->ids, f->count);
	if (state == SEGMENT_GOOD) {
		segment_image_free(&departed);
	}
	if (!ok) {
		error_set(error, "%s: no room: %s", LATENCY_DEPARTED_NEW_NAME,
			  strerror(f->to->full != 0 ? f->to->full : ENOMEM));
	}
	return ok;
}

static bool fold_dead(struct folding *f, unsigned dead,
		      struct latency_error *error)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_DEPARTED,
		.start_realtime_ns = UINT64_MAX,
		.samba_version = "",
	};
	bool ok;
	unsigned i;

	unlinkat(f->dir, LATENCY_DEPARTED_NEW_NAME, 0);
	f->to = segment_create(f->dir, LATENCY_DEPARTED_NEW_NAME, &identity,
			       error);
	if (f->to == NULL) {
		return false;
	}
	ok = make_new(f, dead, error);
	if (ok) {
		segment_publish(f->to);
		ok = renameat(f->dir, LATENCY_DEPARTED_NEW_NAME, f->dir,
			      LATENCY_DEPARTED_NAME) == 0;
		if (!ok) {
			error_set(error, "%s: cannot rename: %s",
				  LATENCY_DEPARTED_NEW_NAME, strerror(errno));
		}
	}
	if (!ok) {
		unlinkat(f->dir, LATENCY_DEPARTED_NEW_NAME, 0);
	}
	for (i = 0; ok && i < f->count; i++) {
		unlinkat(f->dir, f->taken[i], 0);
	}
	segment_close(f->to);
	return ok;
}

/*
 * Folds up to `most` dead segments. *folded: how many it was. With nothing to
 * fold, the file of the departed is made if there is none, else only touched.
 */
static bool fold(int dir, unsigned most, unsigned *folded,
		 struct latency_error *error)
{
	struct folding *f = calloc(1, sizeof(*f));
	unsigned dead;
	bool ok = true;

	*folded = 0;
	if (f == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	f->dir = dir;
	dead = find_dead(dir, f->names, most);
	if (dead != 0 || utimensat(dir, LATENCY_DEPARTED_NAME, NULL,
				   AT_SYMLINK_NOFOLLOW) != 0) {
		ok = fold_dead(f, dead, error);
		*folded = ok ? f->count : 0;
	}
	free(f);
	return ok;
}

bool segment_fold_all(int dir, struct latency_error *error)
{
	unsigned folded;

	do {
		if (!fold(dir, BATCH, &folded, error)) {
			return false;
		}
	} while (folded == BATCH);
	return true;
}

/* Was the file of the departed written in the last seconds? */
static bool folded_lately(int dir)
{
	struct stat st;
	time_t age;

	if (fstatat(dir, LATENCY_DEPARTED_NAME, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		return false;
	}
	age = time(NULL) - st.st_mtime;
	return age >= 0 && age < SOME_INTERVAL_S;
}

void segment_fold_some(int dir)
{
	struct latency_error ignored;
	unsigned folded;
	int lock;

	if (folded_lately(dir)) {
		return;
	}
	lock = segment_dir_lock(dir, true, 0);
	if (lock != -1) {
		fold(dir, SOME, &folded, &ignored);
		segment_dir_unlock(lock);
	}
}
