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
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "baseline.h"
#include "control.h"
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

/* Of nobody. */
enum { MEMBER = 64010, OWN_GROUP = 64011, GROUP = 64012, OTHER = 64013 };

/* Makes the directory the group's to read, and the way to it anybody's. */
static void admit(const struct test_dir *td, mode_t mode)
{
	assert_int_equal(fchown(td->fd, (uid_t)-1, GROUP), 0);
	assert_int_equal(fchmod(td->fd, mode), 0);
}

/* One of each that is made: lock, control, segment, departed, baselines. */
static void make_all_files(const struct test_dir *td)
{
	const struct control_change off = { .set_off = true, .off = 1 };
	struct latency_error error;

	segment_close(segment_make(td, 1, 1));
	snapshot_free(snapshot_take(td->path, &error));
	segment_close(segment_make(td, 2, 2));
	assert_true(control_change(td->path, 0, &off, &error));
	assert_true(baseline_reset(td->path, 0, &error));
	segment_close(segment_make(td, 3, 3));
}

/* Returns how many there are; each must have this mode. */
static unsigned have_mode(const struct test_dir *td, mode_t mode)
{
	DIR *d = segment_dir_list(td->fd);
	unsigned count = 0;
	struct dirent *e;
	struct stat st;

	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.') {
			continue;
		}
		assert_int_equal(fstatat(td->fd, e->d_name, &st, 0), 0);
		if ((st.st_mode & 07777) != mode) {
			fail_msg("%s: mode %04o", e->d_name,
				 (unsigned)st.st_mode & 07777);
		}
		count++;
	}
	closedir(d);
	return count;
}

static void files_are_for_the_group_of_the_directory(void **state)
{
	const struct test_dir *td = *state;

	if (geteuid() != 0) {
		skip();
	}
	admit(td, 02750);
	make_all_files(td);
	assert_true(have_mode(td, 0640) >= 5);
}

static void files_are_for_no_group_that_it_is_not_given_to(void **state)
{
	static const mode_t modes[] = { 0700, 0750, 0755, 02700, 02710 };
	const struct test_dir *td = *state;
	unsigned i;

	if (geteuid() != 0) {
		skip();
	}
	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		admit(td, modes[i]);
		make_all_files(td);
		assert_true(have_mode(td, 0600) >= 5);
		test_dir_empty(td);
	}
}

/* <grp.h> has another struct group than reader/table.h. */
static bool become_member(void)
{
	const gid_t group = GROUP;

	return syscall(SYS_setgroups, 1, &group) == 0 &&
		setgid(OWN_GROUP) == 0 && setuid(MEMBER) == 0;
}

/* Runs it in a process of a member, where it returns whether all is well. */
static void as_member(const struct test_dir *td,
		      bool (*run)(const struct test_dir *td))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		_exit(!become_member() || !run(td));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool reads_and_changes_nothing(const struct test_dir *td)
{
	const struct control_change off = { .set_off = true, .off = 1 };
	struct latency_error error = { "" };
	struct snapshot *s = snapshot_take(td->path, &error);
	bool ok = s != NULL && s->problem_count == 0 && s->image_count == 2 &&
		!s->images[0].owned != !s->images[1].owned;

	snapshot_free(s);
	ok = ok && segment_dir_lock(td->fd, true, 0) == -1 && errno == EACCES;
	ok = ok && segment_dir_lock(td->fd, false, 0) != -1;
	ok = ok && !control_change(td->path, 0, &off, &error) &&
		strstr(error.text, "lock: cannot lock: Permission") != NULL;
	return ok && !baseline_reset(td->path, 0, &error) &&
		strstr(error.text, "lock: cannot lock: Permission") != NULL;
}

static void a_member_reads_and_changes_nothing(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *living;

	if (geteuid() != 0) {
		skip();
	}
	admit(td, 02750);
	living = segment_make(td, 1, 1);
	segment_close(segment_make(td, 2, 2));
	segment_dir_unlock(segment_dir_lock(td->fd, true, 0));
	as_member(td, reads_and_changes_nothing);
	assert_int_equal(test_dir_names(td), 2);
	segment_close(living);
}

