/*
 * How many instructions clock_gettime(CLOCK_MONOTONIC) executes in the vDSO,
 * where valgrind does not follow it: a child calls it, single-stepped, and the
 * steps within the vDSO are counted. Prints their number for one call; where
 * that cannot be found out, says why and exits with 1.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CALLS 1000
#define VDSO_SIZE 16384			/* bytes, at most */

static void call(void)
{
	struct timespec ts;
	int i;

	/* The first call has its symbol looked up. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
		_exit(1);
	}
	raise(SIGSTOP);
	for (i = 0; i < CALLS; i++) {
		clock_gettime(CLOCK_MONOTONIC, &ts);
	}
	_exit(0);
}

#if defined(__x86_64__)
static uint64_t instruction_pointer(pid_t pid)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0 ? regs.rip : 0;
}
#else
static uint64_t instruction_pointer(pid_t pid)
{
	(void)pid;
	return 0;
}
#endif

int main(void)
{
	/* The child, a fork, has it in the same place. */
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);
	unsigned long steps = 0;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		call();
	}
	if (pid == -1 || waitpid(pid, &status, 0) != pid ||
	    !WIFSTOPPED(status)) {
		fprintf(stderr, "clock_steps: cannot trace a child: %s\n",
			strerror(errno));
		return 1;
	}
	while (WIFSTOPPED(status)) {
		if (instruction_pointer(pid) - vdso < VDSO_SIZE) {
			steps++;
		}
		ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL);
		waitpid(pid, &status, 0);
	}
	if (vdso == 0 || steps < CALLS) {
		fprintf(stderr, "clock_steps: clock_gettime() does not run in "
			"the vDSO here, or this machine cannot tell\n");
		return 1;
	}
	printf("%.1f\n", (double)steps / CALLS);
	return 0;
}
