/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "complain.h"
#include "exporter.h"
#include "in_flight.h"
#include "metrics.h"

#define TIMEOUT_S 10u

/*
 * An idle client gives way to a new one: at this many connections the oldest is
 * closed. A scrape takes a second; only a flood of others within that can end
 * it.
 */
#define CLIENTS 24u
#define CONNECTIONS (CLIENTS + 8u)
#define CLIENT_MEMORY 8192u		/* for the head of a request */

#define TYPE_PROMETHEUS "text/plain; version=0.0.4; charset=utf-8"
#define TYPE_OPENMETRICS \
	"application/openmetrics-text; version=1.0.0; charset=utf-8"

/* A connection, in a list. */
struct client {
	struct client *older, *newer;
	int fd;
	bool ended;			/* by us; libmicrohttpd will notice */
};

struct exporter {
	const struct report_options *options;
	const char *directory;
	struct MHD_Daemon *daemon;
	struct metrics_keys keys;
	unsigned resolution;
	struct client *oldest, *newest;
	unsigned clients;		/* not ended */
};

/* ------------------------------- answering ------------------------------- */

/* How much a header Accept wants a media type: 0 (not at all) to 1. */
static double wanted(const char *accept, const char *type)
{
	const char *at = accept;

	while (at != NULL && *at != '\0') {
		size_t length = strcspn(at, ",");
		const char *q = strstr(at, "q=");

		at += strspn(at, " ");
		if (strncasecmp(at, type, strlen(type)) == 0) {
			return q != NULL && q < at + length ? atof(q + 2) : 1;
		}
		at = strchr(at, ',');
		at = at != NULL ? at + 1 : NULL;
	}
	return 0;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned code,
			      const char *type, const char *header,
			      const char *value, char *text, size_t size,
			      enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(size, text, mode);
	enum MHD_Result ret;

	if (response == NULL) {
		return MHD_NO;
	}
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, type);
	if (header != NULL) {
		MHD_add_response_header(response, header, value);
	}
	ret = MHD_queue_response(connection, code, response);
	MHD_destroy_response(response);
	return ret;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection,
				   unsigned code, const char *text)
{
	return answer(connection, code, "text/plain; charset=utf-8", NULL,
		      NULL, (char *)text, strlen(text), MHD_RESPMEM_MUST_COPY);
}

/* Prints the metrics to *text, to be freed. Returns false with *error. */
static bool print(struct exporter *e, enum metrics_format format, char **text,
		  size_t *size, struct latency_error *error)
{
	struct metrics *m = metrics_new(e->options, &e->keys);
	const struct filter *filter = &e->options->filter;
	struct in_flight_list in_flight = { .count = 0 };
	struct snapshot empty = { .image_count = 0 };
	struct metrics_out out = {
		.out = open_memstream(text, size),
		.format = format,
		.resolution = e->resolution,
	};
	struct snapshot *s = NULL;
	bool ok = false;

	error_set(error, "out of memory");
	if (m != NULL && out.out != NULL) {
		s = snapshot_visit(e->directory, metrics_add, m, error);
		ok = (s != NULL || errno == ENOENT) &&
			(in_flight_read(e->directory, filter, 0, &in_flight,
					error) || errno == ENOENT) &&
			metrics_print(m, s != NULL ? s : &empty, &in_flight,
				      &out);
	}
	in_flight_free(&in_flight);
	metrics_free(m);
	snapshot_free(s);
	return out.out != NULL && fclose(out.out) == 0 && ok;
}

static enum MHD_Result answer_metrics(struct exporter *e,
				      struct MHD_Connection *connection)
{
	const char *accept = MHD_lookup_connection_value(
		connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);
	bool open = wanted(accept, "application/openmetrics-text") >
		wanted(accept, "text/plain");
	struct latency_error error;
	char *text = NULL;
	size_t size = 0;

