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

#include "segment_dir.h"
#include "segment_fold.h"
#include "segment_merge.h"
#include "segment_writer.h"

/* Limits of what one new file takes in: segments, and bytes but the last's. */
#define BATCH 1024
#define BATCH_SIZE (64u << 20)

/*
 * When smbds may fold again: the mtime of the lock, in the future.
 */
#define PAUSE_S 10
#define PAUSE_FACTOR 100	/* times as long as it took: 1 % of a CPU */
#define PAUSE_FAILED_S 300
#define PAUSE_MOST_S 600

#define CHEAP_LOOKS 250		/* segments in the directory: 6 us each */

#define MAKING_S 60		/* by then a segment has its name and header */
#define NAMED_S 3600		/* how long reports name one without header */

/* The folding of one batch. */
struct folding {
	int dir;
	char names[BATCH][64];		/* of the segments that look dead */
	unsigned dead;
	size_t size;			/* of them */
	unsigned most_looks; /* where there are more, none is taken */
	size_t most_size;		/* of them and the departed; 0: any */
	bool more;			/* there may be more of them */
	bool left;			/* some were not taken: too large */
	struct segment_image images[BATCH + 1]; /* what is added up */
	unsigned image_count;
	char taken[BATCH][64];		/* may be unlinked then */
	unsigned count;
	/* Of those counted that are still there, `kept`, and of those taken. */
	uint64_t ids[2 * BATCH];
	unsigned kept;
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
 * made when its process died, which has no name yet or is `unfinished`; or,
 * once reports have named it for long enough, one without a header.
 */
static void remove_countless(int dir, const char *name, bool unfinished)
{
	const time_t age = unfinished ? -1 : is_new(name) ? MAKING_S : NAMED_S;
	uint64_t magic = 0;
	struct stat st;
	int fd = segment_open(dir, name, O_RDONLY, NULL);

	if (fd == -1) {
		return;
	}
	if (fstat(fd, &st) == 0 && segment_age(&st) > age &&
	    pread(fd, &magic, sizeof(magic), 0) != -1 &&
	    (magic == 0 || is_new(name)) && !segment_owned(fd)) {
		unlinkat(dir, name, 0);
	}
	close(fd);
}

/*
 * Takes a segment in if it is dead: among the images, unless it is counted
 * already, and among what may be unlinked later.
 */
static void take_in(struct folding *f, const char *name,
		    const struct segment_image *departed)
{
	struct segment_image *image = &f->images[f->image_count];
	struct latency_error ignored;
	enum segment_state state =
		segment_read_files(f->dir, name, image, &ignored);

	if (state != SEGMENT_GOOD) {
		remove_countless(f->dir, name, state == SEGMENT_UNFINISHED);
		return;
	}
	if (!image->owned) {
		f->ids[f->kept + f->count] = image->header->id;
		memcpy(f->taken[f->count], image->name, sizeof(image->name));
		f->count++;
	}
	if (image->owned || departed_include(departed, image->header->id)) {
		segment_image_free(image);
	} else {
		f->image_count++;
	}
}

/* The bytes of a segment that nobody owns; 0: it is none. */
static size_t dead_size(int dir, const char *name)
{
	struct stat st;
	int fd = segment_open(dir, name, O_RDONLY, NULL);
	size_t size = 0;

	if (fd == -1) {
		return 0;
	}
	if (!segment_owned(fd) && fstat(fd, &st) == 0) {
		/* An empty one is looked at as well. */
		size = (size_t)st.st_size + 1;
	}
	close(fd);
	return size;
}

/* Lists segments that look dead, as many as one new file takes in. */
static void find_dead(struct folding *f)
{
	DIR *d = segment_dir_list(f->dir);
	struct dirent *e;
	unsigned looks = 0;

	f->dead = 0;
	f->size = 0;
	f->more = false;
	f->left = false;
	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t size;

		if (is_new(e->d_name)) {
			remove_countless(f->dir, e->d_name, false);
		}
		if (segment_name_pid(e->d_name) == 0 ||
		    strlen(e->d_name) >= sizeof(f->names[0])) {
			continue;
		}
		if (looks++ == f->most_looks) {
			f->dead = 0;
			f->left = true;
			break;
		}
		size = dead_size(f->dir, e->d_name);
		if (size == 0) {
			continue;
		}
		if (f->most_size != 0 && f->size + size > f->most_size) {
			f->left = true;
			continue;
		}
		if (f->dead == BATCH || (f->dead != 0 &&
					 f->size + size > BATCH_SIZE)) {
			f->more = true;
			break;
		}
		f->size += size;
		strcpy(f->names[f->dead++], e->d_name);
	}
	if (d != NULL) {
		closedir(d);
	}
}

