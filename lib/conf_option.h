/*
 * The options of the module in smb.conf, see latency_options.h: which one a
 * name is, and which was meant by a name that is none. Samba itself says
 * nothing of an option that nobody asks for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONF_OPTION_H
#define CONF_OPTION_H

#include <stdbool.h>

/* What its value is. */
enum conf_kind {
	CONF_MILLISECONDS,		/* a whole number, 0 or more */
	CONF_OPS,			/* names of ops */
	CONF_PATH,			/* begins with a slash */
};

struct conf_option {
	const char *name;		/* with latency: */
	enum conf_kind kind;
	bool global;			/* asked for in [global] only */
};

/*
 * The option of this name, as Samba compares: without regard to case and
 * blanks. NULL: none is.
 */
const struct conf_option *conf_option_find(const char *name);

/*
 * The option that was meant by a name that is none: one that begins with
 * "latency:" or with something like it. NULL: it is not about us at all;
 * *near: it is alike, else it may be any.
 */
const struct conf_option *conf_option_meant(const char *name, bool *near);

/*
 * A number of milliseconds, as strtol() reads it; false if it is none, or
 * negative, or more than an int holds.
 */
bool conf_milliseconds(const char *text, int *ms);

/* Is a name not this word, but almost? "latancy", "vfs_latency". */
bool almost(const char *name, const char *word);

#endif
