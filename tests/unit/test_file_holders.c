/*
 * Who holds a file, by what smbstatus says: found, or not known, and never made
 * up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"

#include <string.h>

#include "file_holders.h"
#include "samba_conf.h"

/* Share, directory. */
static struct conf_line lines[] = {
	{ "one", "path", "/srv/one" },
	{ "two", "path", "/srv/two" },
	{ "homes", "path", "/home/%S" },
};
static struct samba_conf conf = { true, lines, 3 };

#define SERVER(pid) "\"server_id\": {\"pid\": \"" #pid "\"}"
#define SESSION(pid, uid, user, client) \
	"{" SERVER(pid) ", \"uid\": " #uid ", \"username\": \"" user "\", " \
	"\"remote_machine\": \"" client "\"}"
#define TCON(pid, share) "{" SERVER(pid) ", \"service\": \"" share "\"}"
#define OPEN(pid, uid, oplock, lease) \
	"{" SERVER(pid) ", \"uid\": " #uid ", \"oplock\": {" oplock "}, " \
	"\"lease\": {" lease "}}"
#define TEXT(word) "\"text\": \"" word "\""
#define OPENED(directory, name, opens) \
	"\"" directory "/" name "\": {\"service_path\": \"" directory "\", " \
	"\"filename\": \"" name "\", \"opens\": {" opens "}}"
#define LOCK(pid, type, start, size) \
	"{" SERVER(pid) ", \"type\": \"" type "\", \"start\": " #start ", " \
	"\"size\": " #size "}"

static const char some[] = "{"
	"\"sessions\": {"
	"\"1\": " SESSION(1, 10, "alice", "192.0.2.1") ", "
	"\"2\": " SESSION(2, 20, "bob", "192.0.2.2") ", "
	"\"3\": " SESSION(3, 30, "carol", "192.0.2.3") ", "
	"\"4\": " SESSION(3, 31, "dave", "192.0.2.3") "}, "
	"\"tcons\": {"
	"\"1\": " TCON(1, "One") ", \"2\": " TCON(2, "one") ", "
	"\"3\": " TCON(3, "one") ", \"4\": " TCON(2, "two") ", "
	"\"5\": " TCON(2, "homes") "}, "
	"\"open_files\": {"
	OPENED("/srv/one", "file",
	       "\"a\": " OPEN(1, 10, TEXT("BATCH"), "") ", "
	       "\"b\": " OPEN(2, 20, TEXT("LEASE"), TEXT("RWH")) ", "
	       "\"c\": " OPEN(3, 31, TEXT("NONE"), "") ", "
	       "\"d\": " OPEN(3, 31, "", TEXT("RH"))) ", "
	OPENED("/srv/two", "file",
	       "\"a\": " OPEN(2, 20, TEXT("EXCLUSIVE"), "")) ", "
	OPENED("/home/bob", "both", "\"a\": " OPEN(2, 20, "", TEXT("RW"))) ", "
	OPENED("/home/eve", "both", "\"a\": " OPEN(2, 20, "", TEXT("RW"))) ", "
	OPENED("/srv/one", "own", "\"a\": " OPEN(1, 10, "", ""))
	"}, "
	"\"byte_range_locks\": {"
	"\"/srv/one/file\": {\"locks\": [" LOCK(1, "W", 0, 1) ", "
	LOCK(3, "R", 5, 100) "]}, "
	"\"/srv/one/own\": {\"locks\": [" LOCK(1, "W", 7, 1) "]}}}";

static char seen[1000];

static void on_holder(const struct file_holder *h, void *private_data)
{
	size_t length = strlen(seen);

	(void)private_data;
	snprintf(seen + length, sizeof(seen) - length, "%s@%s %u %s%s%s",
		 h->user, h->client, h->pid, h->lease != NULL ? h->lease : "",
		 h->oplock != NULL ? h->oplock : "",
		 h->lock != NULL ? h->lock : "");
	length = strlen(seen);
	if (h->lock != NULL) {
		snprintf(seen + length, sizeof(seen) - length, "%llu+%llu",
			 (unsigned long long)h->start,
			 (unsigned long long)h->length);
		length = strlen(seen);
	}
	snprintf(seen + length, sizeof(seen) - length, "; ");
}

