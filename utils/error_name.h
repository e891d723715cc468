/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ERROR_NAME_H
#define ERROR_NAME_H

#include <stdint.h>

/* Big enough for a number. */
#define ERROR_NUMBER 16

/*
 * The name of an error code: "ENOENT" for an errno; "0xc0000034" for an
 * NTSTATUS, whose errors and warnings are all above any errno; "other" for
 * UINT32_MAX. Numbers are written to `number`.
 */
const char *error_name(uint32_t code, char number[ERROR_NUMBER]);

/* The code of such a name; 0 if it is none. */
uint32_t error_code(const char *name);

#endif
