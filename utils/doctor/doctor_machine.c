/*
 * Checks: what is around Samba.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "doctor_check.h"
#include "options.h"
#include "run_program.h"

/* -------------------------------- services ------------------------------- */

/* Does something answer at an address of this machine? */
static bool answers(uint16_t port)
{
	const struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(INADDR_LOOPBACK) },
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = fd != -1 &&
		connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0;

	if (fd != -1) {
		close(fd);
	}
	return ok;
}

void ask_systemctl(const char *word, const char *unit, char *line, size_t size)
{
	const char *const argv[] = { "systemctl", word, unit, NULL };

	program_first_line(argv, line, size);
}

#define EXPORTER "smblatency-exporter.service"

/* Is it to be started with the machine? Only then it has to run. */
void check_exporter(struct doctor *d)
{
	const char *port = strrchr(LISTEN_DEFAULT, ':') + 1;
	char enabled[256], active[256];

	ask_systemctl("is-enabled", EXPORTER, enabled, sizeof(enabled));
	ask_systemctl("is-active", EXPORTER, active, sizeof(active));
	if (strcmp(active, "active") == 0) {
		fine(d, EXPORTER " is running");
	} else if (strcmp(enabled, "enabled") == 0 && active[0] != '\0') {
		wrong(d, EXPORTER " is enabled, but %s", active);
		action(d, "journalctl -u " EXPORTER "; systemctl restart "
		       EXPORTER);
	} else if (answers((uint16_t)atoi(port))) {
		fine(d, "something answers where exporters listen, on "
		     LISTEN_DEFAULT);
	} else {
		fine(d, "no exporter is enabled");
	}
}

/* -------------------------------- bpftrace ------------------------------- */

void check_bpftrace(struct doctor *d)
{
	const char *const argv[] = { "bpftrace", "--version", NULL };
	char line[256];

	/* Without Samba there is nothing to trace. */
	if (d->at->module.error != 0) {
		return;
	}
	if (!program_first_line(argv, line, sizeof(line))) {
		note(d, "there is no working bpftrace");
		action(d, "apt install bpftrace");
		return;
	}
	if (access("/sys/bus/event_source/devices/uprobe", F_OK) != 0) {
		note(d, "the kernel has no uprobes, or this container hides "
		     "them");
		action(d, "grep UPROBE_EVENTS /boot/config-$(uname -r); in a "
		       "container: run bpftrace on the host");
		return;
	}
	fine(d, "%s can be used", line);
}

/* --------------------------------- costs --------------------------------- */

#define CLOCKS "/sys/devices/system/clocksource/clocksource0/"

/* One word of a file in /sys. */
static bool read_clock(const char *path, char *name, size_t size)
{
	FILE *f = fopen(path, "re");
	bool got = f != NULL && fgets(name, (int)size, f) != NULL;

	if (f != NULL) {
		fclose(f);
	}
	if (got) {
		name[strcspn(name, " \n")] = '\0';
	}
	return got;
}

void check_clock(struct doctor *d)
{
	char name[64];

	if (!read_clock(CLOCKS "current_clocksource", name, sizeof(name))) {
		return;
	}
#if defined(__x86_64__) || defined(__i386__)
	if (strcmp(name, "tsc") != 0) {
		note(d, "the kernel keeps time by %s, not by the TSC", name);
		action(d, "cat " CLOCKS "available_clocksource; if it has tsc: "
		       "echo tsc >" CLOCKS "current_clocksource; else "
		       "'dmesg | grep -i tsc' says why");
		return;
	}
#endif
	fine(d, "the kernel keeps time by %s", name);
}

void check_profiling(struct doctor *d)
{
	const char *argv[] = {
		"smbcontrol", "-t", "2", "smbd", "profilelevel",
		d->at->configfile != NULL ? "-s" : NULL, d->at->configfile,
		NULL,
	};
	char line[256];

	/* "Profiling count and time on pid 12", "Profiling count only ..." */
	if (d->at->smbds.count == 0 ||
	    !program_first_line(argv, line, sizeof(line)) ||
	    strstr(line, "count") == NULL) {
		return;
	}
	note(d, "Samba's own profiling is on");
	action(d, "if nobody needs it, for 'smbstatus -P' or Samba's endpoint: "
	       "smbcontrol%s smbd profile off, and no 'smbd profiling level' "
	       "in smb.conf", conf_words(d));
}
