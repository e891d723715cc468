/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "answer.h"

static const struct answer {
	const char *name;
	uint32_t code;
} answers[] = {
#define OP_ANSWER(op, code) { #op, code },
#define REQUEST_ANSWER OP_ANSWER
#include "latency_answers.h"
};

bool is_answer(const char *name, uint32_t code)
{
	size_t i;

	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i].code == code &&
		    strcmp(answers[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

uint64_t answers_in(const char *name, const struct row_sum *sum)
{
	uint64_t count = 0;
	uint32_t i;

	for (i = 0; i < sum->error_count; i++) {
		if (is_answer(name, sum->error[i].code)) {
			count += sum->error[i].count;
		}
	}
	return count;
}
