/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "directory.h"
#include "latency_config.h"

extern char **environ;

/*
 * Runs testparm with these further arguments and returns a stream of what it
 * prints, NULL with errno if it cannot be run.
 */
static FILE *testparm(const char *configfile, const char *parameter,
		      pid_t *pid)
{
	char section[] = "--section-name=global";
	char name[128];
	const char *argv[8] = { "testparm", "-s", "-l" };
	posix_spawn_file_actions_t actions;
	int argc = 3, pipefd[2], ret;

	if (parameter != NULL) {
		snprintf(name, sizeof(name), "--parameter-name=%s", parameter);
		argv[argc++] = section;
		argv[argc++] = name;
	}
	if (configfile != NULL) {
		argv[argc++] = configfile;
	}
	argv[argc] = NULL;
	if (pipe(pipefd) != 0) {
		return NULL;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipefd[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", 1, 0);
	posix_spawn_file_actions_addclose(&actions, pipefd[0]);
	ret = posix_spawnp(pid, argv[0], &actions, NULL, (char **)argv,
			   environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipefd[1]);
	if (ret != 0) {
		close(pipefd[0]);
		errno = ret;
		return NULL;
	}
	return fdopen(pipefd[0], "r");
}

/* The value of a [global] parameter; false if testparm does not say. */
static bool global_parameter(const char *configfile, const char *parameter,
			     char *value, size_t size)
{
	pid_t pid;
	FILE *f = testparm(configfile, parameter, &pid);
	bool got;
	int status;

	if (f == NULL) {
		return false;
	}
	got = fgets(value, (int)size, f) != NULL;
	fclose(f);
	if (waitpid(pid, &status, 0) == -1 || status != 0 || !got) {
		return false;
	}
	value[strcspn(value, "\n")] = '\0';
	return value[0] != '\0';
}

bool directory_find(const char *given, const char *configfile, char *path,
		    size_t size)
{
	char lock[4096];

	if (given != NULL) {
		snprintf(path, size, "%s", given);
		return true;
	}
	if (global_parameter(configfile, "latency:directory", path, size)) {
		return true;
	}
	if (!global_parameter(configfile, "lock directory", lock,
			      sizeof(lock))) {
		fprintf(stderr, "smblatency-stat: testparm does not tell the "
			"lock directory%s%s; use --segments=DIR\n",
			configfile != NULL ? " of " : "",
			configfile != NULL ? configfile : "");
		return false;
	}
	snprintf(path, size, "%s/latency", lock);
	return true;
}

/* Is any process called smbd? */
static bool smbd_runs(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *e;
	bool runs = false;

	while (proc != NULL && !runs && (e = readdir(proc)) != NULL) {
		char path[300], name[32] = "";
		FILE *f;

		if (atoi(e->d_name) <= 0) {
			continue;
		}
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "re");
		if (f == NULL) {
			continue;
		}
		if (fgets(name, sizeof(name), f) != NULL) {
			/* smbd, or "smbd[127.0.0.1]" as newer ones say. */
			runs = strncmp(name, "smbd", 4) == 0 &&
				(name[4] == '\n' || name[4] == '[');
		}
		fclose(f);
	}
	if (proc != NULL) {
		closedir(proc);
	}
	return runs;
}

/* Does `vfs objects` name the module, anywhere in smb.conf? */
static bool module_configured(const char *configfile)
{
	pid_t pid;
	FILE *f = testparm(configfile, NULL, &pid);
	bool configured = false;
	char line[4096];

	if (f == NULL) {
		return true;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		const char *value = strchr(line, '=');
		const char *word;

		if (value == NULL || strstr(line, "vfs objects") == NULL) {
			continue;
		}
		for (word = strstr(value, "latency"); word != NULL;
		     word = strstr(word + 1, "latency")) {
			configured |= strchr(" =", word[-1]) != NULL &&
				strchr(" :\n", word[7]) != NULL;
		}
	}
	fclose(f);
	waitpid(pid, NULL, 0);
	return configured;
}

void directory_explain_empty(const char *path, const char *configfile)
{
	const char *why;

	if (!module_configured(configfile)) {
		why = "no share has \"vfs objects = latency\" in smb.conf";
	} else if (!smbd_runs()) {
		why = "no smbd is running, and none has left counts";
	} else {
		why = "no client has connected to a measured share since smbd "
			"was started with it";
	}
	fprintf(stderr, "smblatency-stat: nothing to report from %s: %s\n",
		path, why);
}