static bool reads_without_lock(const struct test_dir *td)
{
	struct latency_error error;
	struct snapshot *s = snapshot_take(td->path, &error);

	return s != NULL && s->image_count == 0 && s->problem_count == 0;
}

static void a_member_reads_where_nobody_has_locked_yet(void **state)
{
	const struct test_dir *td = *state;

	if (geteuid() != 0) {
		skip();
	}
	admit(td, 02750);
	as_member(td, reads_without_lock);
	assert_int_equal(have_mode(td, 0640), 0);
}

static bool believes_root_only(const struct test_dir *td)
{
	struct latency_error error;

	if (segment_open(td->fd, "other", O_RDONLY, &error) != -1 ||
	    errno != EPERM ||
	    strcmp(error.text, "other: belongs to uid 64013, not to uid 0 or "
		   "uid 64010") != 0) {
		return false;
	}
	return segment_open(td->fd, "own", O_RDONLY, NULL) != -1 &&
		segment_open(td->fd, "roots", O_RDONLY, NULL) != -1;
}

static bool refuses_the_directory(const struct test_dir *td)
{
	struct latency_error error;

	return segment_dir_open(td->path, false, &error) == -1 &&
		errno == EPERM;
}

static void a_member_believes_root_and_itself(void **state)
{
	static const struct {
		const char *name;
		uid_t owner;
	} files[] = { { "other", OTHER }, { "own", MEMBER }, { "roots", 0 } };
	const struct test_dir *td = *state;
	unsigned i;

	if (geteuid() != 0) {
		skip();
	}
	admit(td, 02750);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		int fd = openat(td->fd, files[i].name, O_RDWR | O_CREAT, 0644);

		assert_int_equal(fchown(fd, files[i].owner, GROUP), 0);
		close(fd);
	}
	as_member(td, believes_root_only);
	/* Root believes nobody else. */
	assert_int_equal(segment_open(td->fd, "own", O_RDONLY, NULL), -1);
	assert_int_equal(fchown(td->fd, OTHER, (gid_t)-1), 0);
	as_member(td, refuses_the_directory);
	assert_int_equal(fchown(td->fd, 0, (gid_t)-1), 0);
	assert_int_equal(fchmod(td->fd, 02770), 0);
	as_member(td, refuses_the_directory);
}

/* Until it is made, stopped at each system call: can a member lock it? */
static void no_member_comes_before_the_owner(void **state)
{
	const struct test_dir *td = *state;
	unsigned admitted = 0;
	char name[80];
	int status;
	pid_t pid;

	if (geteuid() != 0) {
		skip();
	}
	admit(td, 02750);
	snprintf(name, sizeof(name), "%s" SEGMENT_NEW_SUFFIX,
		 segment_name(1, 1));
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(99);
		}
		raise(SIGSTOP);
		segment_make(td, 1, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 99);
		skip();
	}
	while (WIFSTOPPED(status)) {
		int fd = openat(td->fd, name, O_RDONLY);
		struct stat st;

		if (fd != -1) {
			assert_int_equal(fstat(fd, &st), 0);
			if ((st.st_mode & S_IRGRP) != 0) {
				admitted++;
				assert_true(segment_owned(fd));
			}
			close(fd);
		}
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_int_not_equal(admitted, 0);
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
		TEST(files_are_for_the_group_of_the_directory),
		TEST(files_are_for_no_group_that_it_is_not_given_to),
		TEST(a_member_reads_and_changes_nothing),
		TEST(a_member_reads_where_nobody_has_locked_yet),
		TEST(a_member_believes_root_and_itself),
		TEST(no_member_comes_before_the_owner),
		TEST(only_one_holds_it_exclusively),
		TEST(from_exclusive_to_shared_nobody_gets_between),
		TEST(a_forked_child_keeps_no_lock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
