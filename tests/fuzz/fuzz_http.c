/*
 * Any bytes as what a client sends to the exporter, in one piece or in several:
 * it is answered or hung up on, and the next one is answered.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "exporter.h"
#include "fuzz.h"

#define WAIT_MS 1

static struct sockaddr_un address = { .sun_family = AF_UNIX };

static void start(void)
{
	/* A name of its own in no directory. */
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static struct report_options options;
	static struct exporter *exporter;
	socklen_t length = sizeof(address);

	if (exporter != NULL) {
		close(fd);
		return;
	}
	must(fd != -1 && bind(fd, (struct sockaddr *)&address,
			      sizeof(address.sun_family)) == 0);
	must(getsockname(fd, (struct sockaddr *)&address, &length) == 0);
	must(listen(fd, SOMAXCONN) == 0);
	exporter = exporter_start(&options, 100, 1, fuzz_path(), fd);
	must(exporter != NULL);
}

/* libFuzzer looks at the time with a signal. */
static int poll_again(struct pollfd *wait, int wait_ms)
{
	int ready;

	do {
		ready = poll(wait, 1, wait_ms);
	} while (ready == -1 && errno == EINTR);
	return ready;
}

/*
 * Reads to the end, or until nothing comes for long: it may wait for more of a
 * request, up to 10 s. How much there was, the first bytes in `begin`.
 */
static size_t receive(int fd, int wait_ms, char *begin, size_t size)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	char buffer[16384];
	size_t sum = 0;
	ssize_t got;

	while (poll_again(&wait, wait_ms) == 1 &&
	       (got = read(fd, buffer, sizeof(buffer))) > 0) {
		if (sum < size) {
			memcpy(begin + sum, buffer,
			       (size_t)got < size - sum ? (size_t)got :
							  size - sum);
		}
		sum += (size_t)got;
	}
	return sum;
}

static int connection(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* The name that autobind gives: a zero byte and five digits. */
	must(fd != -1 && connect(fd, (struct sockaddr *)&address,
				 sizeof(address.sun_family) + 6) == 0);
	return fd;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char good[] = "GET / HTTP/1.0\r\n\r\n";
	size_t piece = size != 0 && data[0] % 2 ? 1 + data[0] : size;
	char begin[12] = "";
	int fd, next;

	start();
	fd = connection();
	while (size != 0) {
		size_t length = piece < size ? piece : size;
		ssize_t sent = send(fd, data, length, MSG_NOSIGNAL);

		if (sent <= 0) {
			break;
		}
		data += sent;
		size -= (size_t)sent;
	}
	shutdown(fd, SHUT_WR);

	/* One thread answers: then it has also seen all of the first. */
	next = connection();
	must(send(next, good, sizeof(good) - 1, MSG_NOSIGNAL) ==
	     sizeof(good) - 1);
	must(receive(next, -1, begin, sizeof(begin)) > 0);
	must(memcmp(begin + 8, " 200", 4) == 0);
	close(next);
	if (receive(fd, WAIT_MS, begin, sizeof(begin)) != 0) {
		must(memcmp(begin, "HTTP/1.", 7) == 0);
	}
	close(fd);
	return 0;
}
