/*
 * Preloaded into smbd: makes system calls slow, as slow storage does. Other
 * than a VFS module it is below everything, and also delays the threads that
 * read and write.
 *
 * The environment variable SLOW_CALLS names a file of one uint32_t for each
 * call below, in their order: by so many microseconds it is delayed from now
 * on, asleep. The file may be changed at any time. SLOW_BELOW is the directory
 * whose files are slow: smbd has others of its own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* Not <sys/stat.h> and its like: theirs are other types, of the same size. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum call { PREAD, PWRITE, FSYNC, OPENAT, STAT, GETXATTR, STATVFS, READDIR,
	    UNLINK, CALLS };

static const volatile uint32_t *delay_us;

static __attribute__((constructor)) void slow_calls_init(void)
{
	const char *file = getenv("SLOW_CALLS");
	int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
	void *map;

	if (fd == -1) {
		return;
	}
	map = mmap(NULL, CALLS * sizeof(*delay_us), PROT_READ, MAP_SHARED, fd,
		   0);
	delay_us = map != MAP_FAILED ? map : NULL;
	close(fd);
}

static int is_below(const char *path)
{
	const char *below = getenv("SLOW_BELOW");

	return path[0] != '/' || (below != NULL &&
				  strncmp(path, below, strlen(below)) == 0);
}

static int is_fd_below(int fd)
{
	char link[64], path[4096];
	ssize_t length;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	path[length > 0 ? length : 0] = '\0';
	return length > 0 && is_below(path);
}

/* Of smbd's own files none is named by a path that is relative. */
#define FD(fd) is_fd_below(fd)
#define PATH(path) is_below(path)

#define delay(call, slow)                                                 \
	do {                                                              \
		uint32_t us = delay_us != NULL ? delay_us[call] : 0;      \
		const struct timespec ts = {                              \
			us / 1000000, us % 1000000 * 1000                 \
		};                                                        \
									  \
		if (us != 0 && (slow)) {                                  \
			nanosleep(&ts, NULL);                             \
		}                                                         \
	} while (0)

#define SLOW(call, slow, type, name, params, args)                        \
	type name params;                                                 \
	type name params                                                  \
	{                                                                 \
		static type(*next) params;                                \
									  \
		if (next == NULL) {                                       \
			next = (type(*) params)dlsym(RTLD_NEXT, #name);   \
		}                                                         \
		delay(call, slow);                                        \
		return next args;                                         \
	}

SLOW(PREAD, FD(fd), ssize_t, pread, (int fd, void *to, size_t n, off_t at),
     (fd, to, n, at))
SLOW(PREAD, FD(fd), ssize_t, pread64, (int fd, void *to, size_t n, off_t at),
     (fd, to, n, at))
SLOW(PREAD, FD(fd), ssize_t, sendfile, (int to, int fd, off_t *at, size_t n),
     (to, fd, at, n))
SLOW(PREAD, FD(fd), ssize_t, sendfile64, (int to, int fd, off_t *at, size_t n),
     (to, fd, at, n))
SLOW(PWRITE, FD(fd), ssize_t, pwrite,
     (int fd, const void *from, size_t n, off_t at),
     (fd, from, n, at))
SLOW(PWRITE, FD(fd), ssize_t, pwrite64,
     (int fd, const void *from, size_t n, off_t at),
     (fd, from, n, at))
SLOW(FSYNC, FD(fd), int, fsync, (int fd), (fd))
SLOW(FSYNC, FD(fd), int, fdatasync, (int fd), (fd))
SLOW(STAT, PATH(path), int, fstatat,
     (int at, const char *path, void *st, int flags),
     (at, path, st, flags))
SLOW(STAT, PATH(path), int, fstatat64,
     (int at, const char *path, void *st, int flags),
     (at, path, st, flags))
SLOW(STAT, PATH(path), int, stat, (const char *path, void *st), (path, st))
SLOW(STAT, PATH(path), int, stat64, (const char *path, void *st), (path, st))
SLOW(STAT, PATH(path), int, lstat, (const char *path, void *st), (path, st))
SLOW(STAT, PATH(path), int, lstat64, (const char *path, void *st), (path, st))
SLOW(UNLINK, PATH(path), int, mkdirat, (int at, const char *path, mode_t mode),
     (at, path, mode))
SLOW(GETXATTR, FD(fd), ssize_t, fgetxattr,
     (int fd, const char *name, void *to, size_t n), (fd, name, to, n))
SLOW(GETXATTR, PATH(path), ssize_t, getxattr,
     (const char *path, const char *name, void *to, size_t n),
     (path, name, to, n))
SLOW(STATVFS, PATH(path), int, statvfs,
     (const char *path, void *st), (path, st))
SLOW(STATVFS, PATH(path), int, statvfs64,
     (const char *path, void *st), (path, st))
SLOW(READDIR, 1, void *, readdir, (void *d), (d))
SLOW(READDIR, 1, void *, readdir64, (void *d), (d))
SLOW(UNLINK, PATH(path), int, unlinkat, (int at, const char *path, int flags),
     (at, path, flags))

#define SLOW_OPENAT(name)                                                 \
	int name(int at, const char *path, int flags, ...);               \
	int name(int at, const char *path, int flags, ...)                \
	{                                                                 \
		static int (*next)(int at, const char *path, int flags,   \
				   mode_t mode);                          \
		va_list ap;                                               \
		mode_t mode;                                              \
									  \
		if (next == NULL) {                                       \
			next = (int (*)(int, const char *, int, mode_t))  \
				dlsym(RTLD_NEXT, #name);                  \
		}                                                         \
		va_start(ap, flags);                                      \
		mode = va_arg(ap, mode_t);                                \
		va_end(ap);                                               \
		delay(OPENAT, PATH(path));                                \
		return next(at, path, flags, mode);                       \
	}

SLOW_OPENAT(openat)
SLOW_OPENAT(openat64)
