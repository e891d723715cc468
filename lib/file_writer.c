/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "file_writer.h"
#include "least_heap.h"
#include "name.h"

#define BUCKETS 256u
#define NONE 0u			/* in the buckets, which hold numbers + 1 */

/* The weight of requests and bytes follows the totals, every so many. */
#define RATES_REQUESTS 64u

struct file_writer {
	struct latency_files *table;
	struct latency_file *chunk[LATENCY_FILE_CHUNKS];
	struct least_heap weights;	/* of all there are */
	unsigned limit;			/* how many there may be */
	struct latency_file_sum all;	/* that was ever counted */
	double ns_per_request, ns_per_byte;
	uint64_t hash[LATENCY_FILES];
	uint8_t next[LATENCY_FILES];	/* in its bucket */
	uint8_t bucket[BUCKETS];
};

_Static_assert(LATENCY_FILES < 256, "numbers + 1 are bytes");
_Static_assert(LATENCY_FILES <= LEAST_HEAP_MOST, "all have a weight");

/* --------------------------------- sums ---------------------------------- */

static void sum_add(struct latency_file_sum *sum,
		    const struct latency_file_sum *more)
{
#define FIGURE(NAME, field, word, doc) word_add(&sum->field, more->field);
#include "latency_figures.h"
}

static void sum_set(struct latency_file_sum *sum,
		    const struct latency_file_sum *value)
{
#define FIGURE(NAME, field, word, doc) word_write(&sum->field, value->field);
#include "latency_figures.h"
}

/* Each figure becomes at least that. */
static void sum_raise(struct latency_file_sum *sum,
		      const struct latency_file_sum *least)
{
#define FIGURE(NAME, field, word, doc)                      \
	if (sum->field < least->field) {                    \
		word_write(&sum->field, least->field);      \
	}
#include "latency_figures.h"
}

static struct latency_file_sum sum_of(struct latency_file_sum a,
				      const struct latency_file_sum *b)
{
#define FIGURE(NAME, field, word, doc) a.field += b->field;
#include "latency_figures.h"
	return a;
}

/* -------------------------------- weights -------------------------------- */

static void set_rates(struct file_writer *f)
{
	const struct latency_file_sum *all = &f->all;
	uint64_t bytes = all->read_bytes + all->written_bytes;

	if (all->requests != 0) {
		f->ns_per_request = (double)all->time_ns /
			(double)all->requests;
	}
	if (bytes != 0) {
		f->ns_per_byte = (double)all->time_ns / (double)bytes;
	}
}

static uint64_t weight_of(const struct file_writer *f,
			  const struct latency_file_sum *use)
{
	return use->time_ns + (uint64_t)(
		(double)use->requests * f->ns_per_request +
		(double)(use->read_bytes + use->written_bytes) *
		f->ns_per_byte);
}

/* --------------------------------- places -------------------------------- */

static struct latency_file *file_at(const struct file_writer *f, unsigned i)
{
	return &f->chunk[i / LATENCY_FILE_CHUNK][i % LATENCY_FILE_CHUNK];
}

/* Of a path of so many bytes: eight at a time, mixed as in SplitMix64. */
static uint64_t hash_of(const char *path, size_t length)
{
	uint64_t h = length * 0x9e3779b97f4a7c15u, word;

	for (; length >= sizeof(word); length -= sizeof(word)) {
		memcpy(&word, path, sizeof(word));
		path += sizeof(word);
		h = (h ^ word) * 0xbf58476d1ce4e5b9u;
		h ^= h >> 29;
	}
	word = 0;
	memcpy(&word, path, length);
	h = (h ^ word) * 0x94d049bb133111ebu;
	return h ^ h >> 32;
}

static uint8_t *bucket_of(struct file_writer *f, uint64_t hash)
{
	return &f->bucket[hash % BUCKETS];
}

/* Its number; LATENCY_FILES: it is not listed. A cut path is its hash. */
static unsigned find(struct file_writer *f, uint64_t hash, const char *path,
		     bool cut)
{
	unsigned i;

	for (i = *bucket_of(f, hash); i != NONE; i = f->next[i - 1]) {
		const struct latency_file *file = file_at(f, i - 1);

		if (f->hash[i - 1] == hash && (cut ? file->cut != 0 :
		    strncmp(file->path, path, sizeof(file->path)) == 0)) {
			return i - 1;
		}
	}
	return LATENCY_FILES;
}

static void leave_bucket(struct file_writer *f, unsigned i)
{
	uint8_t *link = bucket_of(f, f->hash[i]);

	while (*link != i + 1) {
		link = &f->next[*link - 1];
	}
	*link = f->next[i];
}

