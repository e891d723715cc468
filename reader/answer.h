/*
 * Which error codes are answers, not failures: see latency_answers.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ANSWER_H
#define ANSWER_H

#include <stdbool.h>
#include <stdint.h>

#include "row_sum.h"

/* Is code an answer of the op, or the request, of this name? */
bool is_answer(const char *name, uint32_t code);

/* How many of the errors in a sum, all of this name, are answers. */
uint64_t answers_in(const char *name, const struct row_sum *sum);

#endif
