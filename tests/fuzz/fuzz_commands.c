/*
 * Any bytes as a segment in the directory, beside a good one: every command
 * that reads it ends by itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <unistd.h>

#include "fuzz.h"
#include "segment_dir.h"

/* Behind "smblatency-stat --segments DIRECTORY". */
static const char *const commands[][5] = {
	{ "--json" },
	{ "--json", "--by", "share,user,client,request,layer,op" },
	{ "--openmetrics", "--by", "share" },
	{ "--prometheus" },
	{ "slow" },
	{ "slow", "--json" },
	{ "errors", "--by", "share" },
	{ "now" },
	{ "now", "--json" },
	{ "files", "--by", "share,user" },
	{ "files", "--dirs=2", "--json" },
	{ "why", "--json" },
	{ "all", "status", "--json" },
	{ "all", "threshold", "1" },
	{ "all", "reset" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void run(unsigned number)
{
	static struct fuzz_command parsed[COMMANDS];
	const char *words[9] = { "smblatency-stat", "--segments",
				 fuzz_path() };
	unsigned i;

	for (i = 0; i < 5 && commands[number][i] != NULL; i++) {
		words[3 + i] = commands[number][i];
	}
	must(fuzz_run(&parsed[number], words) <= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t good_size;
	const uint8_t *good = fuzz_good(&good_size);
	int alive = fuzz_plant("smbd-4194000-1.segment", good, good_size);
	int fd = fuzz_plant("smbd-4194000-2.segment", data, size);
	const uint32_t choice = fuzz_choice(data, size);

	must(segment_own(alive));
	must(choice % 2 == 0 || segment_own(fd));
	run(choice / 2 % COMMANDS);
	close(fd);
	close(alive);
	fuzz_directory_empty();
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	return mutate_segment(data, size, max_size, seed);
}
