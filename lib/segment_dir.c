/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "latency_format.h"
#include "segment_dir.h"

/*
 * The path without what would make O_NOFOLLOW follow a symlink at its end: a
 * slash, or a slash and a dot. NULL: no memory.
 */
static char *path_of_directory(const char *path)
{
	char *bare = strdup(path);
	size_t length = bare != NULL ? strlen(bare) : 0;

	while (length > 1 && (bare[length - 1] == '/' ||
			      (bare[length - 1] == '.' &&
			       bare[length - 2] == '/'))) {
		bare[--length] = '\0';
	}
	return bare;
}

/* Belongs to us, or to root, who could do anything to us. */
static bool is_trusted(uid_t owner)
{
	return owner == geteuid() || owner == 0;
}

/* "uid 0", or what else is_trusted(). */
static void name_trusted(char text[64])
{
	snprintf(text, 64, geteuid() != 0 ? "uid 0 or uid %u" : "uid %u",
		 (unsigned)geteuid());
}

/* The path has no slash at its end. */
static int open_directory(const char *path, bool create,
			  struct latency_error *error)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int fd = open(path, flags);
	char owners[64];
	struct stat st;

	if (fd == -1 && errno == ENOENT && create) {
		if (mkdir(path, 0700) != 0 && errno != EEXIST) {
			error_set(error, "cannot make the segment directory "
				  "%s: %s", path, strerror(errno));
			return -1;
		}
		fd = open(path, flags);
	}
	if (fd == -1) {
		error_set(error, "cannot open the segment directory %s: %s%s",
			  path, strerror(errno), errno != EACCES ||
			  geteuid() == 0 ? "" :
			  "; root can, and the group that it is given to: "
			  "see vfs_latency(8)");
		return -1;
	}
	if (fstat(fd, &st) != 0) {
		error_set(error, "%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	if (!is_trusted(st.st_uid) || (st.st_mode & 022) != 0) {
		name_trusted(owners);
		error_set(error,
			  "the segment directory %s must belong to %s and "
			  "be writable by no one else; it belongs to uid %u, "
			  "mode %04o", path, owners, (unsigned)st.st_uid,
			  (unsigned)st.st_mode & 07777);
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

int segment_dir_open(const char *path, bool create,
		     struct latency_error *error)
{
	char *bare = path_of_directory(path);
	int fd;

	if (bare == NULL) {
		error_set(error, "out of memory");
		return -1;
	}
	fd = open_directory(bare, create, error);
	free(bare);
	return fd;
}

/* Takes, changes, or with F_UNLCK gives back, an OFD lock; does not wait. */
static bool set_lock(int fd, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

/* Opens what is locked; makes it where it is missing. */
static int open_lock(int dir)
{
	int lock = segment_open(dir, SEGMENT_DIR_LOCK_NAME, O_RDWR, NULL);

	if (lock == -1 && errno == ENOENT) {
		lock = segment_open(dir, SEGMENT_DIR_LOCK_NAME,
				    O_RDWR | O_CREAT, NULL);
		if (lock != -1) {
			segment_admit_group(dir, lock);
		}
	}
	return lock;
}

int segment_dir_lock(int dir, bool exclusive, unsigned timeout_ms)
{
	const struct timespec pause = { 0, 1000000 };
	unsigned waited;
	int lock = open_lock(dir);

	if (lock == -1 && !exclusive &&
	    (errno == EROFS || errno == EACCES || errno == EPERM)) {
		lock = segment_open(dir, SEGMENT_DIR_LOCK_NAME, O_RDONLY,
				    NULL);
	}
	if (lock == -1) {
		return -1;
	}
	for (waited = 0; !set_lock(lock, exclusive ? F_WRLCK : F_RDLCK);
	     waited++) {
		int saved_errno = errno == EACCES ? EAGAIN : errno;

		if (saved_errno != EAGAIN || waited >= timeout_ms) {
			close(lock);
			errno = saved_errno;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return lock;
}

void segment_dir_lock_error(const char *path, unsigned timeout_ms,
			    struct latency_error *error)
{
	if (errno == EAGAIN) {
		error_set(error, "%s is locked by another process for more "
			  "than %u s", path, timeout_ms / 1000);
		errno = EBUSY;
	} else {
		error_set(error, "%s/" SEGMENT_DIR_LOCK_NAME ": cannot lock: "
			  "%s", path, strerror(errno));
	}
}

bool segment_dir_share(int lock)
{
	return set_lock(lock, F_RDLCK);
}

void segment_dir_unlock(int lock)
{
	if (lock == -1) {
		return;
	}
	/* A child that was forked meanwhile shares the lock. */
	set_lock(lock, F_UNLCK);
	close(lock);
}

DIR *segment_dir_list(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d;

	if (fd == -1) {
		return NULL;
	}
	d = fdopendir(fd);
	if (d == NULL) {
		close(fd);
	}
	return d;
}

int segment_open(int dir, const char *name, int flags,
		 struct latency_error *error)
{
	char owners[64];
	struct stat st;
	int fd = openat(dir, name,
			flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);

	if (fd == -1) {
		error_set(error, "%s: cannot open: %m", name);
		return -1;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		error_set(error, "%s: not a regular file", name);
		close(fd);
		errno = EINVAL;
		return -1;
	}
	if (!is_trusted(st.st_uid)) {
		name_trusted(owners);
		error_set(error, "%s: belongs to uid %u, not to %s", name,
			  (unsigned)st.st_uid, owners);
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

void segment_admit_group(int dir, int fd)
{
	const mode_t admits = S_ISGID | S_IRGRP;
	struct stat st;

	if (fstat(dir, &st) == 0 && (st.st_mode & admits) == admits) {
		fchmod(fd, 0640);
	}
}

bool segment_own(int fd)
{
	return set_lock(fd, F_WRLCK);
}

bool segment_owned(int fd)
{
	struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET };

	/* In doubt it is owned: then nobody removes it. */
	return fcntl(fd, F_OFD_GETLK, &lock) != 0 || lock.l_type != F_UNLCK;
}

bool process_name_parse(const char *name, const char *suffix, pid_t *pid,
			uint64_t *id)
{
	const char prefix[] = "smbd-";
	char *end;

	/* Called for each file: sscanf() would take ten times as long. */
	if (strncmp(name, prefix, strlen(prefix)) != 0) {
		return false;
	}
	*pid = (pid_t)strtoul(name + strlen(prefix), &end, 10);
	if (*end != '-') {
		return false;
	}
	*id = strtoull(end + 1, &end, 16);
	return strcmp(end, suffix) == 0;
}

pid_t segment_name_pid(const char *name)
{
	uint64_t id;
	pid_t pid;

	return process_name_parse(name, LATENCY_SEGMENT_SUFFIX, &pid, &id) ?
		pid : 0;
}

uint64_t segment_name_id(const char *name)
{
	uint64_t id;
	pid_t pid;

	return process_name_parse(name, LATENCY_SEGMENT_SUFFIX, &pid, &id) ?
		id : 0;
}

time_t segment_age(const struct stat *st)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec - st->st_mtime;
}
