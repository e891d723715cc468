/*
 * What is packed comes back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "packed.h"
#include "unit.h"

static void check_packed(struct packer *p, const uint64_t *data, size_t size)
{
	unsigned char *copy;
	uint64_t *back;
	size_t length;

	assert_true(packer_pack(p, data, size, 64, &length));
	/* As many bytes as that, and not one more. */
	copy = malloc(length + 1);
	assert_non_null(copy);
	memcpy(copy, p->room, length);
	copy[length] = 0x55;
	back = packer_unpack(p, copy, length, size);
	assert_non_null(back);
	assert_memory_equal(back, data, size);
	free(back);
	free(copy);
}

static void test_what_is_packed_comes_back(void **state)
{
	struct random random = { .state = 9 };
	struct packer p = { .like = NULL };
	uint64_t data[600];
	unsigned round, i;

	(void)state;
	for (round = 0; round < 500; round++) {
		size_t words = 8 + random_next(&random) % 592;
		unsigned zeros = 1 + (unsigned)(random_next(&random) % 300);

		for (i = 0; i < words; i++) {
			data[i] = random_next(&random) % zeros == 0 ?
				random_ns(&random, 62) : 0;
		}
		check_packed(&p, data, words * sizeof(data[0]));
	}
	memset(data, 0, sizeof(data));
	check_packed(&p, data, sizeof(data));
	memset(data, 0xff, sizeof(data));
	check_packed(&p, data, sizeof(data));
	packer_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_packed_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
