/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "latency_config.h"
#include "run_program.h"
#include "samba_install.h"

static void ask_version(struct samba_install *samba)
{
	const char *const argv[] = { "smbd", "-V", NULL };
	char line[256];
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	if (f == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		sscanf(line, "Version %47s", samba->version);
	}
	program_end(f, pid);
}

static void ask_modules(struct samba_install *samba)
{
	static const char title[] = " MODULESDIR: ";
	const char *const argv[] = { "smbd", "-b", NULL };
	char line[PATH_MAX + 64];
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	if (f == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		const char *found = strstr(line, title);

		if (found != NULL) {
			found += strlen(title);
			snprintf(samba->modules, sizeof(samba->modules),
				 "%.*s/vfs", (int)strcspn(found, "\n"), found);
		}
	}
	program_end(f, pid);
}

void samba_install_ask(struct samba_install *samba)
{
	memset(samba, 0, sizeof(*samba));
	snprintf(samba->modules, sizeof(samba->modules), "%s",
		 LATENCY_MODULES_DIRECTORY);
	ask_version(samba);
	ask_modules(samba);
}

bool same_release(const char *a, const char *b)
{
	int major[2], minor[2];

	return sscanf(a, "%d.%d", &major[0], &minor[0]) == 2 &&
		sscanf(b, "%d.%d", &major[1], &minor[1]) == 2 &&
		major[0] == major[1] && minor[0] == minor[1];
}
