/*
 * Checks: what the services may read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor_check.h"
#include "run_program.h"

#define GROUPS 256

/* Is the user a member? In doubt it is. */
static bool is_member(const char *user, gid_t group)
{
	const struct passwd *entry = getpwnam(user);
	gid_t groups[GROUPS];
	int i, count = GROUPS;

	if (entry == NULL ||
	    getgrouplist(user, entry->pw_gid, groups, &count) == -1) {
		return true;
	}
	for (i = 0; i < count; i++) {
		if (groups[i] == group) {
			return true;
		}
	}
	return false;
}

/* Whoever it runs as: that may have been changed. */
static void check_service_user(struct doctor *d, const char *unit,
			       const struct stat *directory)
{
	const char *const show[] = { "systemctl", "show", "--property=User",
				     "--value", unit, NULL };
	const mode_t admits = S_ISGID | S_IRGRP | S_IXGRP;
	char active[256], user[256];

	ask_systemctl("is-active", unit, active, sizeof(active));
	if (strcmp(active, "active") != 0 ||
	    !program_first_line(show, user, sizeof(user)) ||
	    user[0] == '\0' || strcmp(user, "root") == 0) {
		return;
	}
	if ((directory->st_mode & admits) != admits ||
	    !is_member(user, directory->st_gid)) {
		wrong(d, "%s runs as %s, who is in no group that may read %s",
		      unit, user, d->at->directory);
		action(d, "systemd-tmpfiles --create smblatency.conf; for "
		       "another directory than it names: see PERMISSIONS in "
		       "vfs_latency(8)");
	}
}

void check_service_rights(struct doctor *d)
{
	struct stat st;

	if (d->at->directory[0] == '/' && lstat(d->at->directory, &st) == 0) {
		check_service_user(d, "smblatency-exporter.service", &st);
		check_service_user(d, "smblatency-recorder.service", &st);
	}
}