/* Who holds it, or "?". */
static const char *held(const char *json, const char *share, const char *path,
			uint32_t pid, bool for_lock)
{
	struct file_holders h = { json_loads(json, 0, NULL), &conf };
	const struct file_wait wait = { share, path, pid, for_lock };

	assert_non_null(h.status);
	seen[0] = '\0';
	if (!file_holders_visit(&h, &wait, on_holder, NULL)) {
		strcpy(seen, "?");
	}
	json_decref(h.status);
	return seen;
}

static void test_leases_and_oplocks(void **state)
{
	(void)state;
	assert_string_equal(held(some, "one", "file", 9, false),
			    "alice@192.0.2.1 1 BATCH; "
			    "bob@192.0.2.2 2 RWH; "
			    "dave@192.0.2.3 3 RH; ");
	/* The same name in another share. */
	assert_string_equal(held(some, "two", "file", 9, false),
			    "bob@192.0.2.2 2 EXCLUSIVE; ");
	assert_string_equal(held(some, "one", "own", 9, false), "");
}

static void test_locks_of_others_come_first(void **state)
{
	(void)state;
	assert_string_equal(held(some, "one", "file", 9, true),
			    "alice@192.0.2.1 1 W0+1; "
			    "dave@192.0.2.3 3 R5+100; ");
	assert_string_equal(held(some, "one", "file", 1, true),
			    "dave@192.0.2.3 3 R5+100; ");
	assert_string_equal(held(some, "one", "own", 1, true),
			    "alice@192.0.2.1 1 W7+1; ");
	assert_string_equal(held(some, "two", "file", 9, true), "");
}

static void test_what_is_not_known(void **state)
{
	(void)state;
	/* Nobody has it open. */
	assert_string_equal(held(some, "one", "none", 9, false), "?");
	/* Of which share is not known; nor of which directory. */
	assert_string_equal(held(some, "", "file", 9, false), "?");
	assert_string_equal(held(some, "homes", "both", 9, false), "?");
	assert_string_equal(held(some, "three", "file", 9, false), "?");
	/* The name is not known, or cut. */
	assert_string_equal(held(some, "one", "", 9, false), "?");
	assert_string_equal(held(some, "one", "...le", 9, false), "?");
}

/* What smbstatus says is no reason to crash. */
static void test_words_that_make_no_sense(void **state)
{
	static const char *const kinds[] = { "sessions", "tcons", "open_files",
					     "byte_range_locks", "opens",
					     "locks", "oplock", "lease",
					     "server_id", "pid", "filename",
					     "uid", "username", "start" };
	unsigned i;

	(void)state;
	held("{}", "one", "file", 9, false);
	held("[]", "one", "file", 9, true);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char json[sizeof(some)];
		char *key;

		strcpy(json, some);
		/* Nothing has this name any more. */
		while ((key = strstr(json, kinds[i])) != NULL) {
			memset(key, 'x', strlen(kinds[i]));
		}
		held(json, "one", "file", 9, false);
		held(json, "one", "file", 9, true);
	}
	held("{\"open_files\": [1, 2], \"tcons\": 3, \"sessions\": \"x\"}",
	     "one", "file", 9, true);
	held("{\"open_files\": {\"/srv/one/file\": {\"filename\": \"file\", "
	     "\"service_path\": 5, \"opens\": [{}]}}, \"tcons\": {\"1\": 2}}",
	     "homes", "file", 9, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leases_and_oplocks),
		cmocka_unit_test(test_locks_of_others_come_first),
		cmocka_unit_test(test_what_is_not_known),
		cmocka_unit_test(test_words_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
