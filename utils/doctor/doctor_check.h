/*
 * What the checks of the doctor share: what they look at, how they tell.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DOCTOR_CHECK_H
#define DOCTOR_CHECK_H

#include <limits.h>

#include "doctor_finding.h"
#include "module_file.h"
#include "samba_conf.h"
#include "samba_install.h"
#include "smbd_processes.h"

/* Looked at once, before all checks. */
struct installation {
	const char *configfile;		/* NULL: Samba's own */
	struct samba_install samba;
	struct module_file module;
	struct samba_conf conf;
	char directory[PATH_MAX];	/* of the segments; "": not known */
	struct smbd_processes smbds;
};

/* A check under way. */
struct doctor {
	const struct installation *at;
	struct doctor_findings *findings;
	const char *check, *why;	/* of its row */
};

/* As it should be, for the record. */
void fine(struct doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Something is wrong, or worth a note. */
void wrong(struct doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void note(struct doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* What to do about the latest finding. */
void action(struct doctor *d, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* " -s FILE", as Samba's programs are told of this smb.conf, or "". */
const char *conf_words(const struct doctor *d);

/* What systemctl says to a word about a unit; "" if it says nothing. */
void ask_systemctl(const char *word, const char *unit, char *line, size_t size);

/* Is this share measured, by what smb.conf says? */
bool share_measured(const struct installation *at, const char *share);

/* The checks. */
#define CHECK(name, why) void check_##name(struct doctor *d);
#include "doctor_table.h"

#endif
