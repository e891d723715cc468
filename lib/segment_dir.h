/*
 * The segment directory: what in it can be trusted, and which process lives.
 *
 * Life of a segment. Its owner holds a write lock (OFD lock, so that no close
 * elsewhere in the process loses it) on the whole file from before it has its
 * name until the process ends, however it ends: until then it is made under
 * another name. So a segment without the lock is dead, whatever its pid: that
 * may be of another PID namespace. One that is locked and has no magic is being
 * made, which takes milliseconds; it counts nothing yet.
 *
 * Whoever wants all segments to stay where they are holds the lock of the
 * directory shared; whoever folds and removes some, or changes the file
 * `control`, holds it exclusively. It is an OFD lock on a file in the directory
 * that only those can open who may read the segments: the right to list the
 * directory is not enough. Going from exclusive to shared leaves no moment
 * without.
 *
 * The group. Only root writes here. Root lets others read by making them
 * members of the directory's group, with mode 2750; files of ours then have
 * mode 0640, see segment_admit_group(). A member cannot lock anything
 * exclusively: for that a file must be open for writing. At worst it keeps the
 * shared lock: then nobody folds, commands that change something fail after
 * seconds, and root's reports are as late. An smbd never waits for that lock.
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

#define SEGMENT_DIR_LOCK_NAME "lock"

/* Follows the name of a segment that has no lock yet. */
#define SEGMENT_NEW_SUFFIX ".new"
/* Departed that could not be read; seconds since 1970. */
#define SEGMENT_BAD_NAME "departed-%lld.bad"

/*
 * Opens the segment directory; create makes it (mode 0700) if it is missing.
 * It must be a directory, not a symlink, that belongs to us or to root and that
 * nobody else may write. Others may list one that existed before, such as
 * /run/samba: its mode is left as it is, since others may need it. Returns a
 * descriptor, or -1 with errno and *error.
 */
int segment_dir_open(const char *path, bool create,
		     struct latency_error *error);

/*
 * Locks the directory, exclusively or shared. Tries until timeout_ms have
 * passed, 0: once. Returns a descriptor for segment_dir_unlock(), or -1 with
 * errno: EAGAIN: others held it all the time, EROFS: nobody can fold by this
 * mount; shared, ENOENT then: nobody ever did. EACCES: we may not fold; shared,
 * we may not read, and ENOENT as before.
 */
int segment_dir_lock(int dir, bool exclusive, unsigned timeout_ms);

/*
 * Says in *error why segment_dir_lock() failed, by errno, which becomes EBUSY
 * if others held the lock all the time.
 */
void segment_dir_lock_error(const char *path, unsigned timeout_ms,
			    struct latency_error *error);

/* Goes from exclusive to shared. Returns false, still exclusive, with errno. */
bool segment_dir_share(int lock);

/* Gives it back; -1: there is none. */
void segment_dir_unlock(int lock);

/* Lists it, for readdir(3); NULL with errno. dir itself stays open. */
DIR *segment_dir_list(int dir);

/*
 * Opens a file of ours in it: a regular file that belongs to us or to root,
 * never by a symlink, never waiting. flags as for open(2); O_CREAT makes it
 * with mode 0600, see segment_admit_group(). Returns a descriptor, or -1 with
 * errno and *error (NULL: not wanted).
 */
int segment_open(int dir, const char *name, int flags,
		 struct latency_error *error);

/*
 * Lets the group read a file that has just been made, if the directory is
 * setgid, so that the file has its group, and the group may read the directory.
 * To be called for every file, after segment_own() if that is called: a reader
 * could lock it first. If it fails the file stays its owner's.
 */
void segment_admit_group(int dir, int fd);

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

struct stat;

/*
 * How many seconds ago a file was last written; negative: in the future. time()
 * may be behind a file that has just been made, this is not.
 */
time_t segment_age(const struct stat *st);

#endif
