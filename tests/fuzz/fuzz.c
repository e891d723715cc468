/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <fcntl.h>
#include <sanitizer/lsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dispatch.h"
#include "fuzz.h"
#include "segment_copy.h"
#include "segment_dir.h"

static char path[64];
static int directory = -1;

void fuzz_failed(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

const uint8_t *fuzz_good(size_t *size)
{
	static uint8_t *good;
	static size_t good_size;
	const char *name = getenv("FUZZ_GOOD");
	struct stat st;
	int fd;

	if (good == NULL) {
		must(name != NULL);
		fd = open(name, O_RDONLY | O_CLOEXEC);
		must(fd != -1 && fstat(fd, &st) == 0);
		good_size = (size_t)st.st_size;
		good = malloc(good_size);
		must(good != NULL);
		must(read(fd, good, good_size) == st.st_size);
		close(fd);
	}
	*size = good_size;
	return good;
}

uint32_t fuzz_choice(const uint8_t *data, size_t size)
{
	/* Of what is long not all: it would take longer than the rest. */
	const size_t step = 1 + size / 2048;
	uint32_t hash = 0;
	size_t i;

	for (i = 0; i < size; i += step) {
		hash = hash * 31 + data[i];
	}
	return hash >> 8 ^ hash;
}

/* ------------------------------- directory ------------------------------- */

static void directory_remove(void)
{
	fuzz_directory_empty();
	rmdir(path);
}

int fuzz_directory(void)
{
	struct latency_error error;

	if (directory == -1) {
		snprintf(path, sizeof(path), "/dev/shm/latency-fuzz-XXXXXX");
		must(mkdtemp(path) != NULL);
		directory = segment_dir_open(path, false, &error);
		must(directory != -1);
		atexit(directory_remove);
	}
	return directory;
}

const char *fuzz_path(void)
{
	fuzz_directory();
	return path;
}

void fuzz_directory_empty(void)
{
	DIR *d = segment_dir_list(fuzz_directory());
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		unlinkat(directory, e->d_name, 0);
	}
	if (d != NULL) {
		closedir(d);
	}
}

int fuzz_plant(const char *name, const void *data, size_t size)
{
	int fd = openat(fuzz_directory(), name,
			O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd != -1 && write(fd, data, size) == (ssize_t)size);
	return fd;
}

/* -------------------------------- images --------------------------------- */

bool fuzz_image(const void *data, size_t size, struct segment_image *image)
{
	struct latency_error error = { .text = "" };
	unsigned char *taken, *shared;
	bool ok;

	memset(image, 0, sizeof(*image));
	if (size < sizeof(struct latency_header)) {
		return false;
	}
	strcpy(image->name, "fuzzed");
	image->size = size / LATENCY_LINE * LATENCY_LINE;
	image->data = calloc(image->size, 1);
	/* A line more than what is read, so that ASan sees what is beyond. */
	shared = aligned_alloc(LATENCY_LINE, image->size);
	taken = calloc(image->size / LATENCY_LINE, 1);
	must(image->data != NULL && shared != NULL && taken != NULL);
	memcpy(shared, data, image->size);
	image->header = (const struct latency_header *)image->data;
	image->with_files = true;
	image->owned = (shared[0x20] & 1) != 0;
	ok = segment_copy(image, shared, taken, &error);
	must(ok || strstr(error.text, image->name) != NULL);
	free(taken);
	free(shared);
	if (!ok) {
		segment_image_free(image);
	}
	return ok;
}

static void check_sum(const struct row_sum *sum)
{
	uint64_t count = 0;
	unsigned i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		count += sum->histogram[i];
	}
	must(count == sum->count);
	must(sum->count == 0 || sum->min_ns <= row_sum_avg(sum));
	must(sum->count == 0 || row_sum_avg(sum) <= sum->max_ns);
}

uint64_t fuzz_check_image(const struct segment_image *image)
{
	const struct latency_slot *slot;
	uint64_t calls = 0;
	unsigned i;

	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		const struct latency_files *files = image_files(image, slot);

		must(memchr(slot->key.share, '\0', sizeof(slot->key.share)));
		must(memchr(slot->key.user, '\0', sizeof(slot->key.user)));
		for (i = 0; i < slot->nodes; i++) {
			struct row_sum sum;

			image_node_sum(image, image_node(image, slot, i), &sum);
			check_sum(&sum);
			calls += sum.count + sum.untimed;
		}
		for (i = 0; files != NULL && i < files->count; i++) {
			const struct latency_file *file =
				image_file(image, files, i);

			must(memchr(file->path, '\0', sizeof(file->path)));
		}
	}
	return calls;
}

/* ------------------------------- commands -------------------------------- */

/* The program parses once, and keeps what it has for as long as it lives. */
static void parse(struct fuzz_command *c, const char **words)
{
	struct options *o = &c->options;
	int count = 0;

	while (words[count] != NULL) {
		count++;
	}
	__lsan_disable();
	must(options_parse(count, words, o, &c->rest) == 0);
	__lsan_enable();
	c->is_parsed = true;
}

int fuzz_run(struct fuzz_command *c, const char **words)
{
	struct options options;

	if (!c->is_parsed) {
		parse(c, words);
	}
	options = c->options;
	return dispatch(&options, c->rest);
}
