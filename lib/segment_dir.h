/*
 * The segment directory: who may be trusted in it, who is alive in it.
 *
 * Life of a segment. Its owner holds a write lock (OFD lock, so that no close
 * elsewhere in the process loses it) on the whole file from before it has a
 * magic until the process ends, however it ends. A segment without magic is
 * being made, or its maker died early; it counts nothing yet.
 *
 * Whoever wants all segments to stay where they are holds the directory
 * shared (flock); whoever folds and removes some holds it exclusively.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_DIR_H
#define SEGMENT_DIR_H

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "latency_error.h"

/*
 * Opens the segment directory; create makes it (mode 0700) if it is missing.
 * It must be a directory, not a symlink, that belongs to us and that nobody
 * else may write. Returns a descriptor, or -1 with errno and *error.
 */
int segment_dir_open(const char *path, bool create,
		     struct latency_error *error);

/*
 * Locks the directory, exclusively or shared. Tries until timeout_ms have
 * passed, 0: once. Unlock by closing dir. Returns false if it did not get it.
 */
bool segment_dir_lock(int dir, bool exclusive, unsigned timeout_ms);

/* Lists it, for readdir(3); NULL with errno. dir itself stays open. */
DIR *segment_dir_list(int dir);

/*
 * Opens a file of ours in it: a regular file that belongs to us, never by a
 * symlink, never waiting. flags as for open(2). Returns a descriptor, or -1
 * with errno and *error.
 */
int segment_open(int dir, const char *name, int flags,
		 struct latency_error *error);

/* Takes the owner's lock on a segment. Returns false with errno. */
bool segment_own(int fd);

/* Does some process hold the owner's lock? */
bool segment_owned(int fd);

/*
 * Takes the name of a process's file apart, "smbd-PID-ID" and this suffix.
 * Returns false if it is no such name.
 */
bool process_name_parse(const char *name, const char *suffix, pid_t *pid,
			uint64_t *id);

/* The pid in the name of a segment of a process; 0 if it is no such name. */
pid_t segment_name_pid(const char *name);

/* The id in such a name. */
uint64_t segment_name_id(const char *name);

/* May a process of this pid exist? */
bool pid_exists(pid_t pid);

#endif
