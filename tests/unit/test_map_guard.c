/*
 * A truncated file never becomes a SIGBUS; other faults are not ours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "map_guard.h"
#include "unit.h"

#define SIZE (4 * 4096)

static sigjmp_buf back;
static volatile sig_atomic_t faults;

/* What map_guard.c installed; cmocka puts its own in place for each test. */
static struct sigaction guards;

/* The handler that was there before: installed before any guard. */
static void handler_before(int number)
{
	(void)number;
	faults++;
	siglongjmp(back, 1);
}

/* A mapped file of SIZE bytes, all 'x'; its descriptor in *fd. */
static unsigned char *map_file(int *fd)
{
	char bytes[SIZE];
	void *map;

	if (guards.sa_flags != 0) {
		sigaction(SIGBUS, &guards, NULL);
	}
	memset(bytes, 'x', sizeof(bytes));
	*fd = memfd_create("guarded", MFD_CLOEXEC);
	assert_int_not_equal(*fd, -1);
	assert_int_equal(write(*fd, bytes, sizeof(bytes)), SIZE);
	map = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	return map;
}

static void unmap_file(unsigned char *map, int fd)
{
	map_guard_remove(map);
	munmap(map, SIZE);
	close(fd);
}

/* Reads what the compiler must not think it knows. */
static unsigned char look(const unsigned char *byte)
{
	return *(const volatile unsigned char *)byte;
}

static void test_untouched_mapping_is_the_file(void **state)
{
	int fd;
	unsigned char *map = map_file(&fd);

	(void)state;
	assert_true(map_guard_add(map, SIZE, NULL));
	assert_int_equal(look(map), 'x');
	assert_false(map_guard_broken(map));
	unmap_file(map, fd);
}

static void test_reading_after_truncation_finds_zero(void **state)
{
	int fd;
	unsigned char *map = map_file(&fd);

	(void)state;
	assert_true(map_guard_add(map, SIZE, NULL));
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(look(map + 4096), 0);
	assert_true(map_guard_broken(map));
	unmap_file(map, fd);
}

static void test_writing_after_truncation_goes_on(void **state)
{
	int fd;
	unsigned char *map = map_file(&fd);

	(void)state;
	assert_true(map_guard_add(map, SIZE, NULL));
	assert_int_equal(ftruncate(fd, 0), 0);
	*(volatile unsigned char *)(map + SIZE - 1) = 'y';
	assert_int_equal(look(map + SIZE - 1), 'y');
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	unmap_file(map, fd);
}

