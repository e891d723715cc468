/*
 * The segment directory: what is taken for one, and its lock.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "segment_dir.h"
#include "unit.h"

static void a_symlink_is_refused_whatever_follows_it(void **state)
{
	static const char *const ends[] = { "", "/", "//", "/.", "/./" };
	const struct test_dir *td = *state;
	struct latency_error error;
	char path[512];
	unsigned i;

	assert_int_equal(mkdirat(td->fd, "elsewhere", 0700), 0);
	assert_int_equal(symlinkat("elsewhere", td->fd, "link"), 0);
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(path, sizeof(path), "%s/link%s", td->path,
			 ends[i]);
		assert_int_equal(segment_dir_open(path, true, &error), -1);
	}
}

static void a_slash_at_the_end_is_no_mistake(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	char path[512];
	int dir;

	snprintf(path, sizeof(path), "%s/new/", td->path);
	dir = segment_dir_open(path, true, &error);
	assert_int_not_equal(dir, -1);
	close(dir);
	dir = segment_dir_open("/", false, &error);
	assert_true(dir != -1 || errno == EPERM);
	close(dir);
}

/* In a process of nobody's: everything that it could lock. */
static void lock_all_as_nobody(const struct test_dir *td, int to_parent)
{
	int dir = open(td->path, O_RDONLY | O_DIRECTORY);
	int lock;

	if (setgid(65534) != 0 || setuid(65534) != 0) {
		_exit(1);
	}
	flock(dir, LOCK_EX);
	lock = openat(dir, SEGMENT_DIR_LOCK_NAME, O_RDONLY);
	if (dir == -1 || lock != -1 || write(to_parent, "", 1) != 1) {
		_exit(1);
	}
	pause();
	_exit(1);
}

static void who_may_list_it_cannot_lock_it(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error = { "" };
	struct snapshot *s;
	int ready[2];
	pid_t pid;
	char byte;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chmod(td->path, 0755), 0);
	segment_close(segment_make(td, 1, 1));
	segment_dir_unlock(segment_dir_lock(td->fd, true, 0));
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		lock_all_as_nobody(td, ready[1]);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	s = snapshot_take(td->path, &error);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_string_equal(error.text, "");
	assert_non_null(s);
	assert_int_equal(s->problem_count, 0);
	snapshot_free(s);
}

static void only_one_holds_it_exclusively(void **state)
{
	const struct test_dir *td = *state;
	int lock = segment_dir_lock(td->fd, true, 0);

	assert_int_not_equal(lock, -1);
	assert_int_equal(segment_dir_lock(td->fd, true, 0), -1);
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(segment_dir_lock(td->fd, false, 2), -1);
	assert_int_equal(errno, EAGAIN);
	segment_dir_unlock(lock);
	lock = segment_dir_lock(td->fd, true, 0);
	assert_int_not_equal(lock, -1);
	segment_dir_unlock(lock);
}

/*
 * Who waits for the exclusive lock does not get it while it becomes a shared
 * one, as it does with flock(2).
 */
static void from_exclusive_to_shared_nobody_gets_between(void **state)
{
	const struct test_dir *td = *state;
	unsigned round, between = 0;
	pid_t pid = fork();

	if (pid == 0) {
		for (;;) {
			int lock = segment_dir_lock(td->fd, true, 0);

			if (lock != -1) {
				close(openat(td->fd, "between",
					     O_WRONLY | O_CREAT, 0600));
			}
			segment_dir_unlock(lock);
		}
	}
	for (round = 0; round < 5000; round++) {
		int lock = segment_dir_lock(td->fd, true, 10000);

		unlinkat(td->fd, "between", 0);
		between += lock == -1 || !segment_dir_share(lock) ||
			faccessat(td->fd, "between", F_OK, 0) == 0;
		segment_dir_unlock(lock);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(between, 0);
}

static void a_forked_child_keeps_no_lock(void **state)
{
	const struct test_dir *td = *state;
	int lock = segment_dir_lock(td->fd, true, 0), again;
	pid_t pid = fork();

	if (pid == 0) {
		pause();
		_exit(1);
	}
	segment_dir_unlock(lock);
	again = segment_dir_lock(td->fd, true, 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_not_equal(again, -1);
	segment_dir_unlock(again);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_symlink_is_refused_whatever_follows_it),
		TEST(a_slash_at_the_end_is_no_mistake),
		TEST(who_may_list_it_cannot_lock_it),
		TEST(only_one_holds_it_exclusively),
		TEST(from_exclusive_to_shared_nobody_gets_between),
		TEST(a_forked_child_keeps_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
