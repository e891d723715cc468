/*
 * How long smbd's main thread has been ready to run without a CPU to run on,
 * as the kernel counts it in /proc/self/schedstat.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CPU_WAIT_H
#define CPU_WAIT_H

#include <stdint.h>

#pragma GCC visibility push(hidden)

/* Opens it if it is not open, once; to be called as root. */
void cpu_wait_open(void);

/*
 * Nanoseconds since the thread began; it costs a system call of about 1 us.
 * Always 0 where the kernel does not count them, or does not tell.
 */
uint64_t cpu_wait_ns(void);

/* In a forked child: what is open is the parent's. */
void cpu_wait_forget(void);

#pragma GCC visibility pop

#endif
