/*
 * Checks: the smbds that run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "doctor_check.h"
#include "run_program.h"

#define PIDS_TOLD 10

/* "smbd 12", "smbds 12, 13", for those that `is` says so of. */
struct pids {
	unsigned count;
	char text[16 * PIDS_TOLD];
};

static void pids_add(struct pids *p, pid_t pid)
{
	size_t length = strlen(p->text);

	if (p->count++ < PIDS_TOLD) {
		snprintf(p->text + length, sizeof(p->text) - length, "%s%d",
			 length != 0 ? ", " : "", (int)pid);
	} else if (p->count == PIDS_TOLD + 1) {
		snprintf(p->text + length, sizeof(p->text) - length, ", ...");
	}
}

static void pids_find(const struct doctor *d, struct pids *p,
		      bool (*is)(const struct smbd_process *process))
{
	const struct smbd_processes *list = &d->at->smbds;
	unsigned i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < list->count; i++) {
		if (is(&list->process[i])) {
			pids_add(p, list->process[i].pid);
		}
	}
}

void check_smbd_running(struct doctor *d)
{
	unsigned i, loaded = 0;

	if (d->at->samba.version[0] == '\0') {
		return;
	}
	if (d->at->smbds.count == 0) {
		wrong(d, "no smbd is running%s%s",
		      d->at->configfile != NULL ? " with " : "",
		      d->at->configfile != NULL ? d->at->configfile : "");
		action(d, d->at->configfile != NULL ? "smbd -D%s" :
		       "systemctl start smbd%s", conf_words(d));
		return;
	}
	for (i = 0; i < d->at->smbds.count; i++) {
		loaded += d->at->smbds.process[i].loaded;
	}
	fine(d, "running smbd processes: %u, with the module loaded: %u",
	     d->at->smbds.count, loaded);
}

static bool is_replaced(const struct smbd_process *p)
{
	return p->replaced;
}

void check_smbd_replaced(struct doctor *d)
{
	struct pids p;

	pids_find(d, &p, is_replaced);
	if (p.count != 0) {
		wrong(d, "the program has been replaced since %u smbds were "
		      "started, as by an upgrade of Samba: pid %s",
		      p.count, p.text);
		action(d, "systemctl restart smbd, which disconnects clients");
	}
}

static bool has_old_module(const struct smbd_process *p)
{
	return p->old_module && !p->replaced;
}

void check_module_replaced(struct doctor *d)
{
	struct pids p;

	pids_find(d, &p, has_old_module);
	if (p.count != 0) {
		note(d, "the module has been replaced since %u smbds loaded "
		     "it: pid %s", p.count, p.text);
		action(d, "nothing: they get the new one when their clients "
		       "connect again");
	}
}

void check_smbd_directory(struct doctor *d)
{
	const struct smbd_processes *list = &d->at->smbds;
	struct pids p = { .count = 0 };
	const char *elsewhere = NULL;
	unsigned i;

	for (i = 0; i < list->count; i++) {
		const char *where = list->process[i].segments;

		if (where[0] != '\0' && d->at->directory[0] != '\0' &&
		    strcmp(where, d->at->directory) != 0) {
			elsewhere = where;
			pids_add(&p, list->process[i].pid);
		}
	}
	if (elsewhere != NULL) {
		wrong(d, "%u smbds count in %s, as smb.conf said when they "
		      "made their segments, and not in %s: pid %s", p.count,
		      elsewhere, d->at->directory, p.text);
		action(d, "smblatency-stat --segments=%s; this ends when their "
		       "clients connect again", elsewhere);
	}
}

static bool has_no_segment(const struct smbd_process *p)
{
	return p->loaded && p->segments[0] == '\0';
}

void check_smbd_segment(struct doctor *d)
{
	char log[PATH_MAX] = "/var/log/samba/log.*";
	struct pids p;

	pids_find(d, &p, has_no_segment);
	if (p.count == 0) {
		return;
	}
	wrong(d, "%u smbds have loaded the module but have no segment: pid %s",
	      p.count, p.text);
	if (samba_conf_global(d->at->configfile, "log file", log,
			      sizeof(log))) {
		snprintf(log + strcspn(log, "%"), 2, "*");
	}
	action(d, "grep -h vfs_latency: %s; the log says why", log);
}

/* ------------------------- who connected too early ----------------------- */

/* The pid of a line of smbstatus -S that is about this share, or 0. */
static pid_t pid_of_connect(const char *line, const char *share)
{
	const size_t length = strlen(share);
	const char *number;

	if (strncasecmp(line, share, length) != 0 || line[length] != ' ') {
		return 0;
	}
	number = line + length + strspn(line + length, " ");
	if (number[strcspn(number, ": ")] == ':') {
		/* Of a cluster's node. */
		number = strchr(number, ':') + 1;
	}
	return (pid_t)atoi(number);
}

static const struct smbd_process *find_process(const struct doctor *d,
					       pid_t pid)
{
	const struct smbd_processes *list = &d->at->smbds;
	unsigned i;

	for (i = 0; i < list->count; i++) {
		if (list->process[i].pid == pid) {
			return &list->process[i];
		}
	}
	return NULL;
}

/* A tree connect to a measured share, of a process without the module. */
static void look_at_connect(const struct doctor *d, const char *line,
			    struct pids *p, char share[256])
{
	const struct smbd_process *process;
	unsigned next = 0;
	const char *name;

	while ((name = samba_conf_share(&d->at->conf, &next)) != NULL) {
		process = find_process(d, pid_of_connect(line, name));
		if (process != NULL && !process->loaded &&
		    share_measured(d->at, name)) {
			pids_add(p, process->pid);
			snprintf(share, 256, "%s", name);
		}
	}
}

void check_smbd_older(struct doctor *d)
{
	const char *argv[] = {
		"smbstatus", "-S", d->at->configfile != NULL ? "-s" : NULL,
		d->at->configfile, NULL,
	};
	struct pids p = { .count = 0 };
	char *line = NULL, share[256];
	size_t size = 0;
	pid_t pid;
	FILE *f;

	if (d->at->smbds.count == 0 || !d->at->conf.known) {
		return;
	}
	f = program_run(argv, false, &pid);
	if (f == NULL) {
		return;
	}
	while (getline(&line, &size, f) != -1) {
		look_at_connect(d, line, &p, share);
	}
	free(line);
	program_end(f, pid);
	if (p.count != 0) {
		wrong(d, "%u smbds serve [%s] without the module: their "
		      "clients connected before smb.conf named it: pid %s",
		      p.count, share, p.text);
		action(d, "wait until they connect again, or disconnect them: "
		       "smbcontrol%s smbd close-share %s", conf_words(d),
		       share);
	}
}
