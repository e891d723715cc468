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

#include "latency_config.h"
#include "run_program.h"
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
		found(f, "%s is on a file system that is read-only: smbd can "
		      "make no segment", path);
	} else if (fs.f_bavail == 0) {
		found(f, "the file system of %s is full: smbd can make no "
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
		found(f, "there is no directory %s, and no %s either, which "
		      "smbd does not make", e->directory, parent);
		return;
	}
	found(f, "there is no directory %s; smbd makes it when it first has "
	      "something to count", e->directory);
	look_for_room(parent, f);
}

/* -------------------------------- smb.conf ------------------------------- */

struct configured {
	bool known;			/* testparm has told */
	unsigned shares;		/* with the module */
	char names[200];		/* of the first ones */
};

/* Is the module in the value of "vfs objects"? */
static bool has_module(const char *value)
{
	const char *word;

	for (word = strstr(value, "latency"); word != NULL;
	     word = strstr(word + 1, "latency")) {
		if (strchr(" =,\t", word[-1]) != NULL &&
		    strchr(" :\n,\t", word[7]) != NULL) {
			return true;
		}
	}
	return false;
}

static void add_share(struct configured *c, const char *name)
{
	size_t length = strlen(c->names);

	if (c->shares++ < 5) {
		snprintf(c->names + length, sizeof(c->names) - length, "%s%s",
			 length != 0 ? ", " : "", name);
	} else if (c->shares == 6) {
		snprintf(c->names + length, sizeof(c->names) - length, ", ...");
	}
}

static void ask_testparm(const char *configfile, struct configured *c)
{
	const char *argv[] = { "testparm", "-s", "-l", configfile, NULL };
	char line[4096], section[64] = "";
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	memset(c, 0, sizeof(*c));
	if (f == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		const char *value = strchr(line, '=');

		if (sscanf(line, "[%60[^]]]", section) == 1) {
			continue;
		}
		if (value != NULL && strstr(line, "vfs objects") != NULL &&
		    has_module(value)) {
			add_share(c, strcmp(section, "global") == 0 ?
				  "[global]" : section);
		}
	}
	c->known = program_end(f, pid);
}

/* ------------------------------- the module ------------------------------ */

/* The release of the smbd installed, "" if it does not say. */
static void ask_smbd(char release[32])
{
	const char *const argv[] = { "smbd", "-V", NULL };
	char line[256];
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	release[0] = '\0';
	if (f == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		sscanf(line, "Version %31[0-9.]", release);
	}
	program_end(f, pid);
}

/* As "4.22" of "4.22.11". */
static bool same_release(const char *a, const char *b)
{
	int major[2], minor[2];

	return sscanf(a, "%d.%d", &major[0], &minor[0]) == 2 &&
		sscanf(b, "%d.%d", &major[1], &minor[1]) == 2 &&
		major[0] == major[1] && minor[0] == minor[1];
}

static void look_at_module(struct findings *f)
{
	char path[4096], release[32];

	snprintf(path, sizeof(path), "%s/latency.so", LATENCY_MODULES_DIRECTORY);
	if (access(path, F_OK) != 0) {
		found(f, "the module is not installed: there is no %s", path);
		return;
	}
	ask_smbd(release);
	if (release[0] != '\0' &&
	    !same_release(release, LATENCY_SAMBA_VERSION)) {
		found(f, "smbd is Samba %s, this was built for %s: build and "
		      "install it again, smbd's log says what became of it",
		      release, LATENCY_SAMBA_VERSION);
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
		found(f, "there is no process %d now; what one of that number "
		      "counted is among the departed", (int)e->pid);
		return;
	}
	if (!is_smbd(name)) {
		found(f, "process %d is no smbd, but %s", (int)e->pid, name);
		return;
	}
	if (!smbd_processes_list(&list, e->configfile)) {
		found(f, "why smbd %d counts nothing is not known",
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
		      "connected to no measured share", (int)e->pid);
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
		found(f, "which smbds run is not known");
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
	struct configured c;
	unsigned loaded;

	ask_testparm(e->configfile, &c);
	if (c.known && c.shares == 0) {
		found(f, "no share has \"vfs objects = latency\" in smb.conf");
		return;
	}
	if (look_at_processes(e, f, &loaded) == 0) {
		found(f, "no smbd is running, and none has left counts");
		look_at_module(f);
	} else if (loaded == 0) {
		look_at_module(f);
		found(f, "no running smbd has loaded the module: no client "
		      "that is connected now came to a measured share%s%s "
		      "after smb.conf said so, or the module cannot be "
		      "loaded, which smbd's log tells",
		      c.known ? ", which are " : "", c.names);
	}
	if (!c.known) {
		found(f, "what smb.conf says is not known: testparm cannot be "
		      "asked");
	}
}

void why_empty(const struct emptiness *e, struct findings *f)
{
	f->count = 0;
	if (e->pid != 0) {
		look_at_pid(e, f);
	}
	look_at_directory(e, f);
	if (e->pid == 0 && !e->given) {
		look_at_samba(e, f);
	}
	if (f->count == 0) {
		found(f, "there are no segments in it, and why is not known");
	}
}
