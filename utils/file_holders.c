/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "file_holders.h"
#include "run_program.h"
#include "samba_conf.h"

/* ---------------------------------- asking ------------------------------- */

static json_t *ask_smbstatus(const char *configfile)
{
	const char *argv[] = {
		"smbstatus", "--json", "--byterange",
		configfile != NULL ? "-s" : NULL, configfile, NULL,
	};
	json_t *status;
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	if (f == NULL) {
		return NULL;
	}
	status = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
	if (!program_end(f, pid)) {
		json_decref(status);
		return NULL;
	}
	return status;
}

void file_holders_ask(struct file_holders *h, const char *configfile)
{
	h->status = ask_smbstatus(configfile);
	h->conf = calloc(1, sizeof(*h->conf));
	if (h->conf != NULL) {
		samba_conf_read(h->conf, configfile);
	}
}

void file_holders_free(struct file_holders *h)
{
	json_decref(h->status);
	if (h->conf != NULL) {
		samba_conf_free(h->conf);
	}
	free(h->conf);
	memset(h, 0, sizeof(*h));
}

/* ------------------------------ words of JSON ---------------------------- */

static const char *text(const json_t *object, const char *key)
{
	const char *value = json_string_value(json_object_get(object, key));

	return value != NULL ? value : "";
}

static uint64_t number(const json_t *object, const char *key)
{
	json_int_t value = json_integer_value(json_object_get(object, key));

	return value > 0 ? (uint64_t)value : 0;
}

/* A pid is a string there. */
static uint32_t pid_of(const json_t *object)
{
	return (uint32_t)strtoul(text(json_object_get(object, "server_id"),
				      "pid"), NULL, 10);
}

/* ---------------------------------- files -------------------------------- */

/* Is a process connected to the share? */
static bool is_connected(const struct file_holders *h, uint32_t pid,
			 const char *share)
{
	json_t *tcons = json_object_get(h->status, "tcons"), *tcon;
	const char *key;

	json_object_foreach(tcons, key, tcon) {
		if (pid_of(tcon) == pid &&
		    strcasecmp(text(tcon, "service"), share) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_open_in_share(const struct file_holders *h, json_t *file,
			     const char *share)
{
	json_t *opens = json_object_get(file, "opens"), *open;
	const char *key;

	json_object_foreach(opens, key, open) {
		if (is_connected(h, pid_of(open), share)) {
			return true;
		}
	}
	return false;
}

/*
 * Is this open file of that share? Its directory says so, if smb.conf does;
 * else somebody who has opened it must be connected to the share.
 */
static bool is_of_share(const struct file_holders *h, json_t *file,
			const char *share)
{
	const char *path = samba_conf_value(h->conf, share, "path");

	if (path != NULL && strchr(path, '%') == NULL &&
	    strcmp(path, text(file, "service_path")) != 0) {
		return false;
	}
	return is_open_in_share(h, file, share);
}

/* May the name of a path in a segment be that of other files, too? */
static bool is_cut(const char *path)
{
	return path[0] == '\0' || strncmp(path, "...", 3) == 0;
}

/* The open file that is waited for, and its key; NULL: not known. */
static json_t *find_file(const struct file_holders *h,
			 const struct file_wait *wait, const char **name)
{
	json_t *files = json_object_get(h->status, "open_files");
	json_t *file, *found = NULL;
	const char *key;

	if (is_cut(wait->path) || wait->share[0] == '\0' || h->conf == NULL) {
		return NULL;
	}
	json_object_foreach(files, key, file) {
		if (strcmp(text(file, "filename"), wait->path) != 0 ||
		    !is_of_share(h, file, wait->share)) {
			continue;
		}
		if (found != NULL) {
			return NULL;
		}
		found = file;
		*name = key;
	}
	return found;
}

/* ---------------------------------- holders ------------------------------ */

/*
 * Names user and client of its process: those of its session, of several that
 * of the uid, UINT64_MAX if that is not known.
 */
static void name_holder(const struct file_holders *h, struct file_holder *to,
			uint64_t uid)
{
	json_t *sessions = json_object_get(h->status, "sessions"), *session;
	bool several = false;
	const char *key;

	to->user = to->client = "";
	json_object_foreach(sessions, key, session) {
		const char *user = text(session, "username");

		if (pid_of(session) != to->pid) {
			continue;
		}
		to->client = text(session, "remote_machine");
		if (uid == UINT64_MAX || number(session, "uid") == uid) {
			several = several || (to->user[0] != '\0' &&
					      strcmp(to->user, user) != 0);
			to->user = user;
		}
	}
	if (several) {
		to->user = "";
	}
}

static const char *some_text(const json_t *open, const char *what)
{
	const char *value = text(json_object_get(open, what), "text");

	return value[0] != '\0' && strcmp(value, "NONE") != 0 ? value : NULL;
}

static void visit_opens(const struct file_holders *h, json_t *file,
			void (*visitor)(const struct file_holder *holder,
					void *private_data),
			void *private_data)
{
	json_t *opens = json_object_get(file, "opens"), *open;
	const char *key;

	json_object_foreach(opens, key, open) {
		struct file_holder holder = {
			.pid = pid_of(open),
			.lease = some_text(open, "lease"),
			.oplock = some_text(open, "oplock"),
		};

		if (holder.lease != NULL) {
			/* smbd's word for it is an oplock of its own kind. */
			holder.oplock = NULL;
		}
		if (holder.lease != NULL || holder.oplock != NULL) {
			name_holder(h, &holder, number(open, "uid"));
			visitor(&holder, private_data);
		}
	}
}

/* The uid by which a process has opened a file; UINT64_MAX: several, none. */
static uint64_t uid_of(json_t *file, uint32_t pid)
{
	json_t *opens = json_object_get(file, "opens"), *open;
	uint64_t uid = UINT64_MAX;
	const char *key;

	json_object_foreach(opens, key, open) {
		if (pid_of(open) != pid) {
			continue;
		}
		if (uid != UINT64_MAX && uid != number(open, "uid")) {
			return UINT64_MAX;
		}
		uid = number(open, "uid");
	}
	return uid;
}

/* Locks of others; of the process that waits only if there are none. */
static void visit_locks(const struct file_holders *h, json_t *file,
			const char *name, const struct file_wait *wait,
			void (*visitor)(const struct file_holder *holder,
					void *private_data),
			void *private_data)
{
	json_t *of_file = json_object_get(json_object_get(h->status,
							  "byte_range_locks"),
					  name);
	json_t *locks = json_object_get(of_file, "locks"), *lock;
	bool others = false;
	size_t i;

	json_array_foreach(locks, i, lock) {
		others = others || pid_of(lock) != wait->pid;
	}
	json_array_foreach(locks, i, lock) {
		struct file_holder holder = {
			.pid = pid_of(lock),
			.lock = text(lock, "type"),
			.start = number(lock, "start"),
			.length = number(lock, "size"),
		};

		if (!others || holder.pid != wait->pid) {
			name_holder(h, &holder, uid_of(file, holder.pid));
			visitor(&holder, private_data);
		}
	}
}

bool file_holders_visit(const struct file_holders *h,
			const struct file_wait *wait,
			void (*visitor)(const struct file_holder *holder,
					void *private_data),
			void *private_data)
{
	const char *name = NULL;
	json_t *file = find_file(h, wait, &name);

	if (file == NULL) {
		return false;
	}
	if (wait->for_lock) {
		visit_locks(h, file, name, wait, visitor, private_data);
	} else {
		visit_opens(h, file, visitor, private_data);
	}
	return true;
}
