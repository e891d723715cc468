/*
 * Keeps a shared mapping of a file from killing the process.
 *
 * Who truncates a mapped file turns the next access into SIGBUS. While a
 * mapping is guarded, such an access finds private zero-filled memory instead.
 *
 * Limitations: at most MAP_GUARD_MAX mappings at a time, process-wide; the
 * functions are not for use from several threads at once (accesses are).
 * Installs a SIGBUS handler on first use and calls the one it found for every
 * fault elsewhere.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MAP_GUARD_H
#define MAP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAP_GUARD_MAX 4

/*
 * Guards size bytes at base, page aligned. When the mapping has to be
 * replaced, *flag, which may lie inside it, is set to 1 afterwards; flag may
 * be NULL. Returns false with errno if the handler cannot be installed or
 * MAP_GUARD_MAX mappings are guarded already.
 */
bool map_guard_add(void *base, size_t size, uint32_t *flag);

/* Ends the guard of the mapping at base; its memory is left as it is. */
void map_guard_remove(void *base);

/* Was the mapping at base replaced? */
bool map_guard_broken(const void *base);

/*
 * Replaces the mapping at base now: what is written from here on reaches
 * nobody. For a forked child, which must not write what its parent counts.
 * Async-signal-safe.
 */
void map_guard_detach(void *base);

#endif
