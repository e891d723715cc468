/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "json_value.h"
#include "now_holders.h"

#define LINE 2048

/* May it wait for what another client holds? */
static bool waits_for_lock(const struct in_flight *e)
{
	return e->pending_ns != 0 && strcmp(e->request, "SMB2_OP_LOCK") == 0;
}

static bool waits_for_holder(const struct in_flight *e)
{
	return waits_for_lock(e) ||
		(e->pending_ns != 0 &&
		 strcmp(e->request, "SMB2_OP_CREATE") == 0);
}

void now_holders_ask(const struct in_flight_list *list, const char *configfile,
		     struct file_holders *holders)
{
	unsigned i;

	memset(holders, 0, sizeof(*holders));
	for (i = 0; i < list->count; i++) {
		if (waits_for_holder(&list->entry[i])) {
			file_holders_ask(holders, configfile);
			return;
		}
	}
}

static bool visit_holders(const struct file_holders *holders,
			  const struct in_flight *e,
			  void (*visitor)(const struct file_holder *holder,
					  void *private_data),
			  void *private_data)
{
	const struct file_wait wait = {
		.share = e->key.share,
		.path = e->path,
		.pid = e->pid,
		.for_lock = waits_for_lock(e),
	};

	return file_holders_visit(holders, &wait, visitor, private_data);
}

/* ------------------------------- for people ------------------------------ */

static void print_line(char *line, unsigned width)
{
	if (width != 0) {
		text_cut(line, width);
	}
	puts(line);
}

/* "lease RWH", "BATCH oplock", "lock W of 100 bytes at 0". */
static void held_text(const struct file_holder *holder, char *to, size_t size)
{
	char text[64];

	if (holder->lock != NULL) {
		escape_text_to(text, sizeof(text), holder->lock);
		snprintf(to, size, "lock %s of %llu bytes at %llu", text,
			 (unsigned long long)holder->length,
			 (unsigned long long)holder->start);
	} else if (holder->lease != NULL) {
		escape_text_to(text, sizeof(text), holder->lease);
		snprintf(to, size, "lease %s", text);
	} else {
		escape_text_to(text, sizeof(text), holder->oplock);
		snprintf(to, size, "%s oplock", text);
	}
}

struct printed_holders {
	unsigned width, count;
};

static void print_holder(const struct file_holder *holder, void *private_data)
{
	struct printed_holders *printed = private_data;
	char line[LINE], user[LINE / 4], client[LINE / 4], held[128];

	printed->count++;
	escape_text_to(user, sizeof(user), holder->user);
	escape_text_to(client, sizeof(client), holder->client);
	held_text(holder, held, sizeof(held));
	snprintf(line, sizeof(line), "    held by %s@%s, smbd %u: %s",
		 user[0] != '\0' ? user : "-",
		 client[0] != '\0' ? client : "-", holder->pid, held);
	print_line(line, printed->width);
}

void now_holders_print(const struct in_flight *e,
		       const struct file_holders *holders, unsigned width)
{
	struct printed_holders printed = { .width = width };
	char line[] = "    held by: unknown";

	if (!waits_for_holder(e)) {
		return;
	}
	if (!visit_holders(holders, e, print_holder, &printed) ||
	    printed.count == 0) {
		print_line(line, width);
	}
}

/* ------------------------------ for programs ----------------------------- */

/* A name, or null where it is not known. */
static json_t *known(const char *name)
{
	return name[0] != '\0' ? json_text(name) : json_null();
}

static void add_holder(const struct file_holder *holder, void *private_data)
{
	json_t *object = json_object();

	json_object_set_new(object, "user", known(holder->user));
	json_object_set_new(object, "client", known(holder->client));
	json_set(object, "pid", holder->pid);
	if (holder->lock != NULL) {
		json_object_set_new(object, "lock", json_text(holder->lock));
		json_set(object, "start", holder->start);
		json_set(object, "length", holder->length);
	} else if (holder->lease != NULL) {
		json_object_set_new(object, "lease", json_text(holder->lease));
	} else {
		json_object_set_new(object, "oplock",
				    json_text(holder->oplock));
	}
	json_array_append_new(private_data, object);
}

json_t *now_holders_json(const struct in_flight *e,
			 const struct file_holders *holders)
{
	json_t *array = json_array();

	if (!waits_for_holder(e) ||
	    !visit_holders(holders, e, add_holder, array) ||
	    json_array_size(array) == 0) {
		json_decref(array);
		return json_null();
	}
	return array;
}