/* Removes a segment that the departed contain already, if it is dead. */
static bool remove_one(int dir, const char *name,
		       const struct segment_image *departed)
{
	struct segment_image image;
	struct latency_error ignored;
	bool removed;

	if (segment_read(dir, name, &image, &ignored) != SEGMENT_GOOD) {
		return false;
	}
	removed = !image.owned &&
		departed_include(departed, image.header->id) &&
		unlinkat(dir, name, 0) == 0;
	segment_image_free(&image);
	return removed;
}

/*
 * Removes what an interrupted fold has left: dead segments that the departed
 * contain already. After this, no id of theirs needs to be remembered, but of
 * those that could not be removed: there may be no memory to read them now.
 */
static bool remove_counted(struct folding *f,
			   const struct segment_image *departed)
{
	DIR *d = segment_dir_list(f->dir);
	struct dirent *e;
	bool ok = d != NULL;

	while (ok && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) == 0 ||
		    !departed_include(departed, segment_name_id(e->d_name)) ||
		    remove_one(f->dir, e->d_name, departed)) {
			continue;
		}
		ok = f->kept < BATCH;
		if (ok) {
			f->ids[f->kept++] = segment_name_id(e->d_name);
		}
	}
	if (d != NULL) {
		closedir(d);
	}
	return ok;
}

/*
 * Gives departed that will never be read, of another format version or
 * damaged, another name: else nothing would be added up any more. Who comes
 * next begins anew.
 */
static void set_departed_aside(int dir, struct latency_error *error)
{
	const struct latency_error why = *error;
	char name[64];

	snprintf(name, sizeof(name), SEGMENT_BAD_NAME, (long long)time(NULL));
	if (renameat2(dir, LATENCY_DEPARTED_NAME, dir, name,
		      RENAME_NOREPLACE) == 0) {
		error_set(error, "%s; it is now called %s, and its counts are "
			  "left out",
			  why.text, name);
	}
}

/*
 * Reads the departed and the dead: what is to be added up. Returns false with
 * *error if there are departed that cannot be read: better a report without
 * them than none of them.
 */
static bool read_images(struct folding *f, struct latency_error *error)
{
	struct segment_image *departed = &f->images[0];
	enum segment_state state =
		segment_read_files(f->dir, LATENCY_DEPARTED_NAME, departed,
				   error);
	unsigned i;

	f->count = 0;
	f->kept = 0;
	f->image_count = state == SEGMENT_GOOD;
	if (state == SEGMENT_BAD) {
		if (errno == 0) {
			set_departed_aside(f->dir, error);
		}
		return false;
	}
	if (state == SEGMENT_GOOD && departed->header->folded_count != 0 &&
	    !remove_counted(f, departed)) {
		error_set(error, "cannot remove segments that are counted "
			  "already");
		return false;
	}
	for (i = 0; i < f->dead; i++) {
		take_in(f, f->names[i],
			state == SEGMENT_GOOD ? departed : NULL);
	}
	return true;
}

