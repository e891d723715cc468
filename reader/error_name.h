/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ERROR_NAME_H
#define ERROR_NAME_H

#include <stdint.h>

/* Big enough for a number. */
#define ERROR_NUMBER 16

/*
 * The name of an error code: "ENOENT" for an errno;
 * "NT_STATUS_OBJECT_NAME_NOT_FOUND" for an NTSTATUS, whose errors and warnings
 * are all above any errno; "other" for UINT32_MAX. What Samba has no name for
 * is written to `number`, in hexadecimal.
 */
const char *error_name(uint32_t code, char number[ERROR_NUMBER]);

/* The code of such a name, or such a number; 0 if it is neither. */
uint32_t error_code(const char *name);

#endif
