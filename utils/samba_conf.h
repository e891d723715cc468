/*
 * smb.conf, as testparm understands it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SAMBA_CONF_H
#define SAMBA_CONF_H

#include <stdbool.h>
#include <stddef.h>

#define CONF_GLOBAL "global"

struct conf_line {
	char *section;
	char *name;
	char *value;
};

/* What differs from Samba's defaults, in the order of testparm. */
struct samba_conf {
	bool known;			/* testparm has told */
	struct conf_line *line;
	unsigned count;
};

/*
 * Asks testparm about this smb.conf (NULL: Samba's own). If that cannot be
 * read, known is false and there are no lines.
 */
void samba_conf_read(struct samba_conf *conf, const char *configfile);

void samba_conf_free(struct samba_conf *conf);

/* The value of a parameter in a section itself; NULL: it has none there. */
const char *samba_conf_value(const struct samba_conf *conf,
			     const char *section, const char *name);

/*
 * The share that line number *next or a later one begins, and moves *next
 * behind it. NULL at the end.
 */
const char *samba_conf_share(const struct samba_conf *conf, unsigned *next);

/* The `vfs objects` of a share: its own or those of [global]; "": none. */
const char *samba_conf_objects(const struct samba_conf *conf,
			       const char *share);

/*
 * The next module in `vfs objects`, without what follows a colon, and moves
 * *objects behind it. False at the end.
 */
bool objects_next(const char **objects, char *module, size_t size);

/* Where our module is among `vfs objects`, from 1; 0: it is not. */
unsigned objects_position(const char *objects, unsigned *count);

/* What Samba has for a [global] parameter; false if testparm does not say. */
bool samba_conf_global(const char *configfile, const char *parameter,
		       char *value, size_t size);

#endif
