/*
 * Any bytes as the file `control` and as the header of a segment: a new smbd
 * takes no more from it than what it holds, and a change changes nothing else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <unistd.h>

#include "control.h"
#include "fuzz.h"
#include "segment_dir.h"

#define SEGMENT "smbd-4194000-1.segment"

/* Outside of what asks smbd for something. */
static void check_unchanged(int fd, const uint8_t *data, size_t size)
{
	static uint8_t after[1 << 16];
	const size_t from = offsetof(struct latency_header, control);
	const size_t to = from + sizeof(struct latency_control);
	ssize_t got = pread(fd, after, sizeof(after), 0);

	must(got >= 0 && ((size_t)got == size ||
			  ((size_t)got > size && (size_t)got <= to)));
	must(memcmp(after, data, size < from ? size : from) == 0);
	must(size <= to || memcmp(after + to, data + to, size - to) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct control_change change = {
		.set_off = true, .off = true, .set_slow = true, .slow_ms = 7,
	};
	size_t control_size = size != 0 ? data[0] % 80 : 0;
	struct latency_control control = { .off = 0 };
	struct latency_error error = { .text = "" };
	int fd;

	if (size <= control_size || size > 1 << 16) {
		return 0;
	}
	close(fuzz_plant(CONTROL_NAME, data + 1, control_size));
	data += 1 + control_size;
	size -= 1 + control_size;
	fd = fuzz_plant(SEGMENT, data, size);
	/* One that lives and has no magic is waited for. */
	if (size >= sizeof(struct latency_header) && data[0] != 0) {
		must(segment_own(fd));
	}
	control_inherit(fuzz_directory(), &control);
	must(control_size > offsetof(struct latency_control, reserved) ||
	     control.reserved[0] == 0);
	must(control_change(fuzz_path(), 0, &change, &error) ||
	     error.text[0] != '\0');
	control_inherit(fuzz_directory(), &control);
	must(control.off == 1 && control.slow_set == 1 && control.slow_ms == 7);
	check_unchanged(fd, data, size);
	close(fd);
	fuzz_directory_empty();
	return 0;
}
