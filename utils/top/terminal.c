/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "terminal.h"
#include "terminal_keys.h"
#include "terminal_sequences.h"
#include "time_ns.h"

static struct {
	bool taken;
	struct termios before;
	int signals;			/* signalfd */
	sigset_t awaited;
	struct terminal_sequences sequences;
	struct frame shown;		/* what the terminal has */
	unsigned width, height;		/* when that was */
} terminal;

bool terminal_is_utf8(void)
{
	locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
	bool utf8 = locale != (locale_t)0 &&
		strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;

	if (locale != (locale_t)0) {
		freelocale(locale);
	}
	return utf8;
}

/* ------------------------------- the screen ------------------------------ */

/* Writes all of it; may be used by a signal handler. */
static bool write_all(const char *text, size_t length)
{
	while (length > 0) {
		ssize_t written = write(STDOUT_FILENO, text, length);

		if (written < 0 && errno == EINTR) {
			continue;
		}
		if (written < 0 && errno == EAGAIN) {
			struct pollfd fd = { STDOUT_FILENO, POLLOUT, 0 };

			poll(&fd, 1, -1);
			continue;
		}
		if (written <= 0) {
			return false;
		}
		text += written;
		length -= (size_t)written;
	}
	return true;
}

/* The terminal has nothing of ours any more. */
static void forget(void)
{
	frame_free(&terminal.shown);
	terminal.width = terminal.height = 0;
}

static void enter(void)
{
	struct termios raw = terminal.before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	write_all(terminal.sequences.enter, strlen(terminal.sequences.enter));
	terminal.taken = true;
	forget();
}

/* Nothing here but what a signal handler may do. */
static void leave(void)
{
	if (terminal.taken) {
		terminal.taken = false;
		write_all(terminal.sequences.leave,
			  strlen(terminal.sequences.leave));
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal.before);
	}
}

void terminal_size(unsigned *width, unsigned *height)
{
	struct winsize size = { .ws_col = 0 };

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
	    size.ws_row == 0) {
		size.ws_col = 80;
		size.ws_row = 24;
	}
	*width = size.ws_col;
	*height = size.ws_row;
}

/* ------------------------------- the signals ----------------------------- */

static void crashed(int number)
{
	leave();
	/* Its handler is the default again, which ends the program. */
	raise(number);
}

static void catch_crashes(void)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE,
				       SIGILL };
	/* The usual one may be what has overflowed. */
	static char stack[1 << 16];
	const stack_t other = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_handler = crashed,
		.sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK),
	};
	unsigned i;

	sigaltstack(&other, NULL);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaction(numbers[i], &action, NULL);
	}
}

static void catch_others(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP,
				       SIGTSTP, SIGCONT, SIGWINCH };
	unsigned i;

	sigemptyset(&terminal.awaited);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&terminal.awaited, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &terminal.awaited, NULL);
	terminal.signals = signalfd(-1, &terminal.awaited,
				    SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Stops as Ctrl-Z stops any program; goes on when it is continued. */
static void stop(void)
{
	sigset_t only;

	leave();
	sigemptyset(&only);
	sigaddset(&only, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
	enter();
}

static enum terminal_event signalled(void)
{
	struct signalfd_siginfo info;

	if (read(terminal.signals, &info, sizeof(info)) != sizeof(info)) {
		return TERMINAL_DRAW;
	}
	switch (info.ssi_signo) {
	case SIGTSTP:
		stop();
		return TERMINAL_DRAW;
	case SIGCONT:
		/* Somebody else may have had it meanwhile. */
		enter();
		return TERMINAL_DRAW;
	case SIGWINCH:
		return TERMINAL_DRAW;
	default:
		return TERMINAL_END;
	}
}

/* --------------------------- to be used by others ------------------------ */

bool terminal_open(struct latency_error *error)
{
	const char *name = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &terminal.before) != 0) {
		error_set(error, "a full screen needs a terminal");
		return false;
	}
	if (!terminal_sequences_find(name)) {
		error_set(error, "the terminal type TERM=%.40s is unknown",
			  name != NULL ? name : "");
		return false;
	}
	if (!terminal_sequences_learn(&terminal.sequences)) {
		error_set(error, "the terminal type TERM=%.40s has no full "
			  "screen",
			  name);
		return false;
	}
	terminal_keys_learn();
	catch_others();
	catch_crashes();
	atexit(terminal_close);
	enter();
	return true;
}

void terminal_close(void)
{
	leave();
	forget();
}

/* A line, its styles as the terminal wants them. */
static void put_line(const char *line, FILE *out)
{
	const struct terminal_sequences *s = &terminal.sequences;

	fputs(s->style[PLAIN], out);
	for (; *line != '\0'; line++) {
		if ((unsigned char)*line < STYLES) {
			fputs(s->style[(unsigned char)*line], out);
		} else {
			putc(*line, out);
		}
	}
	fputs(s->style[PLAIN], out);
}

/* The line of a frame, "" below its end. */
static const char *line_of(const struct frame *frame, unsigned n)
{
	return n < frame->count ? frame->line[n] : "";
}

static void put_frame(const struct frame *frame, unsigned height, bool all,
		      FILE *out)
{
	unsigned i;

	if (all) {
		fputs(terminal.sequences.clear, out);
	}
	for (i = 0; i < height; i++) {
		const char *line = line_of(frame, i);
		const char *before = all ? "" : line_of(&terminal.shown, i);

		if (strcmp(line, before) != 0) {
			char move[TERMINAL_SEQUENCE];

			fputs(terminal_sequence_move(move, i), out);
			/* Behind a full line it would take its last
			   character. */
			fputs(terminal.sequences.clear_line, out);
			put_line(line, out);
		}
	}
}

bool terminal_show(struct frame *frame)
{
	unsigned width, height;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	bool ok = true;

	if (out == NULL) {
		frame_free(frame);
		return true;	/* the next one may find memory */
	}
	terminal_size(&width, &height);
	put_frame(frame, height, width != terminal.width ||
		  height != terminal.height, out);
	if (fclose(out) == 0) {
		ok = write_all(text, length);
		frame_free(&terminal.shown);
		terminal.shown = *frame;
		terminal.width = width;
		terminal.height = height;
	} else {
		frame_free(frame);
	}
	free(text);
	return ok;
}

/* How long it is until then. */
static struct timespec time_left(uint64_t monotonic_ns)
{
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

	return ns_timespec(monotonic_ns > now ? monotonic_ns - now : 0);
}

enum terminal_event terminal_wait(uint64_t monotonic_ns)
{
	struct pollfd fds[] = { { terminal.signals, POLLIN, 0 },
				{ STDIN_FILENO, POLLIN, 0 } };

	for (;;) {
		const struct timespec left = time_left(monotonic_ns);
		int ready = ppoll(fds, 2, &left, NULL);

		if (ready == 0) {
			return TERMINAL_TIME;
		}
		if (ready < 0) {
			continue;
		}
		if (fds[0].revents != 0) {
			return signalled();
		}
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL)) {
			return TERMINAL_END;
		}
		return TERMINAL_KEY;
	}
}
