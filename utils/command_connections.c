/*
 * The transport connections of clients: round trips, losses, what limits them,
 * how they are protected.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "client_connections.h"
#include "columns.h"
#include "commands.h"
#include "directory.h"
#include "json_value.h"
#include "pid_word.h"
#include "time_ns.h"

#define CLIENT_LEAST 15		/* an address of IPv4 */
#define INDENT 2

/* "3.1.1"; "" if it is not known. */
static const char *dialect_text(char text[CELL], uint16_t dialect)
{
	unsigned major = dialect >> 8, minor = dialect >> 4 & 15;

	if (dialect == LATENCY_DIALECT_UNKNOWN) {
		return "";
	}
	if (dialect == LATENCY_DIALECT_SMB1) {
		return "1";
	}
	/* 2.0.2 and 3.0.2, but 2.1, 3.0 and 3.1.1 */
	if ((dialect & 15) != 0) {
		snprintf(text, CELL, "%x.%x.%x", major, minor, dialect & 15u);
	} else {
		snprintf(text, CELL, "%x.%x", major, minor);
	}
	return text;
}

/* What was sent while there was something to be sent. */
static double sent_mbit_s(const struct latency_connection *c)
{
	return c->busy_ns == 0 ? 0.0 :
		8e3 * (double)c->bytes_sent / (double)c->busy_ns;
}

/* ------------------------------- for people ------------------------------ */

/* The columns, each with the blank before it, in the order to be left out. */
enum {
	SMBD, DIALECT, SAFE, RTT, LOST, SENT, RECEIVED, RATE, WINDOW, BUFFER,
	COLUMNS
};

static const struct {
	const char *title;
	unsigned width;
} columns[COLUMNS] = {
	[SMBD] = { "smbd", 9 },
	[DIALECT] = { "SMB", 6 },
	[SAFE] = { "Safe", 5 },
	[RTT] = { "RTT ms", 7 },
	[LOST] = { "Lost", 6 },
	[SENT] = { "Sent B", 7 },
	[RECEIVED] = { "Recv B", 7 },
	[RATE] = { "Mbit/s", 7 },
	[WINDOW] = { "Win%", 5 },
	[BUFFER] = { "Buf%", 5 },
};

struct layout {
	unsigned columns;		/* how many of them */
	unsigned client;		/* width */
	bool two_lines;
};

static void layout_for(struct layout *l, const struct client_connections *list)
{
	unsigned width = terminal_width(stdout), numbers = 0, i;

	*l = (struct layout){ .client = CLIENT_LEAST };
	for (i = 0; i < list->count; i++) {
		unsigned wanted = name_columns(list->entry[i].c.client);

		l->client = wanted > l->client ? wanted : l->client;
	}
	for (i = 0; i < COLUMNS; i++) {
		numbers += columns[i].width;
	}
	l->two_lines = l->client + numbers > width;
	for (i = 0, numbers = INDENT; i < COLUMNS; i++) {
		numbers += columns[i].width;
		l->columns += !l->two_lines || numbers <= width;
	}
	if (l->client > width) {
		l->client = width;
	}
}

static const char *safe_text(const struct latency_connection *c)
{
	if (c->requests == 0) {
		return "?";
	}
	if (c->encrypted_requests == c->requests) {
		return "encr";
	}
	if (c->signed_requests == c->requests) {
		return "sign";
	}
	return c->signed_requests + c->encrypted_requests == 0 ? "no" : "part";
}

/* A part of the time in which there was something to be sent. */
static const char *percent(char text[CELL], uint64_t part_ns, uint64_t all_ns)
{
	snprintf(text, CELL, "%.0f", all_ns == 0 ? 0.0 :
		 100.0 * (double)part_ns / (double)all_ns);
	return text;
}

static const char *figure(char text[CELL], const struct latency_connection *c,
			  unsigned column)
{
	unsigned width = columns[column].width - 1;
	double rate;

	if (c->known == 0) {
		return "?";
	}
	switch (column) {
	case RTT:
		if (c->min_rtt_us == 0) {
			return "?";
		}
		snprintf(text, CELL, "%.*f", c->min_rtt_us < 100000 ? 2 : 0,
			 c->min_rtt_us / 1e3);
		return text;
	case LOST:
		return cell_count(text, c->retransmits, width);
	case SENT:
		return cell_count(text, c->bytes_sent, width);
	case RECEIVED:
		return cell_count(text, c->bytes_received, width);
	case RATE:
		rate = sent_mbit_s(c);
		snprintf(text, CELL, "%.*f", rate < 100 ? 1 : 0, rate);
		return text;
	case WINDOW:
		return percent(text, c->receiver_limited_ns, c->busy_ns);
	default:
		return percent(text, c->buffer_limited_ns, c->busy_ns);
	}
}