/* Makes the new file of the departed. */
static bool make_new(const struct folding *f, struct latency_error *error)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_DEPARTED,
		.start_realtime_ns = UINT64_MAX,
		.samba_version = "",
	};
	struct segment_writer *to;
	bool ok;

	unlinkat(f->dir, LATENCY_DEPARTED_NEW_NAME, 0);
	to = segment_create(f->dir, LATENCY_DEPARTED_NEW_NAME, &identity,
			    error);
	if (to == NULL) {
		return false;
	}
	ok = segment_merge(to, f->images, f->image_count, false, error);
	if (ok && !segment_folded(to, f->ids, f->kept + f->count)) {
		error_set(error, "no room: %s", strerror(to->full));
		ok = false;
	}
	if (ok) {
		segment_publish(to);
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
	segment_close(to);
	return ok;
}

/* Folds those that were found; if there are no departed makes them. */
static bool fold_dead(struct folding *f, struct latency_error *error)
{
	bool ok = read_images(f, error) &&
		((f->count == 0 && f->image_count != 0) || make_new(f, error));
	unsigned i;

	for (i = 0; ok && i < f->count; i++) {
		unlinkat(f->dir, f->taken[i], 0);
	}
	for (i = 0; i < f->image_count; i++) {
		segment_image_free(&f->images[i]);
	}
	return ok;
}

static size_t departed_size(int dir)
{
	struct stat st;

	return fstatat(dir, LATENCY_DEPARTED_NAME, &st,
		       AT_SYMLINK_NOFOLLOW) == 0 ? (size_t)st.st_size : 0;
}

/* Lets smbds fold again in so many seconds. */
static void pause_smbds(int dir, time_t seconds)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT },
		{ .tv_sec = time(NULL) + (seconds < PAUSE_MOST_S ?
					  seconds : PAUSE_MOST_S) },
	};

	utimensat(dir, SEGMENT_DIR_LOCK_NAME, times, AT_SYMLINK_NOFOLLOW);
}

/*
 * Folds all, or only one batch; cheap: only what is known to be quick. Of what
 * that leaves it is the turn of an smbd that ends, so there is no pause then.
 */
static bool fold(int dir, bool all, bool cheap, struct latency_error *error)
{
	struct folding *f = calloc(1, sizeof(*f));
	time_t start = time(NULL);
	bool ok = true;

	if (f == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	f->dir = dir;
	f->most_looks = cheap ? CHEAP_LOOKS : UINT32_MAX;
	do {
		f->most_size = cheap ?
			SEGMENT_CHEAP_SIZE - departed_size(dir) : 0;
		find_dead(f);
		ok = (f->dead == 0 && (cheap || departed_size(dir) != 0)) ||
			fold_dead(f, error);
	} while (ok && f->more && f->count != 0 && all);
	if (!f->left) {
		pause_smbds(dir, ok ? PAUSE_S + (time(NULL) - start) *
			    PAUSE_FACTOR : PAUSE_FAILED_S);
	}
	free(f);
	return ok;
}

bool segment_fold_all(int dir, struct latency_error *error)
{
	return fold(dir, true, false, error);
}

/* May smbds fold? Not if the time is set in a way that nobody did. */
static bool is_due(int dir)
{
	struct stat st;
	time_t rest;

	if (fstatat(dir, SEGMENT_DIR_LOCK_NAME, &st,
		    AT_SYMLINK_NOFOLLOW) != 0) {
		return true;
	}
	rest = -segment_age(&st);
	return rest <= 0 || rest > PAUSE_MOST_S;
}

bool segment_fold_some(int dir, bool cheap, struct latency_error *error)
{
	bool ok = true;
	int lock;

	if (!is_due(dir) ||
	    (cheap && departed_size(dir) >= SEGMENT_CHEAP_SIZE)) {
		return true;
	}
	lock = segment_dir_lock(dir, true, 0);
	if (lock != -1) {
		ok = fold(dir, false, cheap, error);
		segment_dir_unlock(lock);
	}
	return ok;
}
