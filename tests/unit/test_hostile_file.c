/*
 * Files that are not a whole segment, names that are not a file of ours, and
 * directories that are not to be trusted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "hostile.h"
#include "segment_dir.h"

/* ---------------------------- no whole segment --------------------------- */

static void test_truncated_anywhere(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	struct latency_error error;
	size_t size;

	for (size = 1; size < good.image.header->used * LATENCY_LINE;
	     size += 997) {
		close(plant(td, name, good.data, size));
		assert_int_equal(meet(td, name, &error), SEGMENT_BAD);
	}
}

static void test_longer_than_any_segment(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	struct latency_error error;
	int fd = plant(td, name, good.data, good.size);

	assert_int_equal(ftruncate(fd, (off_t)LATENCY_MAX_SIZE + 1), 0);
	close(fd);
	assert_int_equal(meet(td, name, &error), SEGMENT_BAD);
	assert_non_null(strstr(error.text, "too long"));
}

/* A file of so many zero bytes; alive: with its owner's lock. */
static int plant_zeros(const struct test_dir *td, size_t size, bool alive,
		       time_t age)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - age },
	};
	int fd = plant(td, segment_name(PID, ID), good.data, 0);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(futimens(fd, times), 0);
	assert_true(!alive || segment_own(fd));
	return fd;
}

static void test_file_without_a_header_is_named(void **state)
{
	static const size_t sizes[] = { 0, 100, 65536 };
	const struct test_dir *td = *state;
	struct latency_error error;
	unsigned i, alive;

	for (i = 0; i < 3; i++) {
		for (alive = 0; alive <= 1; alive++) {
			int fd = plant_zeros(td, sizes[i], alive,
					     alive ? 60 : 0);

			assert_int_equal(meet(td, segment_name(PID, ID),
					      &error), SEGMENT_BAD);
			assert_non_null(strstr(error.text, "has no header"));
			close(fd);
		}
	}
}

static void test_file_being_made_is_no_problem(void **state)
{
	static const size_t sizes[] = { 0, 100, 65536 };
	const struct test_dir *td = *state;
	struct latency_error error;
	unsigned i;

	for (i = 0; i < 3; i++) {
		int fd = plant_zeros(td, sizes[i], true, 0);

		assert_int_equal(meet(td, segment_name(PID, ID), &error),
				 SEGMENT_UNFINISHED);
		close(fd);
	}
}

static void test_file_without_a_header_goes_in_the_end(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	close(plant_zeros(td, 65536, false, 3000));
	assert_true(segment_fold_all(td->fd, &error));
	assert_int_equal(faccessat(td->fd, segment_name(PID, ID), F_OK, 0),
			 0);
	close(plant_zeros(td, 65536, false, 4000));
	assert_true(segment_fold_all(td->fd, &error));
	assert_int_equal(faccessat(td->fd, segment_name(PID, ID), F_OK, 0),
			 -1);
}

/* --------------------------- no file of ours ----------------------------- */

static void test_fifo_is_refused_without_waiting(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	assert_int_equal(mkfifoat(td->fd, segment_name(PID, ID), 0600), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
}

static void test_symlink_is_not_followed(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	close(plant(td, "elsewhere", good.data, good.size));
	assert_int_equal(symlinkat("elsewhere", td->fd,
				   segment_name(PID, ID)), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
}

static void test_symlink_under_the_name_of_a_new_file(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	struct stat st;

	close(plant(td, "elsewhere", good.data, 5));
	close(plant(td, segment_name(PID, ID), good.data, good.size));
	assert_int_equal(symlinkat("elsewhere", td->fd,
				   LATENCY_DEPARTED_NEW_NAME), 0);
	assert_true(segment_fold_all(td->fd, &error));
	assert_int_equal(fstatat(td->fd, "elsewhere", &st, 0), 0);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(fstatat(td->fd, LATENCY_DEPARTED_NAME, &st,
				 AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void test_directory_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	assert_int_equal(mkdirat(td->fd, segment_name(PID, ID), 0700), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
}

static void test_socket_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct latency_error error;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(snprintf(address.sun_path, sizeof(address.sun_path),
			     "%s/%s", td->path, segment_name(PID, ID)) <
		    (int)sizeof(address.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
	close(fd);
}

static void test_file_of_another_user_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	int fd;

	if (geteuid() != 0) {
		skip();
	}
	fd = plant(td, segment_name(PID, ID), good.data, good.size);
	assert_int_equal(fchown(fd, 65534, 65534), 0);
	close(fd);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
	assert_non_null(strstr(error.text, "65534"));
}

static void refuse_directory(const struct test_dir *td)
{
	struct latency_error error = { "" };

	errno = 0;
	assert_int_equal(segment_dir_open(td->path, false, &error), -1);
	assert_int_equal(errno, EPERM);
	assert_non_null(strstr(error.text, td->path));
	assert_null(snapshot_take(td->path, &error));
}

static void test_directory_that_others_may_write_is_refused(void **state)
{
	const struct test_dir *td = *state;

	assert_int_equal(chmod(td->path, 0770), 0);
	refuse_directory(td);
	assert_int_equal(chmod(td->path, 0702), 0);
	refuse_directory(td);
}

static void test_directory_of_another_user_is_refused(void **state)
{
	const struct test_dir *td = *state;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chown(td->path, 65534, 65534), 0);
	refuse_directory(td);
}

static void test_symlink_to_a_directory_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error = { "" };
	char path[512];

	snprintf(path, sizeof(path), "%s/link", td->path);
	assert_int_equal(symlink(td->path, path), 0);
	assert_int_equal(segment_dir_open(path, false, &error), -1);
	assert_non_null(strstr(error.text, path));
}

static void test_bad_departed_leave_the_others_alone(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	struct snapshot *s;

	close(plant(td, LATENCY_DEPARTED_NAME, good.data, 1000));
	close(plant(td, segment_name(PID, ID), good.data, good.size));
	s = snapshot_take(td->path, &error);
	assert_non_null(s);
	assert_true(s->problem_count > 0);
	assert_non_null(strstr(s->problems[0].text, LATENCY_DEPARTED_NAME));
	assert_int_equal(s->image_count, 1);
	use_snapshot(s);
	snapshot_free(s);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, \
					test_dir_make, test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_truncated_anywhere),
		TEST(test_longer_than_any_segment),
		TEST(test_file_without_a_header_is_named),
		TEST(test_file_being_made_is_no_problem),
		TEST(test_file_without_a_header_goes_in_the_end),
		TEST(test_fifo_is_refused_without_waiting),
		TEST(test_symlink_is_not_followed),
		TEST(test_symlink_under_the_name_of_a_new_file),
		TEST(test_directory_is_refused),
		TEST(test_socket_is_refused),
		TEST(test_file_of_another_user_is_refused),
		TEST(test_directory_that_others_may_write_is_refused),
		TEST(test_directory_of_another_user_is_refused),
		TEST(test_symlink_to_a_directory_is_refused),
		TEST(test_bad_departed_leave_the_others_alone),
	};

	return cmocka_run_group_tests(tests, good_make, good_free);
}
