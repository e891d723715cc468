/*
 * Checks: the directory of the segments, and what they say.
 *
 * They are read as they lie there: nothing is folded, and nobody who reads or
 * folds has to wait.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "control.h"
#include "doctor_check.h"
#include "segment_dir.h"
#include "segment_reader.h"

/* ------------------------------ the directory ---------------------------- */

static bool exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 || errno != ENOENT;
}

static void parent_of(const char *path, char parent[PATH_MAX])
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	snprintf(parent, PATH_MAX, "%s", dirname(copy));
}

void check_directory_parent(struct doctor *d)
{
	char parent[PATH_MAX];

	if (d->at->directory[0] != '/') {
		return;
	}
	parent_of(d->at->directory, parent);
	if (!exists(parent)) {
		wrong(d, "there is no directory %s to make %s in",
		      parent, d->at->directory);
		action(d, "mkdir -p %s", parent);
	} else if (!exists(d->at->directory)) {
		fine(d, "there is no %s yet; smbd makes it when it first has "
		     "something to count", d->at->directory);
	}
}

void check_directory_rights(struct doctor *d)
{
	const char *path = d->at->directory;
	struct latency_error error;
	struct stat st;
	int dir;

	if (path[0] != '/' || !exists(path)) {
		return;
	}
	dir = segment_dir_open(path, false, &error);
	if (dir != -1) {
		close(dir);
		return;
	}
	wrong(d, "%s", error.text);
	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		/* It may be a group's to read. */
		action(d, "chown root %s && chmod go-w %s", path, path);
	} else {
		action(d, "it is not a directory: remove it, and smbd makes "
		       "one: rm %s", path);
	}
}

#define ROOM_LITTLE (16u << 20)		/* bytes: some hundred tree connects */

void check_room(struct doctor *d)
{
	char path[PATH_MAX];
	struct statvfs fs;
	unsigned long long free_bytes;

	snprintf(path, sizeof(path), "%s", d->at->directory);
	if (path[0] != '/') {
		return;
	}
	if (!exists(path)) {
		parent_of(d->at->directory, path);
	}
	if (statvfs(path, &fs) != 0) {
		return;
	}
	free_bytes = (unsigned long long)fs.f_bavail * fs.f_frsize;
	if (fs.f_flag & ST_RDONLY) {
		wrong(d, "%s is on a file system that is read-only", path);
		action(d, "findmnt -T %s; with 'latency:directory' in [global] "
		       "of smb.conf segments can be elsewhere", path);
	} else if (fs.f_bavail == 0 || (fs.f_files != 0 && fs.f_favail == 0)) {
		wrong(d, "the file system of %s is full", path);
		action(d, "df -h %s; df -i %s; make room, or give it more: "
		       "mount -o remount,size=...", path, path);
	} else if (free_bytes < ROOM_LITTLE) {
		note(d, "the file system of %s has only %llu KiB left", path,
		     free_bytes / 1024);
		action(d, "df -h %s; a tree connect takes 30 to 128 KiB", path);
	} else {
		fine(d, "%s has room: %llu MiB", path, free_bytes >> 20);
	}
}

/* ------------------------------ the segments ----------------------------- */

/* Opens it for a check; -1 after another check has told why not. */
static int open_quietly(const struct doctor *d)
{
	struct latency_error ignored;

	return d->at->directory[0] != '/' ? -1 :
		segment_dir_open(d->at->directory, false, &ignored);
}

/* Calls `tell` for each segment; one that cannot be read has no header. */
static void each_segment(const struct doctor *d,
			 void (*tell)(const struct segment_image *image,
				      const char *error, void *data),
			 void *data)
{
	struct segment_image image;
	struct latency_error error;
	struct dirent *e;
	int dir = open_quietly(d);
	DIR *list = dir != -1 ? segment_dir_list(dir) : NULL;

	while (list != NULL && (e = readdir(list)) != NULL) {
		if (segment_name_pid(e->d_name) == 0 &&
		    strcmp(e->d_name, LATENCY_DEPARTED_NAME) != 0) {
			continue;
		}
		switch (segment_read(dir, e->d_name, &image, &error)) {
		case SEGMENT_GOOD:
			tell(&image, NULL, data);
			segment_image_free(&image);
			break;
		case SEGMENT_BAD:
			snprintf(image.name, sizeof(image.name), "%.60s",
				 e->d_name);
			tell(&image, error.text, data);
			break;
		default:
			break;
		}
	}
	if (list != NULL) {
		closedir(list);
	}
	if (dir != -1) {
		close(dir);
	}
}

struct tally {
	struct doctor *doctor;
	unsigned living, ended, off;
	uint64_t uncounted;
};

static void tell_readable(const struct segment_image *image, const char *error,
			  void *data)
{
	struct tally *t = data;

	if (error != NULL) {
		wrong(t->doctor, "%s", error);
		action(t->doctor, "it will not recover; when its smbd has "
		       "ended: rm %s/%s", t->doctor->at->directory,
		       image->name);
	} else if (image->header->kind == LATENCY_KIND_PROCESS) {
		t->living += image->owned;
		t->ended += !image->owned;
	}
}

void check_segments(struct doctor *d)
{
	struct tally t = { .doctor = d };

	each_segment(d, tell_readable, &t);
	if (t.living + t.ended != 0) {
		fine(d, "segments of running smbds: %u, of ended ones, which "
		     "the next report adds up: %u", t.living, t.ended);
	}
}

static void tell_off(const struct segment_image *image, const char *error,
		     void *data)
{
	struct tally *t = data;

	t->off += error == NULL && image->owned &&
		image->header->control.off != 0;
}

void check_switched_off(struct doctor *d)
{
	struct latency_control control = { .off = 0 };
	struct tally t = { .doctor = d };
	int dir = open_quietly(d);

	if (dir == -1) {
		return;
	}
	control_inherit(dir, &control);
	close(dir);
	each_segment(d, tell_off, &t);
	if (control.off || t.off != 0) {
		wrong(d, "measuring is switched off: in %u running smbds%s",
		      t.off, control.off ? ", and in all new ones" : "");
		action(d, "smblatency-stat all on");
	}
}

static void tell_uncounted(const struct segment_image *image,
			   const char *error, void *data)
{
	struct tally *t = data;

	t->uncounted += error == NULL ? image->header->unmeasured : 0;
}

void check_uncounted(struct doctor *d)
{
	struct tally t = { .doctor = d };

	each_segment(d, tell_uncounted, &t);
	if (t.uncounted != 0) {
		note(d, "there was no room to count %llu operations",
		     (unsigned long long)t.uncounted);
		action(d, "df -h %s", d->at->directory);
	}
}
