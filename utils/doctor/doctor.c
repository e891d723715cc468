/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "doctor_check.h"

/* ------------------------- what there is to look at ---------------------- */

static void find_directory(struct installation *at, const char *given)
{
	char lock[PATH_MAX - 16];
	const char *own;

	if (given != NULL) {
		snprintf(at->directory, sizeof(at->directory), "%s", given);
		return;
	}
	if (!at->conf.known) {
		return;
	}
	own = samba_conf_value(&at->conf, CONF_GLOBAL, "latency:directory");
	if (own != NULL) {
		snprintf(at->directory, sizeof(at->directory), "%s", own);
	} else if (samba_conf_global(at->configfile, "lock directory", lock,
				     sizeof(lock))) {
		snprintf(at->directory, sizeof(at->directory), "%s/latency",
			 lock);
	}
}

static void look(struct installation *at, const char *directory)
{
	samba_install_ask(&at->samba);
	module_file_read(&at->module, at->samba.modules);
	samba_conf_read(&at->conf, at->configfile);
	find_directory(at, directory);
	/* No list is an empty one. */
	smbd_processes_list(&at->smbds, at->configfile);
}

/* --------------------------------- whole --------------------------------- */

static const struct {
	const char *name, *why;
	void (*run)(struct doctor *d);
} checks[] = {
#define CHECK(name, why) { #name, why, check_##name },
#include "doctor_table.h"
};

void doctor_examine(const char *configfile, const char *directory,
		    struct doctor_findings *findings)
{
	struct installation *at = calloc(1, sizeof(*at));
	struct doctor d = { .at = at, .findings = findings };
	unsigned i;

	memset(findings, 0, sizeof(*findings));
	if (at == NULL) {
		findings->incomplete = true;
		return;
	}
	at->configfile = configfile;
	look(at, directory);
	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		d.check = checks[i].name;
		d.why = checks[i].why;
		checks[i].run(&d);
	}
	samba_conf_free(&at->conf);
	smbd_processes_free(&at->smbds);
	free(at);
}
