/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error_name.h"

#define ERRNO_MAX 4095

/* By code, from Samba's own list: see script/make-ntstatus. */
static const struct status {
	uint32_t code;
	const char *name;
} statuses[] = {
#define STATUS(code, name) { code, name },
#include "ntstatus_names.h"
#undef STATUS
};

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

static int compare(const void *key, const void *element)
{
	uint32_t code = *(const uint32_t *)key;
	const struct status *status = element;

	return (code > status->code) - (code < status->code);
}

static const char *status_name(uint32_t code)
{
	const struct status *status = bsearch(&code, statuses, STATUSES,
					      sizeof(statuses[0]), compare);

	return status != NULL ? status->name : NULL;
}

const char *error_name(uint32_t code, char number[ERROR_NUMBER])
{
	const char *name = NULL;

	if (code == UINT32_MAX) {
		return "other";
	}
	if (code <= ERRNO_MAX) {
		name = strerrorname_np((int)code);
	} else {
		name = status_name(code);
	}
	if (name == NULL) {
		snprintf(number, ERROR_NUMBER, "0x%08x", code);
		name = number;
	}
	return name;
}

uint32_t error_code(const char *name)
{
	unsigned long value;
	char *end;
	size_t i;
	int code;

	if (strcmp(name, "other") == 0) {
		return UINT32_MAX;
	}
	if (strncmp(name, "0x", 2) == 0) {
		value = strtoul(name, &end, 16);
		return *end == '\0' && value < UINT32_MAX ? (uint32_t)value : 0;
	}
	for (i = 0; i < STATUSES; i++) {
		if (strcmp(statuses[i].name, name) == 0) {
			return statuses[i].code;
		}
	}
	for (code = 1; code <= ERRNO_MAX; code++) {
		const char *known = strerrorname_np(code);

		if (known != NULL && strcmp(known, name) == 0) {
			return (uint32_t)code;
		}
	}
	return 0;
}