static void enter_bucket(struct file_writer *f, unsigned i, uint64_t hash)
{
	uint8_t *bucket = bucket_of(f, hash);

	f->hash[i] = hash;
	f->next[i] = *bucket;
	*bucket = (uint8_t)(i + 1);
}

static void add_weight(struct file_writer *f, unsigned i, uint64_t weight)
{
	least_heap_set(&f->weights, i, f->weights.weight[i] + weight);
}

/* Another place, if there may be one; its number, or LATENCY_FILES. */
static unsigned another(struct slot_writer *s, struct file_writer *f)
{
	unsigned i = f->weights.count, chunk = i / LATENCY_FILE_CHUNK;

	if (i >= f->limit) {
		return LATENCY_FILES;
	}
	if (f->chunk[chunk] == NULL) {
		uint32_t line = lines_claim(s->segment, LATENCY_FILE_CHUNK *
					    sizeof(struct latency_file));

		if (line == 0) {
			f->limit = i;
			return LATENCY_FILES;
		}
		f->chunk[chunk] = lines_at(s->segment, line);
		word_write(&f->table->chunk[chunk], line);
	}
	least_heap_add(&f->weights);
	/* PART_BEFORE_NUMBER, pairs with files_read(): its chunk. */
	word_publish(&f->table->count, f->weights.count);
	return i;
}

/* What it has counted is of files that are not listed from now on. */
static void drop(struct file_writer *f, const struct latency_file_sum *sum,
		 const struct latency_file_sum *missed)
{
	const struct latency_file_sum most = sum_of(*sum, missed);

	sum_add(&f->table->dropped, sum);
	sum_raise(&f->table->most, &most);
}

/*
 * A file leaves its place. Its sums are 0 before they are added elsewhere, and
 * until the place has another path: a process that is killed in between has
 * counted nothing twice, and nothing for the other.
 */
static void leave(struct file_writer *f, unsigned i)
{
	static const struct latency_file_sum nothing;
	struct latency_file *file = file_at(f, i);
	const struct latency_file_sum sum = file->sum;

	leave_bucket(f, i);
	sum_set(&file->sum, &nothing);
	/* For the compiler: one that is killed has done all before. */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	drop(f, &sum, &file->missed);
}

static void fill_in(struct latency_file *file, uint64_t hash, const char *path,
		    bool cut, const struct latency_file_sum *sum,
		    const struct latency_file_sum *missed)
{
	file->hash = hash;
	file->cut = cut;
	path_copy(file->path, sizeof(file->path), path);
	sum_set(&file->missed, missed);
	/* As in leave(). */
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	sum_set(&file->sum, sum);
}

static struct file_writer *make(struct slot_writer *s)
{
	struct segment_writer *w = s->segment;
	int saved_errno = errno;
	struct file_writer *f;
	uint32_t line;

	/* A segment that is full is not asked at each request. */
	if (w->full != 0) {
		return NULL;
	}
	f = arena_alloc(&w->arena, sizeof(*f));
	errno = saved_errno;
	line = f != NULL ? lines_claim(w, sizeof(*f->table)) : 0;
	if (line == 0) {
		return NULL;
	}
	f->table = lines_at(w, line);
	f->limit = w->header->kind == LATENCY_KIND_DEPARTED ?
		LATENCY_FILES_MERGED : LATENCY_FILES;
	s->files = f;
	/* All zero: no order is needed. */
	word_write(&s->slot->files, line);
	return f;
}

/* -------------------------------- counting ------------------------------- */

/* It is not listed yet. */
static void enter(struct slot_writer *s, struct file_writer *f, uint64_t hash,
		  const char *path, bool cut,
		  const struct latency_file_sum *use, uint64_t weight)
{
	const struct latency_file_sum missed = f->table->most;
	unsigned i = another(s, f);

	if (i == LATENCY_FILES) {
		if (f->weights.count == 0) {
			drop(f, use, &missed);
			return;
		}
		i = least_heap_first(&f->weights);
		leave(f, i);
	}
	fill_in(file_at(f, i), hash, path, cut, use, &missed);
	/* On top of that of the one that left, as Space-Saving has it. */
	add_weight(f, i, weight);
	enter_bucket(f, i, hash);
}

