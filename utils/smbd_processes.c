/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smbd_processes.h"

#define GONE " (deleted)"	/* ends the name of a file that has none */

static FILE *proc_open(pid_t pid, const char *file)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return fopen(path, "re");
}

bool process_name(pid_t pid, char *name, size_t size)
{
	FILE *f = proc_open(pid, "comm");
	bool got;

	if (f == NULL) {
		return false;
	}
	got = fgets(name, (int)size, f) != NULL;
	fclose(f);
	if (got) {
		name[strcspn(name, "\n")] = '\0';
	}
	return got;
}

bool is_smbd(const char *name)
{
	/* smbd, or "smbd[127.0.0.1]" as newer ones say. */
	return strncmp(name, "smbd", 4) == 0 &&
		(name[4] == '\0' || name[4] == '[');
}

/* ----------------------------- one process ------------------------------- */

static pid_t parent_of(pid_t pid)
{
	FILE *f = proc_open(pid, "status");
	char line[256];
	int parent = 0;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "PPid: %d", &parent) == 1) {
			break;
		}
	}
	if (f != NULL) {
		fclose(f);
	}
	return parent;
}

/*
 * Has it the same root directory as we? That of a container has not: it runs
 * another Samba, whatever its files are called. In doubt it has.
 */
static bool shares_root(pid_t pid)
{
	char path[64];
	struct stat own, other;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)pid);
	return stat("/", &own) != 0 || stat(path, &other) != 0 ||
		(own.st_dev == other.st_dev && own.st_ino == other.st_ino);
}

/*
 * Was it started with this smb.conf? A child that has renamed itself shows no
 * arguments: then *known is false.
 */
static bool uses(pid_t pid, const char *configfile, bool *known)
{
	FILE *f = proc_open(pid, "cmdline");
	char words[4096];
	size_t length, i;
	bool named = false, this = false;

	length = f != NULL ? fread(words, 1, sizeof(words) - 1, f) : 0;
	words[length] = '\0';
	if (f != NULL) {
		fclose(f);
	}
	*known = memchr(words, ' ', length) == NULL && length != 0;
	for (i = 0; i < length; i += strlen(words + i) + 1) {
		const char *word = words + i;

		if (strncmp(word, "--configfile", 12) == 0 ||
		    strncmp(word, "-s", 2) == 0) {
			named = true;
		}
		this |= configfile != NULL && strstr(word, configfile) != NULL;
	}
	return configfile != NULL ? this : !named;
}

/* Has the file that it runs been replaced or removed? */
static bool is_replaced(pid_t pid)
{
	char path[64], target[PATH_MAX];
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < (ssize_t)strlen(GONE)) {
		return false;
	}
	target[length] = '\0';
	return strcmp(target + length - strlen(GONE), GONE) == 0;
}

/* What is mapped: the module, a segment. */
static void look_into(struct smbd_process *p)
{
	FILE *f = proc_open(p->pid, "maps");
	char line[PATH_MAX + 128], own[32];

	snprintf(own, sizeof(own), "/smbd-%d-", (int)p->pid);
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		char *path = strchr(line, '/');
		char *name = path != NULL ? strstr(path, own) : NULL;

		if (path == NULL) {
			continue;
		}
		if (strstr(path, "/latency.so") != NULL) {
			p->loaded = true;
			p->old_module = strstr(path, GONE) != NULL;
		}
		if (name != NULL && strstr(name, ".segment") != NULL) {
			snprintf(p->segments, sizeof(p->segments), "%.*s",
				 (int)(name - path), path);
		}
	}
	if (f != NULL) {
		fclose(f);
	}
}

/* ------------------------------- the list -------------------------------- */

static bool add(struct smbd_processes *list, pid_t pid, const char *configfile)
{
	struct smbd_process *more;
	pid_t parent = parent_of(pid);
	bool known, used = uses(pid, configfile, &known);

	if (!known) {
		used = uses(parent, configfile, &known);
	}
	if (!used) {
		return true;
	}
	more = realloc(list->process, (list->count + 1) * sizeof(*more));
	if (more == NULL) {
		return false;
	}
	list->process = more;
	memset(&more[list->count], 0, sizeof(*more));
	more[list->count].pid = pid;
	more[list->count].parent = parent;
	more[list->count].replaced = is_replaced(pid);
	look_into(&more[list->count++]);
	return true;
}

bool smbd_processes_list(struct smbd_processes *list, const char *configfile)
{
	DIR *proc = opendir("/proc");
	bool ok = proc != NULL;
	struct dirent *e;

	memset(list, 0, sizeof(*list));
	while (ok && (e = readdir(proc)) != NULL) {
		pid_t pid = (pid_t)atoi(e->d_name);
		char name[64];

		if (pid > 0 && process_name(pid, name, sizeof(name)) &&
		    is_smbd(name) && shares_root(pid)) {
			ok = add(list, pid, configfile);
		}
	}
	if (proc != NULL) {
		closedir(proc);
	}
	if (!ok) {
		smbd_processes_free(list);
	}
	return ok;
}

void smbd_processes_free(struct smbd_processes *list)
{
	free(list->process);
	memset(list, 0, sizeof(*list));
}
