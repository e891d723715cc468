/*
 * smblatency-stat: options and commands, and nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <locale.h>
#include <stdio.h>

#include "complain.h"
#include "dispatch.h"
#include "help.h"
#include "latency_config.h"
#include "options.h"

static void print_version(void)
{
	printf("smblatency-stat %s for Samba %s\n", LATENCY_VERSION,
	       LATENCY_SAMBA_VERSION);
}

static void list_ops(void)
{
#define OP(ret, name, class, params, args, path, doc) \
	printf("%-24s%s\n", #name, doc);
#define OP_BY_HAND(name, class, doc) printf("%-24s%s\n", #name, doc);
#define OP_PAIR(name, class, doc) printf("%-24s%s\n", #name, doc);
#include "latency_ops.h"
}

int main(int argc, const char **argv)
{
	struct options options = { .given = 0 };
	const char *const *words;
	int ret;

	/* Only for wcwidth(): what we print is UTF-8, and never translated. */
	setlocale(LC_CTYPE, "C.UTF-8");
	ret = options_parse(argc, argv, &options, &words);
	if (ret != EXIT_OK) {
		return ret;
	}
	if (options.given & GIVEN(OPTION_HELP)) {
		help_print();
	} else if (options.given & GIVEN(OPTION_VERSION)) {
		print_version();
	} else if (options.given & GIVEN(OPTION_LIST_OPS)) {
		list_ops();
	} else {
		ret = dispatch(&options, words);
	}
	/* Whatever has been printed last. */
	return ret == EXIT_OK ? flush_output() : ret;
}
