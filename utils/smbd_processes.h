/*
 * The smbd processes of this machine, as /proc shows them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SMBD_PROCESSES_H
#define SMBD_PROCESSES_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

struct smbd_process {
	pid_t pid;
	pid_t parent;
	bool replaced;			/* its program is another one now */
	bool loaded;			/* has the module mapped */
	bool old_module;		/* and the file is another one now */
	char segments[PATH_MAX];	/* directory of its segment; "": none */
};

struct smbd_processes {
	struct smbd_process *process;
	unsigned count;
};

/*
 * Lists those that were started with this smb.conf (NULL: with none named),
 * those in containers left out.
 * Returns false if there is no memory or no /proc.
 */
bool smbd_processes_list(struct smbd_processes *list, const char *configfile);

void smbd_processes_free(struct smbd_processes *list);

/* The name of a process, to be cut to `size`; false if there is none. */
bool process_name(pid_t pid, char *name, size_t size);

/* Is this the name of an smbd? */
bool is_smbd(const char *name);

#endif