void files_count(struct slot_writer *s, const char *path,
		 const struct latency_file_sum *use)
{
	struct file_writer *f = s->files;
	size_t length = strlen(path);
	bool cut = length >= sizeof(((struct latency_file *)NULL)->path);
	uint64_t hash, weight;
	unsigned i;

	if (unlikely(f == NULL) && (f = make(s)) == NULL) {
		return;
	}
	f->all = sum_of(f->all, use);
	if (f->all.requests % RATES_REQUESTS == 0 ||
	    f->all.requests < RATES_REQUESTS) {
		set_rates(f);
	}
	seq_write_begin(&f->table->seq);
	if (length == 0) {
		sum_add(&f->table->unknown, use);
	} else {
		hash = hash_of(path, length);
		weight = weight_of(f, use);
		i = find(f, hash, path, cut);
		if (i != LATENCY_FILES) {
			sum_add(&file_at(f, i)->sum, use);
			add_weight(f, i, weight);
		} else {
			enter(s, f, hash, path, cut, use, weight);
		}
	}
	seq_write_end(&f->table->seq);
}

/* --------------------------------- merging ------------------------------- */

/* Of a file that is not in the other list: what it may have had there. */
static void add_missed(struct file_writer *f, const bool *both,
		       const struct latency_file_sum *most)
{
	unsigned i;

	for (i = 0; i < f->weights.count; i++) {
		if (!both[i]) {
			sum_add(&file_at(f, i)->missed, most);
		}
	}
}

static void merge_file(struct slot_writer *s, struct file_writer *f,
		       const struct latency_file *from,
		       const struct latency_file_sum *most)
{
	const struct latency_file_sum missed = sum_of(from->missed, most);
	uint64_t weight = weight_of(f, &from->sum);
	unsigned i = another(s, f);

	if (i == LATENCY_FILES) {
		i = f->weights.count != 0 ? least_heap_first(&f->weights) : 0;
		if (f->weights.count == 0 || weight < f->weights.weight[i]) {
			drop(f, &from->sum, &missed);
			return;
		}
		leave(f, i);
	}
	fill_in(file_at(f, i), from->hash, from->path, from->cut != 0,
		&from->sum, &missed);
	least_heap_set(&f->weights, i, weight);
	enter_bucket(f, i, from->hash);
}

bool files_make(struct slot_writer *s)
{
	return s->files != NULL || make(s) != NULL;
}

void files_drop(struct slot_writer *s, const struct segment_image *image,
		const struct latency_slot *slot)
{
	const struct latency_files *from = image_files(image, slot);
	struct latency_files *table = s->files->table;
	uint32_t n;

	for (n = 0; from != NULL && n < from->count; n++) {
		const struct latency_file *file = image_file(image, from, n);

		drop(s->files, &file->sum, &file->missed);
	}
	if (from != NULL) {
		sum_add(&table->dropped, &from->dropped);
		sum_add(&table->unknown, &from->unknown);
		sum_raise(&table->most, &from->most);
	}
}

bool files_merge(struct slot_writer *s, const struct segment_image *image,
		 const struct latency_slot *slot)
{
	const struct latency_files *from = image_files(image, slot);
	struct file_writer *f = s->files;
	bool both[LATENCY_FILES] = { false };
	struct latency_file_sum most;
	unsigned i, n, at[LATENCY_FILES];

	if (from == NULL) {
		return true;
	}
	if (f == NULL && (f = make(s)) == NULL) {
		return false;
	}
	most = f->table->most;
	f->all = sum_of(f->all, &from->dropped);
	for (n = 0; n < from->count; n++) {
		const struct latency_file *file = image_file(image, from, n);

		f->all = sum_of(f->all, &file->sum);
		at[n] = find(f, file->hash, file->path, file->cut != 0);
		if (at[n] != LATENCY_FILES) {
			both[at[n]] = true;
		}
	}
	set_rates(f);
	add_missed(f, both, &from->most);
	/* First those in both lists, before any of them leaves. */
	for (n = 0; n < from->count; n++) {
		const struct latency_file *file = image_file(image, from, n);

		if (at[n] != LATENCY_FILES) {
			sum_add(&file_at(f, at[n])->sum, &file->sum);
			sum_add(&file_at(f, at[n])->missed, &file->missed);
		}
	}
	for (i = 0; i < f->weights.count; i++) {
		least_heap_set(&f->weights, i,
			       weight_of(f, &file_at(f, i)->sum));
	}
	for (n = 0; n < from->count; n++) {
		if (at[n] == LATENCY_FILES) {
			merge_file(s, f, image_file(image, from, n), &most);
		}
	}
	sum_add(&f->table->dropped, &from->dropped);
	sum_add(&f->table->unknown, &from->unknown);
	most = sum_of(most, &from->most);
	sum_raise(&f->table->most, &most);
	return true;
}
