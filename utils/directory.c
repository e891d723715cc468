/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "directory.h"
#include "run_program.h"
#include "why_empty.h"

/* The value of a [global] parameter; false if testparm does not say. */
static bool global_parameter(const char *configfile, const char *parameter,
			     char *value, size_t size)
{
	char name[128];
	const char *argv[] = {
		"testparm", "-s", "-l", "--section-name=global", name,
		configfile, NULL,
	};
	pid_t pid;
	FILE *f;
	bool got;

	snprintf(name, sizeof(name), "--parameter-name=%s", parameter);
	f = program_run(argv, false, &pid);
	if (f == NULL) {
		return false;
	}
	got = fgets(value, (int)size, f) != NULL;
	if (!program_end(f, pid) || !got) {
		return false;
	}
	value[strcspn(value, "\n")] = '\0';
	return value[0] != '\0';
}

bool directory_find(const struct options *options, char *path, size_t size)
{
	const char *configfile = options->configfile;
	char lock[4096];

	if (geteuid() != 0) {
		complain("must be run as root, like smbstatus");
		return false;
	}
	if (options->segments != NULL) {
		snprintf(path, size, "%s", options->segments);
		return true;
	}
	if (global_parameter(configfile, "latency:directory", path, size)) {
		return true;
	}
	if (!global_parameter(configfile, "lock directory", lock,
			      sizeof(lock))) {
		complain("testparm does not tell the lock directory%s%s; use "
			 "--segments=DIR", configfile != NULL ? " of " : "",
			 configfile != NULL ? configfile : "");
		return false;
	}
	snprintf(path, size, "%s/latency", lock);
	return true;
}

void directory_explain_empty(const char *path, const struct options *options)
{
	const struct emptiness e = {
		.directory = path,
		.given = options->segments != NULL,
		.configfile = options->configfile,
		.pid = options->report.filter.pid,
	};
	struct findings findings;
	unsigned i;

	why_empty(&e, &findings);
	complain("nothing to report from %s:", path);
	for (i = 0; i < findings.count; i++) {
		fprintf(stderr, "  %s\n", findings.text[i]);
	}
}
