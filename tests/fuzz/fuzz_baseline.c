/*
 * Any bytes as the baseline of a process, or of the departed, in a directory
 * with a good segment: the commands that use it end by themselves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "baseline.h"
#include "fuzz.h"
#include "segment_dir.h"

static struct latency_header header_of(const void *data)
{
	struct latency_header h;

	memcpy(&h, data, sizeof(h));
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_command report, status;
	const char *words[] = { "smblatency-stat", "--segments", fuzz_path(),
				"--by", "share,process,op", NULL };
	const char *status_words[] = { "smblatency-stat", "--segments",
				       fuzz_path(), "all", "status", NULL };
	size_t good_size;
	const uint8_t *good = fuzz_good(&good_size);
	struct latency_header h = header_of(good);
	char name[64];
	int fd;

	if (size < sizeof(h)) {
		return 0;
	}
	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, h.pid,
		 (unsigned long long)h.id);
	fd = fuzz_plant(name, good, good_size);
	/* Of the living, or of one that is folded now. */
	must(data[0x20] % 2 == 0 || segment_own(fd));
	if (header_of(data).kind == LATENCY_KIND_DEPARTED) {
		strcpy(name, BASELINE_DEPARTED_NAME);
	} else {
		snprintf(name, sizeof(name), BASELINE_NAME, h.pid,
			 (unsigned long long)h.id);
	}
	close(fuzz_plant(name, data, size));
	switch (fuzz_choice(data, size) % 4) {
	case 0:
		must(fuzz_run(&status, status_words) <= 1);
		break;
	case 1:
	case 2:
		must(fuzz_run(&report, words) <= 1);
		break;
	}
	close(fd);
	must(fuzz_run(&report, words) <= 1);
	fuzz_directory_empty();
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	size_t good_size;
	const struct latency_header h = header_of(fuzz_good(&good_size));

	size = mutate_segment(data, size, max_size, seed);
	if (size > sizeof(h) && seed % 4 != 0) {
		/* So that it is one of that process. */
		memcpy(data + offsetof(struct latency_header, pid), &h.pid,
		       sizeof(h.pid));
		memcpy(data + offsetof(struct latency_header, id), &h.id,
		       sizeof(h.id));
	}
	return size;
}
