/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "complain.h"
#include "pid_word.h"

int pid_word_parse(const char *const *words, pid_t *pid)
{
	char *end;
	long value;

	if (words[0] == NULL) {
		return EXIT_OK;
	}
	errno = 0;
	value = strtol(words[0], &end, 10);
	*pid = (pid_t)value;
	if (!isdigit((unsigned char)words[0][0]) || *end != '\0' ||
	    errno != 0 || value <= 0 || value != *pid) {
		return wrong_usage("not a process id: '%s'", words[0]);
	}
	return words[1] == NULL ? EXIT_OK :
		wrong_usage("one word too many: '%s'", words[1]);
}
