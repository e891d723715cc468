/*
 * Linked into a copy of the module with --wrap: makes one of its calls fail,
 * the n-th of a function, or all from that one on. The file VFS_LATENCY_FAULT
 * says which, for processes that begin then:
 *
 *   FUNCTION N ERRNO once|ever
 *
 * When it happens a byte is added to the file of the same name with ".hit".
 * Calls that others make are not touched.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	long pid;			/* that has read it */
	char function[32];
	int n, error;
	bool ever;
	int calls;
} fault;

/* Without a function that could be one of those below. */
static long read_file(const char *path, char *text, size_t size)
{
	long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	long got = fd >= 0 ? syscall(SYS_read, fd, text, size - 1) : -1;

	if (fd >= 0) {
		syscall(SYS_close, fd);
	}
	text[got > 0 ? got : 0] = '\0';
	return got;
}

static void read_fault(void)
{
	const char *path = getenv("VFS_LATENCY_FAULT");
	char text[128], mode[16] = "";

	memset(&fault, 0, sizeof(fault));
	fault.pid = syscall(SYS_getpid);
	if (path != NULL && read_file(path, text, sizeof(text)) > 0) {
		sscanf(text, "%31s %d %d %15s", fault.function, &fault.n,
		       &fault.error, mode);
		fault.ever = strcmp(mode, "ever") == 0;
	}
}

static void note_hit(void)
{
	char path[4096];
	long fd;

	snprintf(path, sizeof(path), "%s.hit", getenv("VFS_LATENCY_FAULT"));
	fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND,
		     0600);
	syscall(SYS_write, fd, "x", 1);
	syscall(SYS_close, fd);
}

/* Shall this call fail? errno is set then. */
static bool fails(const char *function)
{
	int saved_errno = errno;

	if (fault.pid != syscall(SYS_getpid)) {
		read_fault();
	}
	errno = saved_errno;
	if (fault.n == 0 || strcmp(function, fault.function) != 0 ||
	    ++fault.calls < fault.n || (!fault.ever && fault.calls != fault.n))
	{
		return false;
	}
	if (fault.calls == fault.n) {
		note_hit();
	}
	errno = fault.error;
	return true;
}

/* A function that fails by returning `failed`. */
#define WRAP(type, name, params, args, failed)                  \
	type __real_##name params;                              \
	type __wrap_##name params;                              \
	type __wrap_##name params                               \
	{                                                       \
		return fails(#name) ? failed : __real_##name args; \
	}

WRAP(int, fstat, (int fd, struct stat *st), (fd, st), -1)
WRAP(int, fstatat, (int dir, const char *name, struct stat *st, int flags),
     (dir, name, st, flags), -1)
WRAP(void *, mmap, (void *at, size_t size, int prot, int flags, int fd,
		    off_t offset), (at, size, prot, flags, fd, offset),
     MAP_FAILED)
WRAP(int, sigaction, (int number, const struct sigaction *action,
		      struct sigaction *old), (number, action, old), -1)
WRAP(int, linkat, (int from_dir, const char *from, int to_dir, const char *to,
		   int flags), (from_dir, from, to_dir, to, flags), -1)
WRAP(int, renameat, (int from_dir, const char *from, int to_dir,
		     const char *to), (from_dir, from, to_dir, to), -1)
WRAP(int, renameat2, (int from_dir, const char *from, int to_dir,
		      const char *to, unsigned flags),
     (from_dir, from, to_dir, to, flags), -1)
WRAP(int, unlinkat, (int dir, const char *name, int flags),
     (dir, name, flags), -1)
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
WRAP(ssize_t, pread, (int fd, void *data, size_t size, off_t offset),
     (fd, data, size, offset), -1)
WRAP(ssize_t, pwrite, (int fd, const void *data, size_t size, off_t offset),
     (fd, data, size, offset), -1)
WRAP(ssize_t, read, (int fd, void *data, size_t size), (fd, data, size), -1)
WRAP(DIR *, fdopendir, (int fd), (fd), NULL)
WRAP(void *, _talloc_zero, (const void *parent, size_t size,
			    const char *name), (parent, size, name), NULL)
WRAP(int, utimensat, (int dir, const char *name,
		      const struct timespec times[2], int flags),
     (dir, name, times, flags), -1)
WRAP(FILE *, open_memstream, (char **text, size_t *size), (text, size), NULL)
WRAP(int, getsockopt, (int fd, int level, int name, void *value,
		       socklen_t *size), (fd, level, name, value, size), -1)
WRAP(int, posix_fallocate, (int fd, off_t offset, off_t size),
     (fd, offset, size), errno)

WRAP(int, getrusage, (__rusage_who_t who, struct rusage *usage), (who, usage),
     -1)
WRAP(struct dirent *, readdir, (DIR * d), (d), NULL)
WRAP(void *, malloc, (size_t size), (size), NULL)
WRAP(void *, calloc, (size_t count, size_t size), (count, size), NULL)
WRAP(void *, realloc, (void *p, size_t size), (p, size), NULL)
WRAP(char *, strdup, (const char *text), (text), NULL)

/* Of those below the last argument is not always there; it does no harm. */
WRAP(int, openat, (int dir, const char *name, int flags, mode_t mode),
     (dir, name, flags, mode), -1)
WRAP(int, open, (const char *name, int flags, mode_t mode),
     (name, flags, mode), -1)
WRAP(int, fcntl, (int fd, int command, void *argument),
     (fd, command, argument), -1)
