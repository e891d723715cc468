/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_check.h"

/* -------------------------------- telling -------------------------------- */

static void __attribute__((format(printf, 3, 0)))
add(struct doctor *d, enum doctor_state state, const char *format,
    va_list args)
{
	struct doctor_findings *all = d->findings;
	struct doctor_finding *more = realloc(all->finding, (all->count + 1) *
					      sizeof(*more));

	if (more == NULL) {
		all->incomplete = true;
		return;
	}
	all->finding = more;
	more += all->count;
	memset(more, 0, sizeof(*more));
	more->check = d->check;
	more->state = state;
	more->why = state != DOCTOR_FINE ? d->why : NULL;
	if (vasprintf(&more->what, format, args) == -1) {
		all->incomplete = true;
		return;
	}
	all->count++;
}

void fine(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, DOCTOR_FINE, format, args);
	va_end(args);
}

void wrong(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, DOCTOR_WRONG, format, args);
	va_end(args);
}

void note(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, DOCTOR_NOTE, format, args);
	va_end(args);
}

void action(struct doctor *d, const char *format, ...)
{
	struct doctor_findings *all = d->findings;
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) == -1) {
		text = NULL;
	}
	va_end(args);
	if (text == NULL || all->incomplete) {
		all->incomplete = true;
		free(text);
		return;
	}
	all->finding[all->count - 1].action = text;
}

/* ------------------------- what there is to look at ---------------------- */

const char *conf_words(const struct doctor *d)
{
	static char words[PATH_MAX + 8];

	if (d->at->configfile == NULL) {
		return "";
	}
	snprintf(words, sizeof(words), " -s %s", d->at->configfile);
	return words;
}

bool share_measured(const struct installation *at, const char *share)
{
	unsigned count;

	return objects_position(samba_conf_objects(&at->conf, share),
				&count) != 0;
}

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

void doctor_findings_free(struct doctor_findings *findings)
{
	unsigned i;

	for (i = 0; i < findings->count; i++) {
		free(findings->finding[i].what);
		free(findings->finding[i].action);
	}
	free(findings->finding);
	memset(findings, 0, sizeof(*findings));
}
