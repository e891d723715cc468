/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "file_reader.h"
#include "sequence.h"

#define CHUNK_BYTES (LATENCY_FILE_CHUNK * sizeof(struct latency_file))

/* What is being copied. */
struct files {
	const struct reading *reading;
	struct latency_files *table;
	unsigned chunks;
};

/* Returns false if the writer has changed it meanwhile. */
static bool copy_files(void *private_data)
{
	const struct files *f = private_data;
	const struct latency_files *shared = shared_of(f->reading, f->table);
	/* EVEN_BEFORE_DATA, pairs with DATA_BEFORE_EVEN of seq_write_end(). */
	uint32_t before = word_follow(&shared->seq.count);
	unsigned i;

	/* The lines of the chunks have been checked: they stay. */
	words_copy(f->table, shared, offsetof(struct latency_files, chunk));
	for (i = 0; i < f->chunks; i++) {
		void *chunk = image_mutable(f->reading, f->table->chunk[i]);

		words_copy(chunk, shared_of(f->reading, chunk), CHUNK_BYTES);
	}
	/* DATA_BEFORE_AGAIN, pairs with seq_write_begin(): see seq_read(). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return before % 2 == 0 && word_read(&shared->seq.count) == before;
}

static bool take_chunks(struct files *f, uint32_t count)
{
	unsigned i;

	f->chunks = (count + LATENCY_FILE_CHUNK - 1) / LATENCY_FILE_CHUNK;
	for (i = 0; i < f->chunks; i++) {
		uint32_t line = f->table->chunk[i];

		if (!inside(f->reading, line, CHUNK_BYTES)) {
			return bad(f->reading, "files outside the file", line);
		}
		if (!take(f->reading, line, CHUNK_BYTES)) {
			return false;
		}
	}
	return true;
}

/* Can be added up without an overflow. */
static bool possible(const struct latency_file_sum *sum)
{
	const uint64_t most = (uint64_t)1 << 52;

	return sum->time_ns <= most << 8 && sum->requests <= most &&
		sum->failures <= most && sum->read_bytes <= most << 8 &&
		sum->written_bytes <= most << 8;
}

static bool check_files(const struct files *f)
{
	unsigned i;

	if (!possible(&f->table->dropped) || !possible(&f->table->most) ||
	    !possible(&f->table->unknown)) {
		return bad(f->reading, "sums of files out of range", 0);
	}
	for (i = 0; i < f->table->count; i++) {
		const struct latency_file *chunk = image_mutable(
			f->reading, f->table->chunk[i / LATENCY_FILE_CHUNK]);
		const struct latency_file *file =
			&chunk[i % LATENCY_FILE_CHUNK];

		if (memchr(file->path, '\0', sizeof(file->path)) == NULL) {
			return bad(f->reading, "unterminated path of a file",
				   i);
		}
		if (!possible(&file->sum) || !possible(&file->missed)) {
			return bad(f->reading, "sums of a file out of range",
				   i);
		}
	}
	return true;
}

bool files_read(struct reading *r, struct latency_slot *slot)
{
	struct files f = { .reading = r };
	const struct latency_files *shared;
	uint32_t count;

	if (!r->image->with_files) {
		slot->files = 0;
	}
	if (slot->files == 0) {
		return true;
	}
	if (!inside(r, slot->files, sizeof(*f.table))) {
		return bad(r, "list of files outside the file", slot->files);
	}
	if (!take(r, slot->files, sizeof(*f.table))) {
		return false;
	}
	f.table = image_mutable(r, slot->files);
	shared = shared_of(r, f.table);
	/* NUMBER_BEFORE_PART, pairs with another(): their chunks. */
	count = word_follow(&shared->count);
	if (count > LATENCY_FILES) {
		return bad(r, "number of files out of range", count);
	}
	words_copy(f.table, shared, sizeof(*f.table));
	if (!take_chunks(&f, count)) {
		return false;
	}
	/* If its writer has died within an update, one file may be amiss. */
	read_again(copy_files, &f);
	if (f.table->count > f.chunks * LATENCY_FILE_CHUNK) {
		f.table->count = f.chunks * LATENCY_FILE_CHUNK;
	}
	return check_files(&f);
}
