/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "module_file.h"
#include "samba_conf.h"
#include "samba_install.h"
#include "segment_dir.h"
#include "smbd_processes.h"
#include "why_empty.h"

static void __attribute__((format(printf, 2, 3)))
found(struct findings *f, const char *format, ...)
{
	va_list args;

	if (f->count == FINDINGS) {
		return;
	}
	va_start(args, format);
	vsnprintf(f->text[f->count++], sizeof(f->text[0]), format, args);
	va_end(args);
}

/* ----------------------------- the directory ----------------------------- */

/* May files be made there? */
static void look_for_room(const char *path, struct findings *f)
{
	struct statvfs fs;

	if (statvfs(path, &fs) != 0) {
		return;
	}
	if (fs.f_flag & ST_RDONLY) {
		found(f, "%s is on a file system that is read-only: smbd "
		      "cannot make a segment", path);
	} else if (fs.f_bavail == 0) {
		found(f, "the file system of %s is full: smbd cannot make a "
		      "segment", path);
	}
}

static void look_at_directory(const struct emptiness *e, struct findings *f)
{
	struct latency_error error;
	char parent[4096];
	int dir = segment_dir_open(e->directory, false, &error);

	if (dir != -1) {
		close(dir);
		look_for_room(e->directory, f);
		return;
	}
	if (errno != ENOENT) {
		found(f, "%s", error.text);
		return;
	}
	snprintf(parent, sizeof(parent), "%s", e->directory);
	dirname(parent);
	if (access(parent, F_OK) != 0) {
		found(f, "there is no directory %s, nor its parent %s, which "
		      "smbd does not make", e->directory, parent);
		return;
	}
	found(f, "there is no directory %s; smbd makes it when it first has "
	      "something to count", e->directory);
	look_for_room(parent, f);
}

/* -------------------------------- smb.conf ------------------------------- */

/* The first shares with the module. Returns how many there are. */
static unsigned measured_shares(const struct samba_conf *conf,
				char names[200])
{
	unsigned i, shares = 0, count;
	size_t length;

	names[0] = '\0';
	for (i = 0; i < conf->count; i++) {
		const struct conf_line *line = &conf->line[i];

		if (strcmp(line->name, "vfs objects") != 0 ||
		    objects_position(line->value, &count) == 0) {
			continue;
		}
		length = strlen(names);
		if (shares++ < 5) {
			snprintf(names + length, 200 - length, "%s%s",
				 length != 0 ? ", " : "",
				 strcmp(line->section, CONF_GLOBAL) == 0 ?
				 "[global]" : line->section);
		} else if (shares == 6) {
			snprintf(names + length, 200 - length, ", ...");
		}
	}
	return shares;
}

/* ------------------------------- the module ------------------------------ */

static void look_at_module(struct findings *f)
{
	struct samba_install samba;
	struct module_file module;

	samba_install_ask(&samba);
	module_file_read(&module, samba.modules);
	if (module.error == ENOENT) {
		found(f, "the module is not installed: there is no %s",
		      module.path);
	} else if (samba.version[0] != '\0' && module.version[0] != '\0' &&
		   !same_release(samba.version, module.samba)) {
		found(f, "smbd is Samba %s, but the module was built for %s: "
		      "build and install it again; smbd's log says what became "
		      "of it", samba.version, module.samba);
	}
}

/* ------------------------------- processes ------------------------------- */