static void test_flag_inside_the_mapping_is_set(void **state)
{
	int fd;
	unsigned char *map = map_file(&fd);
	uint32_t *flag = (uint32_t *)(void *)(map + 64);

	(void)state;
	*flag = 0;
	assert_true(map_guard_add(map, SIZE, flag));
	assert_int_equal(*(volatile uint32_t *)flag, 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	look(map + 8192);
	assert_int_equal(*(volatile uint32_t *)flag, 1);
	unmap_file(map, fd);
}

static void test_errno_survives(void **state)
{
	int fd;
	unsigned char *map = map_file(&fd);

	(void)state;
	assert_true(map_guard_add(map, SIZE, NULL));
	assert_int_equal(ftruncate(fd, 0), 0);
	errno = EXDEV;
	look(map);
	assert_int_equal(errno, EXDEV);
	unmap_file(map, fd);
}

static void test_other_mappings_stay(void **state)
{
	int fd[2];
	unsigned char *map[2] = { map_file(&fd[0]), map_file(&fd[1]) };

	(void)state;
	assert_true(map_guard_add(map[0], SIZE, NULL));
	assert_true(map_guard_add(map[1], SIZE, NULL));
	assert_int_equal(ftruncate(fd[1], 0), 0);
	look(map[1]);
	assert_true(map_guard_broken(map[1]));
	assert_false(map_guard_broken(map[0]));
	assert_int_equal(look(map[0]), 'x');
	unmap_file(map[0], fd[0]);
	unmap_file(map[1], fd[1]);
}

static void test_fault_elsewhere_goes_to_the_handler_before(void **state)
{
	int fd[2];
	unsigned char *map[2] = { map_file(&fd[0]), map_file(&fd[1]) };

	(void)state;
	assert_true(map_guard_add(map[0], SIZE, NULL));
	assert_int_equal(ftruncate(fd[1], 0), 0);
	faults = 0;
	if (sigsetjmp(back, 1) == 0) {
		look(map[1]);
		fail_msg("no fault");
	}
	assert_int_equal(faults, 1);
	assert_false(map_guard_broken(map[0]));
	unmap_file(map[0], fd[0]);
	unmap_file(map[1], fd[1]);
}

static void test_removed_guard_guards_no_more(void **state)
{
	int fd;
	unsigned char *map = map_file(&fd);

	(void)state;
	assert_true(map_guard_add(map, SIZE, NULL));
	map_guard_remove(map);
	assert_int_equal(ftruncate(fd, 0), 0);
	faults = 0;
	if (sigsetjmp(back, 1) == 0) {
		look(map);
		fail_msg("no fault");
	}
	assert_int_equal(faults, 1);
	unmap_file(map, fd);
}

static void test_only_so_many_at_a_time(void **state)
{
	unsigned char *map[MAP_GUARD_MAX + 1];
	int fd[MAP_GUARD_MAX + 1];
	int i;

	(void)state;
	for (i = 0; i <= MAP_GUARD_MAX; i++) {
		map[i] = map_file(&fd[i]);
		errno = 0;
		assert_int_equal(map_guard_add(map[i], SIZE, NULL),
				 i < MAP_GUARD_MAX);
	}
	assert_int_not_equal(errno, 0);
	map_guard_remove(map[1]);
	assert_true(map_guard_add(map[MAP_GUARD_MAX], SIZE, NULL));
	for (i = 0; i <= MAP_GUARD_MAX; i++) {
		unmap_file(map[i], fd[i]);
	}
}

static void test_detached_child_does_not_write_the_file(void **state)
{
	int fd, status;
	unsigned char *map = map_file(&fd);
	pid_t pid;

	(void)state;
	assert_true(map_guard_add(map, SIZE, NULL));
	pid = fork();
	if (pid == 0) {
		map_guard_detach(map);
		memset(map, 'y', SIZE);
		_exit(map_guard_broken(map) && look(map) == 'y' ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(look(map), 'x');
	assert_int_equal(look(map + SIZE - 1), 'x');
	assert_false(map_guard_broken(map));
	unmap_file(map, fd);
}

/* Forks a child in which nobody handled SIGBUS before; returns its status. */
static int fault_in_child(bool other)
{
	int fd[2], status;
	unsigned char *map[2] = { map_file(&fd[0]), map_file(&fd[1]) };
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		if (!map_guard_add(map[0], SIZE, NULL) ||
		    ftruncate(fd[0], 0) != 0 || ftruncate(fd[1], 0) != 0) {
			_exit(1);
		}
		look(map[0]);
		if (other) {
			look(map[1]);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unmap_file(map[0], fd[0]);
	unmap_file(map[1], fd[1]);
	return status;
}

static void test_fault_without_a_handler_before_kills(void **state)
{
	int status;

	(void)state;
	status = fault_in_child(false);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	status = fault_in_child(true);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

static int install_handlers(void **state)
{
	uint32_t unused;

	(void)state;
	signal(SIGBUS, handler_before);
	if (!map_guard_add(&unused, sizeof(unused), NULL)) {
		return 1;
	}
	map_guard_remove(&unused);
	return sigaction(SIGBUS, NULL, &guards);
}

int main(void)
{
	/* The first: a guard installs its handler once in a process. */
	const struct CMUnitTest before[] = {
		cmocka_unit_test(test_fault_without_a_handler_before_kills),
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_untouched_mapping_is_the_file),
		cmocka_unit_test(test_reading_after_truncation_finds_zero),
		cmocka_unit_test(test_writing_after_truncation_goes_on),
		cmocka_unit_test(test_flag_inside_the_mapping_is_set),
		cmocka_unit_test(test_errno_survives),
		cmocka_unit_test(test_other_mappings_stay),
		cmocka_unit_test(
			test_fault_elsewhere_goes_to_the_handler_before),
		cmocka_unit_test(test_removed_guard_guards_no_more),
		cmocka_unit_test(test_only_so_many_at_a_time),
		cmocka_unit_test(test_detached_child_does_not_write_the_file),
	};
	int failed = cmocka_run_group_tests(before, NULL, NULL);

	return failed + cmocka_run_group_tests(tests, install_handlers, NULL);
}
