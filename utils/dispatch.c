/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "dispatch.h"

struct command {
	const char *word;
	const char *arguments;
	uint64_t takes;
	int (*run)(const struct options *options, const char *const *words);
};

static const struct command commands[] = {
#define COMMAND(name, word, arguments, takes, help) \
	{ word, arguments, takes, command_##name },
#include "command_table.h"
	{ .word = NULL },
};

/* Those behind "all", "smbd" or a pid. */
static const struct command target_commands[] = {
#define TARGET_COMMAND(name, word, arguments, takes, help) \
	{ word, arguments, takes, command_##name },
#include "command_table.h"
	{ .word = NULL },
};

/* What the text and each other view of a report can be asked for with. */
static const struct {
	uint64_t takes;
	const char *called;
} views[OUTPUTS] = {
	[OUTPUT_TEXT] = {
		TAKES_TABLES | GIVEN(OPTION_BY) | TAKES_INTERVALS | TAKES_PAST |
			GIVEN(OPTION_AGAINST),
		"a report"
	},
#define VIEW(NAME, name, letter, takes, help) \
	[OUTPUT_##NAME] = { GIVEN(OPTION_##NAME) | (takes), "--" #name },
#define METRICS_VIEW VIEW
#include "view_table.h"
};

static const struct command *find(const struct command *table,
				  const char *word)
{
	while (table->word != NULL && strcmp(table->word, word) != 0) {
		table++;
	}
	return table->word != NULL ? table : NULL;
}

static int run(const struct command *c, const struct options *o,
	       const char *const *words)
{
	bool report = c->word[0] == '\0';
	uint64_t takes = c->takes;
	int ret;

	if (report) {
		takes = views[o->output].takes | TAKES_FILTERS | TAKES_WHERE;
	}
	ret = options_check(o, takes, report ? views[o->output].called :
			    c->word);
	if (ret == EXIT_OK && *words != NULL &&
	    (report || c->arguments[0] == '\0')) {
		ret = wrong_usage("one word too many: '%s'", *words);
	}
	return ret != EXIT_OK ? ret : c->run(o, words);
}

/* Says that the words behind a target are no command. Returns EXIT_USAGE. */
static int wrong_target_command(const char *target, const char *word)
{
	const struct command *c;
	char all[256] = "";

	for (c = target_commands; c->word != NULL; c++) {
		size_t length = strlen(all);

		snprintf(all + length, sizeof(all) - length, "%s%s%s%s",
			 c == target_commands ? "" :
			 c[1].word == NULL ? " or " : ", ", c->word,
			 c->arguments[0] != '\0' ? " " : "", c->arguments);
	}
	return word == NULL ?
		wrong_usage("what to do with %s: %s?", target, all) :
		wrong_usage("%s takes %s, not '%s'", target, all, word);
}

/* Is this a process id? */
static bool parse_pid(const char *word, pid_t *pid)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	*pid = (pid_t)value;
	return errno == 0 && isdigit((unsigned char)word[0]) && *end == '\0' &&
		value > 0 && value == *pid;
}

int dispatch(struct options *options, const char *const *words)
{
	const char *word = words[0] != NULL ? words[0] : "";
	const char *const *rest = words + (words[0] != NULL);
	bool pid = parse_pid(word, &options->report.filter.pid);
	const struct command *c;

	if (strcmp(word, "all") == 0 || strcmp(word, "smbd") == 0 ||
	    (pid && *rest != NULL)) {
		c = *rest != NULL ? find(target_commands, *rest) : NULL;
		return c != NULL ? run(c, options, rest + 1) :
			wrong_target_command(word, *rest);
	}
	c = find(commands, pid ? "" : word);
	return c != NULL ? run(c, options, rest) :
		wrong_usage("'%s' is neither a command nor a process id", word);
}
