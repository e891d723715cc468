/*
 * Any bytes as a report in JSON that is added to others: it is refused by name,
 * or the sum can be shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_command commands[4];
	static char name[128];
	const char *words[4][6] = {
		{ "smblatency-stat", "merge", name },
		{ "smblatency-stat", "merge", "--json", name },
		{ "smblatency-stat", "merge", "--tree", name, name },
		{ "smblatency-stat", "merge", "--distribution", name },
	};
	const unsigned i = fuzz_choice(data, size) % 4;

	snprintf(name, sizeof(name), "%s/report.json", fuzz_path());
	close(fuzz_plant("report.json", data, size));
	must(fuzz_run(&commands[i], words[i]) <= 1);
	return 0;
}
