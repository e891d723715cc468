/*
 * Serves metrics to Prometheus: where to listen.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "directory.h"
#include "exporter.h"
#include "waiting.h"

/* ------------------------------- listening ------------------------------- */

/* Splits "127.0.0.1:19922", "[::1]:19922" or ":19922" into its parts. */
static bool split(const char *listen, char *address, size_t size,
		  const char **port)
{
	const char *colon = strrchr(listen, ':');
	size_t length = colon != NULL ? (size_t)(colon - listen) : 0;

	if (colon == NULL || length >= size ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) ||
	    colon[1] == '\0' || atol(colon + 1) > 65535) {
		return false;
	}
	*port = colon + 1;
	memcpy(address, listen, length);
	address[length] = '\0';
	if (length > 2 && address[0] == '[' && address[length - 1] == ']') {
		memmove(address, address + 1, length);
		address[length - 2] = '\0';
	} else if (strpbrk(address, ":[]") != NULL) {
		/* "[]" is not every address, as nothing at all is. */
		return false;
	}
	return true;
}

/* A socket that listens on one of the addresses; -1 with errno. */
static int listen_on(const struct addrinfo *addresses)
{
	const struct addrinfo *a;
	const int on = 1;
	int fd = -1;

	for (a = addresses; a != NULL; a = a->ai_next) {
		fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
			    a->ai_protocol);
		if (fd == -1) {
			continue;
		}
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 &&
		    listen(fd, SOMAXCONN) == 0) {
			return fd;
		}
		close(fd);
	}
	return -1;
}

/* Port 0 takes a free one: this says which. */
static void announce(int fd)
{
	struct sockaddr_storage address;
	socklen_t size = sizeof(address);
	char host[NI_MAXHOST], port[NI_MAXSERV];

	if (getsockname(fd, (struct sockaddr *)&address, &size) == 0 &&
	    getnameinfo((struct sockaddr *)&address, size, host, sizeof(host),
			port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) ==
	    0) {
		bool six = strchr(host, ':') != NULL;

		printf("metrics at http://%s%s%s:%s/metrics\n", six ? "[" : "",
		       host, six ? "]" : "", port);
		fflush(stdout);
	}
}

static int serve(const struct options *options, const char *directory, int fd)
{
	struct exporter *e;

	catch_signals();
	e = exporter_start(&options->report, options->max_shares,
			   options->resolution, directory, fd);
	if (e == NULL) {
		close(fd);
		return complain("cannot start the HTTP server: %s",
				strerror(errno));
	}
	announce(fd);
	wait_for_signal();
	exporter_stop(e);
	return EXIT_OK;
}

int command_exporter(const struct options *options, const char *const *words)
{
	const char *listen = options->listen;
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *addresses;
	char address[256], directory[4096];
	const char *port;
	int ret, fd;

	(void)words;
	if (!split(listen, address, sizeof(address), &port)) {
		return wrong_usage("--listen takes ADDRESS:PORT, not '%s'",
				   listen);
	}
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	ret = getaddrinfo(address[0] != '\0' ? address : NULL, port, &hints,
			  &addresses);
	if (ret != 0) {
		return complain("--listen %s: %s", listen, gai_strerror(ret));
	}
	fd = listen_on(addresses);
	freeaddrinfo(addresses);
	if (fd == -1) {
		return complain("cannot listen on %s: %s", listen,
				strerror(errno));
	}
	return serve(options, directory, fd);
}
