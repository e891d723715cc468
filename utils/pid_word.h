/*
 * The process id that some commands take.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PID_WORD_H
#define PID_WORD_H

#include <sys/types.h>

/*
 * Takes the process id among the words, if there is one. Returns EXIT_OK, or
 * EXIT_USAGE after a message.
 */
int pid_word_parse(const char *const *words, pid_t *pid);

#endif