static void look_at_pid(const struct emptiness *e, struct findings *f)
{
	struct smbd_process *p = NULL;
	struct smbd_processes list;
	unsigned i, children = 0;
	char name[64];

	if (!process_name(e->pid, name, sizeof(name))) {
		found(f, "there is no process %d now; what an earlier process "
		      "of that number counted is among the departed",
		      (int)e->pid);
		return;
	}
	if (!is_smbd(name)) {
		found(f, "process %d is not smbd, but %s", (int)e->pid, name);
		return;
	}
	if (!smbd_processes_list(&list, e->configfile)) {
		found(f, "it is not known why smbd %d counts nothing",
		      (int)e->pid);
		return;
	}
	for (i = 0; i < list.count; i++) {
		p = list.process[i].pid == e->pid ? &list.process[i] : p;
		children += list.process[i].parent == e->pid;
	}
	if (children != 0) {
		found(f, "smbd %d is the parent of the others and serves no "
		      "client", (int)e->pid);
	} else if (p != NULL && p->segments[0] != '\0') {
		found(f, "smbd %d counts in %s", (int)e->pid, p->segments);
	} else if (p != NULL && p->loaded) {
		found(f, "smbd %d has loaded the module but has no segment; "
		      "its log says why", (int)e->pid);
	} else {
		found(f, "smbd %d has not loaded the module: its client has "
		      "not connected to a measured share", (int)e->pid);
	}
	smbd_processes_free(&list);
}

/* What the running smbds do with the module. Returns how many there are. */
static unsigned look_at_processes(const struct emptiness *e,
				  struct findings *f, unsigned *loaded)
{
	const struct smbd_process *elsewhere = NULL, *without = NULL;
	struct smbd_processes list;
	unsigned i, count;

	*loaded = 0;
	if (!smbd_processes_list(&list, e->configfile)) {
		found(f, "it is not known which smbds are running");
		return 1;
	}
	for (i = 0; i < list.count; i++) {
		const struct smbd_process *p = &list.process[i];

		*loaded += p->loaded;
		if (p->segments[0] != '\0') {
			elsewhere = p;
		} else if (p->loaded) {
			without = p;
		}
	}
	if (elsewhere != NULL && strcmp(elsewhere->segments, e->directory)) {
		found(f, "smbd %d counts in %s, as smb.conf said when it made "
		      "its segment; see it with --segments=%s",
		      (int)elsewhere->pid, elsewhere->segments,
		      elsewhere->segments);
	}
	if (without != NULL) {
		found(f, "smbd %d has loaded the module but has no segment; "
		      "its log says why", (int)without->pid);
	}
	count = list.count;
	smbd_processes_free(&list);
	return count;
}

/* --------------------------------- whole --------------------------------- */

/* What is wrong where smb.conf says that there should be something. */
static void look_at_samba(const struct emptiness *e, struct findings *f)
{
	struct samba_conf conf;
	unsigned loaded, shares;
	char names[200];
	bool known;

	samba_conf_read(&conf, e->configfile);
	known = conf.known;
	shares = measured_shares(&conf, names);
	samba_conf_free(&conf);
	if (known && shares == 0) {
		found(f, "no share has \"vfs objects = latency\" in smb.conf");
		return;
	}
	if (look_at_processes(e, f, &loaded) == 0) {
		found(f, "no smbd is running, and none has left counts");
		look_at_module(f);
	} else if (loaded == 0) {
		look_at_module(f);
		found(f, "no running smbd has loaded the module: none of the "
		      "clients connected now has come to a measured "
		      "share%s%s%s since smb.conf named the module, or the "
		      "module cannot be loaded, as smbd's log would say",
		      known ? " (" : "", names, known ? ")" : "");
	}
	if (!known) {
		found(f, "it is not known what smb.conf says: testparm cannot "
		      "be asked");
	}
}

void why_empty(const struct emptiness *e, struct findings *f)
{
	bool root = geteuid() == 0;

	f->count = 0;
	if (e->pid != 0 && root) {
		look_at_pid(e, f);
	}
	look_at_directory(e, f);
	if (e->pid == 0 && !e->given && root) {
		look_at_samba(e, f);
	}
	if (!root) {
		found(f, "what smbds do is for root only to see: ask again as "
			 "root");
	}
	if (f->count == 0) {
		found(f, "there are no segments in it, and it is not known "
		      "why");
	}
}
