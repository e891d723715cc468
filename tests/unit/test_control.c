/*
 * Telling smbds what to measure, by several at the same time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "segment_dir.h"
#include "unit.h"

#define ROUNDS 300

/* Makes so many changes in a process of its own. */
static pid_t change(const struct test_dir *td, bool slow)
{
	pid_t pid = fork();
	uint32_t i;

	if (pid != 0) {
		return pid;
	}
	for (i = 1; i <= ROUNDS; i++) {
		const struct control_change change = {
			.set_off = !slow,
			.off = i % 2 == 0,
			.set_slow = slow,
			.slow_ms = i,
		};
		struct latency_control now;
		struct latency_error error;

		if (!control_change(td->path, 0, &change, &error)) {
			print_error("%s\n", error.text);
			_exit(1);
		}
		/* What only this process changes is as it has left it. */
		control_inherit(td->fd, &now);
		if (slow ? now.slow_ms != i : now.off != (i % 2 == 0)) {
			print_error("change %u is lost\n", i);
			_exit(2);
		}
	}
	_exit(0);
}

static void changes_at_the_same_time_are_all_made(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	pid_t off = change(td, false), slow = change(td, true);
	struct latency_control file;
	int status;

	assert_int_equal(waitpid(off, &status, 0), off);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(slow, &status, 0), slow);
	assert_int_equal(status, 0);
	control_inherit(td->fd, &file);
	assert_int_equal(file.slow_ms, ROUNDS);
	assert_int_equal(file.off, ROUNDS % 2 == 0);
	assert_memory_equal(&w->header->control, &file, sizeof(file));
	segment_close(w);
}

static void a_change_waits_for_who_holds_the_directory(void **state)
{
	const struct test_dir *td = *state;
	int lock = segment_dir_lock(td->fd, false, 0);
	const struct timespec while_ = { 0, 20000000 };
	pid_t pid = change(td, true);
	int status;

	assert_int_not_equal(lock, -1);
	nanosleep(&while_, NULL);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	segment_dir_unlock(lock);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_file_that_cannot_be_read_is_left_alone(void **state)
{
	const struct test_dir *td = *state;
	const struct control_change off = { .set_off = true, .off = true };
	struct latency_error error = { "" };

	assert_int_equal(symlinkat("elsewhere", td->fd, CONTROL_NAME), 0);
	assert_false(control_change(td->path, 0, &off, &error));
	assert_non_null(strstr(error.text, CONTROL_NAME));
	assert_int_equal(faccessat(td->fd, CONTROL_NAME, F_OK,
				   AT_SYMLINK_NOFOLLOW), 0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(changes_at_the_same_time_are_all_made),
		TEST(a_change_waits_for_who_holds_the_directory),
		TEST(a_file_that_cannot_be_read_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
