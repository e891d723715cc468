/*
 * Waiting for a time, and for the signals that end the program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WAITING_H
#define WAITING_H

#include <stdbool.h>
#include <stdint.h>

/* From now on SIGINT and SIGTERM are waited for. */
void catch_signals(void);

/*
 * Returns true if one of them came before CLOCK_MONOTONIC had reached the time.
 * If nobody reads stdout any more, it ends the program as writing to it would.
 */
bool wait_until(uint64_t monotonic_ns);
void wait_for_signal(void);

#endif