	if (!print(e, open ? METRICS_OPENMETRICS : METRICS_PROMETHEUS, &text,
		   &size, &error)) {
		free(text);
		complain("%s", error.text);
		return answer_text(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				   error.text);
	}
	return answer(connection, MHD_HTTP_OK, open ? TYPE_OPENMETRICS :
		      TYPE_PROMETHEUS, NULL, NULL, text, size,
		      MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result on_request(void *private_data,
				  struct MHD_Connection *connection,
				  const char *url, const char *method,
				  const char *version, const char *data,
				  size_t *data_size, void **state)
{
	static char page[] = "<!DOCTYPE html>\n<title>smblatency-stat</title>\n"
		"<h1>smblatency-stat</h1>\n"
		"<p>Where the time of Samba's clients goes: "
		"<a href=\"/metrics\">metrics</a> for Prometheus.</p>\n";
	static char not_allowed[] = "only GET and HEAD\n";

	(void)version;
	(void)data;
	if (*state == NULL) {
		/* Answered at once, the connection would be closed. */
		*state = page;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 &&
	    strcmp(method, MHD_HTTP_METHOD_HEAD) != 0) {
		/* What it sends is thrown away; then it gets its answer. */
		if (*data_size != 0) {
			*data_size = 0;
			return MHD_YES;
		}
		return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "text/plain; charset=utf-8", "Allow",
			      "GET, HEAD", not_allowed, strlen(not_allowed),
			      MHD_RESPMEM_PERSISTENT);
	}
	if (strcmp(url, "/metrics") == 0) {
		return answer_metrics(private_data, connection);
	}
	if (strcmp(url, "/") == 0) {
		return answer(connection, MHD_HTTP_OK,
			      "text/html; charset=utf-8", NULL, NULL, page,
			      strlen(page), MHD_RESPMEM_PERSISTENT);
	}
	return answer_text(connection, MHD_HTTP_NOT_FOUND,
			   "not found; the metrics are at /metrics\n");
}

/* ------------------------------- clients --------------------------------- */

static void end_oldest(struct exporter *e)
{
	struct client *c = e->oldest;

	while (c != NULL && c->ended) {
		c = c->newer;
	}
	if (c != NULL) {
		c->ended = true;
		e->clients--;
		shutdown(c->fd, SHUT_RDWR);
	}
}

static struct client *client_new(struct exporter *e,
				 struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
		connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct client *c = info != NULL ? calloc(1, sizeof(*c)) : NULL;

	if (c == NULL) {
		return NULL;
	}
	c->fd = info->connect_fd;
	c->older = e->newest;
	*(e->newest != NULL ? &e->newest->newer : &e->oldest) = c;
	e->newest = c;
	if (++e->clients > CLIENTS) {
		end_oldest(e);
	}
	return c;
}

static void client_free(struct exporter *e, struct client *c)
{
	if (c == NULL) {
		return;
	}
	*(c->older != NULL ? &c->older->newer : &e->oldest) = c->newer;
	*(c->newer != NULL ? &c->newer->older : &e->newest) = c->older;
	e->clients -= !c->ended;
	free(c);
}

/* In the same thread as the answers. */
static void on_connection(void *private_data,
			  struct MHD_Connection *connection, void **context,
			  enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		*context = client_new(private_data, connection);
	} else {
		client_free(private_data, *context);
		*context = NULL;
	}
}

/* ------------------------------- starting -------------------------------- */

struct exporter *exporter_start(const struct report_options *options,
				unsigned max_shares, unsigned resolution,
				const char *directory, int fd)
{
	struct exporter *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		return NULL;
	}
	e->options = options;
	e->directory = directory;
	e->keys.max_shares = max_shares;
	e->resolution = resolution;
	/* AUTO: with epoll, to which no descriptor is too big. */
	e->daemon = MHD_start_daemon(
		MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL,
		on_request, e, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_NOTIFY_CONNECTION, on_connection, e,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CLIENT_MEMORY,
		MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_END);
	if (e->daemon == NULL) {
		free(e);
		return NULL;
	}
	return e;
}

void exporter_stop(struct exporter *e)
{
	MHD_stop_daemon(e->daemon);
	metrics_keys_free(&e->keys);
	free(e);
}
