/*
 * The file of the module is read, and not believed: the program of this test
 * stands for it, whole, cut and spoiled.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "module_file.h"

/* What the module says of itself. */
static const char identity[] __attribute__((used)) =
	"vfs_latency 0.1.0 for Samba 4.17.12";

static char directory[] = "/tmp/test_module_file.XXXXXX";
static char path[64];
static unsigned char *program;
static size_t program_size;

static void write_module(size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(program, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static int setup(void **state)
{
	FILE *f = fopen("/proc/self/exe", "r");

	(void)state;
	if (f == NULL || mkdtemp(directory) == NULL) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/latency.so", directory);
	program = malloc(64 << 20);
	program_size = fread(program, 1, 64 << 20, f);
	fclose(f);
	return program_size != 0 ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	unlink(path);
	rmdir(directory);
	free(program);
	return 0;
}

static void test_none(void **state)
{
	struct module_file module;

	(void)state;
	unlink(path);
	module_file_read(&module, directory);
	assert_int_equal(module.error, ENOENT);
}

static void test_what_it_says(void **state)
{
	struct module_file module;

	(void)state;
	write_module(program_size);
	module_file_read(&module, directory);
	assert_int_equal(module.error, 0);
	assert_string_equal(module.version, "0.1.0");
	assert_string_equal(module.samba, "4.17.12");
	assert_int_equal((size_t)module.st.st_size, program_size);
}

/* Sections end the file, so that each cut is through what is looked for. */
static void test_cut(void **state)
{
	struct module_file module;
	size_t size;

	(void)state;
	for (size = 0; size < 128; size++) {
		write_module(size);
		module_file_read(&module, directory);
		assert_int_equal(module.error, 0);
		assert_string_equal(module.version, "");
		assert_false(module.probes);
	}
	for (size = 1; size < 64 && size < program_size; size++) {
		write_module(program_size - size);
		module_file_read(&module, directory);
		assert_int_equal(module.error, 0);
		assert_false(module.probes);
	}
}

/* In the header are the place, size and number of the sections. */
static void test_spoiled(void **state)
{
	static const unsigned char values[] = { 0, 1, 0x7f, 0x80, 0xff };
	struct module_file module;
	size_t at, i;

	(void)state;
	for (at = 0; at < 64; at++) {
		const unsigned char was = program[at];

		for (i = 0; i < sizeof(values); i++) {
			program[at] = values[i];
			write_module(program_size);
			module_file_read(&module, directory);
			assert_int_equal(module.error, 0);
			assert_string_equal(module.samba, "4.17.12");
		}
		program[at] = was;
	}
}

static void test_no_file(void **state)
{
	struct module_file module;

	(void)state;
	unlink(path);
	assert_int_equal(symlink("/dev/zero", path), 0);
	module_file_read(&module, directory);
	assert_int_equal(module.error, EINVAL);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_what_it_says),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_spoiled),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
