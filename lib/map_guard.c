/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "map_guard.h"

static struct {
	unsigned char *base;		/* NULL: free */
	size_t size;
	uint32_t *flag;
	volatile sig_atomic_t broken;
} guarded[MAP_GUARD_MAX];

static struct sigaction before;
static bool installed;

static int find(const void *address)
{
	const unsigned char *byte = address;
	int i;

	for (i = 0; i < MAP_GUARD_MAX; i++) {
		if (guarded[i].base != NULL && byte >= guarded[i].base &&
		    byte < guarded[i].base + guarded[i].size) {
			return i;
		}
	}
	return -1;
}

static bool replace(int i)
{
	void *p = mmap(guarded[i].base, guarded[i].size,
		       PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
		       -1, 0);

	if (p == MAP_FAILED) {
		return false;
	}
	guarded[i].broken = 1;
	if (guarded[i].flag != NULL) {
		__atomic_store_n(guarded[i].flag, 1, __ATOMIC_RELAXED);
	}
	return true;
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
	int saved_errno = errno;
	int i = find(info->si_addr);

	if (i >= 0 && replace(i)) {
		errno = saved_errno;
		return;
	}
	errno = saved_errno;

	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(number, info, context);
	} else if (before.sa_handler != SIG_DFL &&
		   before.sa_handler != SIG_IGN) {
		before.sa_handler(number);
	} else {
		/* The access is repeated and now meets its default fate. */
		signal(SIGBUS, SIG_DFL);
	}
}

static bool install(void)
{
	struct sigaction action;

	if (installed) {
		return true;
	}
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_sigbus;
	action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
	sigemptyset(&action.sa_mask);
	installed = sigaction(SIGBUS, &action, &before) == 0;
	return installed;
}

bool map_guard_add(void *base, size_t size, uint32_t *flag)
{
	int i;

	if (!install()) {
		return false;
	}
	for (i = 0; i < MAP_GUARD_MAX; i++) {
		if (guarded[i].base == NULL) {
			guarded[i].size = size;
			guarded[i].flag = flag;
			guarded[i].broken = 0;
			/* From here on on_sigbus() takes it. */
			__atomic_store_n(&guarded[i].base, base,
					 __ATOMIC_RELEASE);
			return true;
		}
	}
	errno = ENOSPC;
	return false;
}

void map_guard_remove(void *base)
{
	int i = find(base);

	if (i >= 0) {
		__atomic_store_n(&guarded[i].base, NULL, __ATOMIC_RELEASE);
	}
}

bool map_guard_broken(const void *base)
{
	int i = find(base);

	return i >= 0 && guarded[i].broken;
}

void map_guard_detach(void *base)
{
	int i = find(base);

	if (i >= 0) {
		replace(i);
	}
}