static const char *cell(char text[CELL], const struct client_connection *one,
			unsigned column)
{
	char count[CELL];

	switch (column) {
	case SMBD:
		if (one->open) {
			snprintf(text, CELL, "%" PRIu32, one->pid);
		} else {
			snprintf(text, CELL, "%s over",
				 cell_count(count, one->c.connections, 3));
		}
		return text;
	case DIALECT:
		return one->c.dialect == LATENCY_DIALECT_UNKNOWN ? "?" :
			dialect_text(text, one->c.dialect);
	case SAFE:
		return safe_text(&one->c);
	default:
		return figure(text, &one->c, column);
	}
}

/* The figures of a connection, or their titles for NULL. */
static void print_figures(const struct layout *l,
			  const struct client_connection *one)
{
	char text[CELL];
	unsigned i;

	for (i = 0; i < l->columns; i++) {
		printf(" %*s", (int)columns[i].width - 1, one == NULL ?
		       columns[i].title : cell(text, one, i));
	}
	putchar('\n');
}

/* A connection, or the titles for NULL. */
static void print_line(const struct layout *l,
		       const struct client_connection *one)
{
	print_end_of_name(stdout, one == NULL ? "Client" : one->c.client,
			  l->client);
	if (l->two_lines) {
		printf("\n%*s", l->columns != 0 ? INDENT : 0, "");
	}
	print_figures(l, one);
}

static void print_text(const struct client_connections *list)
{
	struct layout l;
	unsigned i;

	if (list->count == 0) {
		puts("No connections");
	} else {
		layout_for(&l, list);
		print_line(&l, NULL);
	}
	for (i = 0; i < list->count; i++) {
		print_line(&l, &list->entry[i]);
	}
	if (list->unlisted != 0) {
		printf("%" PRIu64
		       " more could not be listed for lack of room\n",
		       list->unlisted);
	}
}

/* ------------------------------ for programs ----------------------------- */

/* A number, or null where it is not known. */
static void set_known(json_t *object, const char *key, uint64_t value,
		      bool known)
{
	json_object_set_new(object, key, known ?
			    json_integer((json_int_t)value) : json_null());
}

static void set_time(json_t *object, const char *key, uint64_t realtime_ns)
{
	json_object_set_new(object, key, realtime_ns != 0 ?
			    json_timestamp(realtime_ns) : json_null());
}

static json_t *connection_json(const struct client_connection *one)
{
	const struct latency_connection *c = &one->c;
	const bool known = c->known != 0;
	json_t *object = json_object();
	char text[CELL];

	json_object_set_new(object, "client", json_text(c->client));
	set_known(object, "port", c->port, c->port != 0);
	set_known(object, "pid", one->pid, one->pid != 0);
	json_object_set_new(object, "open", json_boolean(one->open));
	set_known(object, "channels", one->channels, one->open);
	json_set(object, "connections", c->connections);
	json_object_set_new(object, "dialect",
			    c->dialect == LATENCY_DIALECT_UNKNOWN ?
			    json_null() :
			    json_string(dialect_text(text, c->dialect)));
	set_time(object, "began", c->began_ns);
	set_time(object, "ended", one->open ? 0 : c->ended_ns);
	set_time(object, "sampled", c->sampled_ns);
	json_set(object, "known", c->known);
	set_known(object, "min_rtt_us", c->min_rtt_us, c->min_rtt_us != 0);
	set_known(object, "rtt_us", c->rtt_us, c->rtt_us != 0);
#define TRANSPORT_REQUESTS(field, doc) json_set(object, #field, c->field);
#define TRANSPORT_COUNT(field, doc) set_known(object, #field, c->field, known);
#define TRANSPORT_TIME(field, doc) \
	set_known(object, #field "_us", c->field##_ns / 1000, known);
#include "latency_transport.h"
	json_object_set_new(object, "sent_mbit_s", known ?
			    json_real(sent_mbit_s(c)) : json_null());
	return object;
}

static void print_json(const struct client_connections *list, uint64_t now_ns)
{
	json_t *object = json_object();
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < list->count; i++) {
		json_array_append_new(array, connection_json(&list->entry[i]));
	}
	json_object_set_new(object, "timestamp", json_timestamp(now_ns));
	json_object_set_new(object, "connections", array);
	json_set(object, "unlisted", list->unlisted);
	json_print(object, stdout);
}

/* ------------------------------- the command ----------------------------- */

int command_connections(const struct options *options,
			const char *const *words)
{
	struct filter filter = options->report.filter;
	struct client_connections list;
	struct latency_error error;
	char directory[4096];
	int ret = pid_word_parse(words, &filter.pid);

	if (ret != EXIT_OK) {
		return ret;
	}
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	if (!client_connections_read(directory, &filter, &list, &error)) {
		return directory_failed(directory, options, &error);
	}
	print_left_out(list.problems, list.problem_count);
	if (options->output == OUTPUT_JSON) {
		print_json(&list, clock_read_ns(CLOCK_REALTIME));
	} else {
		print_text(&list);
	}
	client_connections_free(&list);
	return flush_output();
}
