/*
 * Checks: Samba, and the file of the module.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "doctor_check.h"
#include "latency_config.h"
#include "run_program.h"

#define BUILD_AGAIN "build and install it for this Samba: " \
	"'apt install samba-vfs-latency' or 'smblatency-build'; in the " \
	"source tree './configure && make install'"

void check_samba(struct doctor *d)
{
	const char *version = d->at->samba.version;

	if (version[0] != '\0') {
		fine(d, "smbd is Samba %s", version);
		return;
	}
	wrong(d, "there is no smbd in PATH: Samba is not installed");
	action(d, "apt install samba; if it is elsewhere: PATH=$PATH:/usr/sbin "
	       "smblatency-stat doctor");
}

/* Is there a file to look at? */
static bool has_file(const struct doctor *d)
{
	return d->at->module.error == 0;
}

/* And is it ours? */
static bool has_module(const struct doctor *d)
{
	return has_file(d) && d->at->module.version[0] != '\0';
}

void check_module_file(struct doctor *d)
{
	const struct module_file *m = &d->at->module;

	if (d->at->samba.version[0] == '\0' || m->error == 0) {
		return;
	}
	if (m->error == ENOENT) {
		wrong(d, "the module is not installed: there is no %s",
		      m->path);
		action(d, BUILD_AGAIN);
		return;
	}
	wrong(d, "%s cannot be read: %s", m->path, strerror(m->error));
	action(d, "ls -lL %s", m->path);
}

void check_module_identity(struct doctor *d)
{
	const struct module_file *m = &d->at->module;

	if (has_module(d)) {
		fine(d, "%s is vfs_latency %s for Samba %s", m->path,
		     m->version, m->samba);
	} else if (has_file(d)) {
		wrong(d, "%s is not vfs_latency, or is damaged", m->path);
		action(d, BUILD_AGAIN);
	}
}

void check_module_rights(struct doctor *d)
{
	const struct module_file *m = &d->at->module;

	if (!has_file(d) ||
	    (m->st.st_uid == 0 && (m->st.st_mode & 022) == 0)) {
		return;
	}
	wrong(d, "%s belongs to uid %u and has mode %04o: users other than "
	      "root may write it", m->path, (unsigned)m->st.st_uid,
	      (unsigned)m->st.st_mode & 07777);
	action(d, "chown root:root %s && chmod 0644 %s", m->path, m->path);
}

static bool for_this_samba(const struct doctor *d)
{
	return same_release(d->at->module.samba, d->at->samba.version);
}

void check_module_release(struct doctor *d)
{
	if (!has_module(d) || d->at->samba.version[0] == '\0' ||
	    for_this_samba(d)) {
		return;
	}
	wrong(d, "the module is for Samba %s, but smbd is Samba %s",
	      d->at->module.samba, d->at->samba.version);
	action(d, BUILD_AGAIN);
}

/*
 * Would smbd find all symbols that the module leaves open? Asked of a short
 * run of smbd that has it preloaded, and prints its version.
 */
void check_module_loads(struct doctor *d)
{
	char preload[PATH_MAX + 16], line[1024], said[1024] = "";
	const char *const argv[] = {
		"env", preload, "LD_BIND_NOW=1", "smbd", "-V", NULL,
	};
	pid_t pid;
	FILE *f;

	if (!has_module(d) || d->at->samba.version[0] == '\0' ||
	    !for_this_samba(d)) {
		return;
	}
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s",
		 d->at->module.path);
	f = program_run(argv, true, &pid);
	if (f == NULL) {
		return;
	}
	while (fgets(line, sizeof(line), f) != NULL) {
		if (said[0] == '\0' && strncmp(line, "Version ", 8) != 0) {
			snprintf(said, sizeof(said), "%.*s",
				 (int)strcspn(line, "\n"), line);
		}
	}
	if (program_end(f, pid) && strstr(said, "preload") == NULL) {
		return;
	}
	wrong(d, "smbd cannot load the module: %s", said);
	action(d, BUILD_AGAIN);
}

void check_module_version(struct doctor *d)
{
	if (!has_module(d) ||
	    strcmp(d->at->module.version, LATENCY_VERSION) == 0) {
		return;
	}
	note(d, "the module is vfs_latency %s, smblatency-stat is %s",
	     d->at->module.version, LATENCY_VERSION);
	action(d, "install the same version of both: apt install "
	       "samba-vfs-latency smblatency-stat");
}

void check_module_probes(struct doctor *d)
{
	if (!has_module(d)) {
		return;
	}
	if (d->at->module.probes) {
		fine(d, "it has probes");
		return;
	}
	note(d, "%s was built without <sys/sdt.h> and has no probes",
	     d->at->module.path);
	action(d, "apt install systemtap-sdt-dev, then build and install the "
	       "module again");
}
