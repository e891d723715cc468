/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"
#include "directory.h"
#include "samba_conf.h"
#include "why_empty.h"

bool directory_find(const struct options *options, char *path, size_t size)
{
	const char *configfile = options->configfile;
	char lock[4096];

	if (options->segments != NULL) {
		snprintf(path, size, "%s", options->segments);
		return true;
	}
	if (samba_conf_global(configfile, "latency:directory", path, size)) {
		return true;
	}
	if (!samba_conf_global(configfile, "lock directory", lock,
			       sizeof(lock))) {
		complain("testparm does not name the lock directory%s%s; use "
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
	fputs("'smblatency-stat doctor' checks more, and says what to do\n",
	      stderr);
}

int directory_failed(const char *path, const struct options *options,
		     const struct latency_error *error)
{
	if (errno != ENOENT) {
		return complain("%s", error->text);
	}
	directory_explain_empty(path, options);
	return EXIT_FAILED;
}
