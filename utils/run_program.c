/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "run_program.h"

extern char **environ;

FILE *program_run(const char *const *argv, bool with_stderr, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int pipefd[2], ret;
	FILE *f;

	if (pipe2(pipefd, O_CLOEXEC) != 0) {
		return NULL;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, pipefd[1], 1);
	if (with_stderr) {
		posix_spawn_file_actions_adddup2(&actions, pipefd[1], 2);
	} else {
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null",
						 O_WRONLY, 0);
	}
	ret = posix_spawnp(pid, argv[0], &actions, NULL, (char **)argv,
			   environ);
	posix_spawn_file_actions_destroy(&actions);
	close(pipefd[1]);
	if (ret != 0) {
		close(pipefd[0]);
		errno = ret;
		return NULL;
	}
	f = fdopen(pipefd[0], "r");
	if (f == NULL) {
		close(pipefd[0]);
		waitpid(*pid, NULL, 0);
	}
	return f;
}

bool program_end(FILE *f, pid_t pid)
{
	char rest[4096];
	int status;

	/* It must not die of a pipe that nobody reads. */
	while (fread(rest, 1, sizeof(rest), f) != 0) {
		;
	}
	fclose(f);
	return waitpid(pid, &status, 0) == pid && status == 0;
}

bool program_first_line(const char *const *argv, char *line, size_t size)
{
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	line[0] = '\0';
	if (f == NULL) {
		return false;
	}
	if (fgets(line, (int)size, f) != NULL) {
		line[strcspn(line, "\n")] = '\0';
	}
	return program_end(f, pid);
}
