/*
 * Checks: smb.conf.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "conf_option.h"
#include "doctor_check.h"
#include "latency_config.h"

#define RELOAD "smbcontrol%s smbd reload-config"

void check_smb_conf(struct doctor *d)
{
	if (d->at->conf.known || d->at->samba.version[0] == '\0') {
		return;
	}
	wrong(d, "testparm cannot read %s", d->at->configfile != NULL ?
	      d->at->configfile : "smb.conf");
	action(d, "testparm -s %s", d->at->configfile != NULL ?
	       d->at->configfile : "");
}

/* ------------------------------ vfs objects ------------------------------ */

/* Is there a module of this name to be loaded? */
static bool is_there(const struct doctor *d, const char *module)
{
	char path[PATH_MAX + 160];

	snprintf(path, sizeof(path), "%s/%s.so", d->at->samba.modules, module);
	return access(path, F_OK) == 0;
}

void check_module_name(struct doctor *d)
{
	const struct samba_conf *conf = &d->at->conf;
	char module[128];
	unsigned i;

	for (i = 0; i < conf->count; i++) {
		const char *objects = conf->line[i].value;

		if (strcasecmp(conf->line[i].name, "vfs objects") != 0) {
			continue;
		}
		while (objects_next(&objects, module, sizeof(module))) {
			if (!almost(module, "latency") ||
			    is_there(d, module)) {
				continue;
			}
			wrong(d, "[%s] has '%s' in vfs objects, which is not a "
			      "module", conf->line[i].section, module);
			action(d, "write 'latency' instead in smb.conf, "
			       "then " RELOAD, conf_words(d));
		}
	}
}

#define SHARES_TOLD 20

void check_shares(struct doctor *d)
{
	const struct samba_conf *conf = &d->at->conf;
	unsigned next = 0, measured = 0, position, count;
	const char *share;

	while ((share = samba_conf_share(conf, &next)) != NULL) {
		const char *objects = samba_conf_objects(conf, share);

		position = objects_position(objects, &count);
		if (position == 0 || ++measured > SHARES_TOLD) {
			continue;
		}
		fine(d, "[%s] is measured: vfs objects = %s", share, objects);
	}
	if (measured > SHARES_TOLD) {
		fine(d, "and %u more shares", measured - SHARES_TOLD);
	}
	if (measured == 0 && conf->known) {
		wrong(d, "no share is measured");
		action(d, "add 'vfs objects = latency' to a share in smb.conf, "
		       "before the modules that are there, then "
		       RELOAD, conf_words(d));
	}
}

void check_shares_left_out(struct doctor *d)
{
	const struct samba_conf *conf = &d->at->conf;
	const char *share, *objects;
	unsigned next = 0;

	if (!share_measured(d->at, CONF_GLOBAL)) {
		return;
	}
	while ((share = samba_conf_share(conf, &next)) != NULL) {
		objects = samba_conf_value(conf, share, "vfs objects");
		if (objects == NULL || share_measured(d->at, share)) {
			continue;
		}
		note(d, "[%s] is not measured: its own 'vfs objects = %s' "
		     "lacks latency, which [global] has", share, objects);
		action(d, "if it is to be measured: 'vfs objects = latency %s' "
		       "there, then " RELOAD, objects, conf_words(d));
	}
}

void check_position(struct doctor *d)
{
	const struct samba_conf *conf = &d->at->conf;
	unsigned next = 0, position, count;
	const char *share, *objects;

	while ((share = samba_conf_share(conf, &next)) != NULL) {
		objects = samba_conf_objects(conf, share);
		position = objects_position(objects, &count);
		if (position <= 1) {
			continue;
		}
		note(d, "in [%s] latency is number %u of %u in vfs objects = "
		     "%s", share, position, count, objects);
		action(d, "put latency first, or name two layers, 'latency:top "
		       "... latency:bottom', then " RELOAD, conf_words(d));
	}
}

/* -------------------------------- options -------------------------------- */

void check_option_names(struct doctor *d)
{
	const struct samba_conf *conf = &d->at->conf;
	const struct conf_option *meant;
	unsigned i;
	bool near;

	for (i = 0; i < conf->count; i++) {
		const struct conf_line *line = &conf->line[i];

		if (conf_option_find(line->name) != NULL) {
			continue;
		}
		meant = conf_option_meant(line->name, &near);
		if (meant == NULL) {
			continue;
		}
		wrong(d, "[%s] has '%s', which is not an option", line->section,
		      line->name);
		if (near) {
			action(d, "write '%s' instead in smb.conf, then "
			       RELOAD, meant->name, conf_words(d));
		} else {
			action(d, "man vfs_latency lists the options; take the "
			       "line out of smb.conf");
		}
	}
}

static bool is_op(const char *word, size_t length)
{
	static const char *const names[] = {
#define OP(ret, name, class, params, args, path, doc) #name,
#define OP_BY_HAND(name, class, doc) #name,
#define OP_PAIR(name, class, doc) #name,
#include "latency_ops.h"
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == length &&
		    strncmp(names[i], word, length) == 0) {
			return true;
		}
	}
	return false;
}

/* Ours are those of the module where both were built for one release. */
static void look_at_ops(struct doctor *d, const struct conf_line *line)
{
	static const char between[] = " ,;\t\"";
	const char *word = line->value + strspn(line->value, between);
	size_t length;

	if (!same_release(d->at->module.samba, LATENCY_SAMBA_VERSION)) {
		return;
	}
	for (; *word != '\0'; word += strspn(word, between)) {
		length = strcspn(word, between);
		if (!is_op(word, length)) {
			wrong(d, "[%s] %s names an unknown op: %.*s",
			      line->section, line->name, (int)length, word);
			action(d, "smblatency-stat --list-ops");
		}
		word += length;
	}
}

static void look_at_value(struct doctor *d, const struct conf_line *line,
			  const struct conf_option *option)
{
	const char *value = line->value;
	int ms;

	switch (option->kind) {
	case CONF_MILLISECONDS:
		if (!conf_milliseconds(value, &ms)) {
			wrong(d, "[%s] %s = %s is not a number of milliseconds",
			      line->section, line->name, value);
			action(d, "write a whole number without a unit, 0 for "
			       "none, then " RELOAD, conf_words(d));
		}
		break;
	case CONF_OPS:
		look_at_ops(d, line);
		break;
	case CONF_PATH:
		if (value[0] != '/') {
			wrong(d, "[%s] %s = %s does not begin with a slash: no "
			      "smbd is measured", line->section, line->name,
			      value);
			action(d, "write the absolute path, then " RELOAD,
			       conf_words(d));
		}
		break;
	}
}

void check_option_values(struct doctor *d)
{
	const struct samba_conf *conf = &d->at->conf;
	unsigned i;

	for (i = 0; i < conf->count; i++) {
		const struct conf_line *line = &conf->line[i];
		const struct conf_option *o = conf_option_find(line->name);
		bool global = strcasecmp(line->section, CONF_GLOBAL) == 0;

		if (o == NULL) {
			continue;
		}
		if (o->global && !global) {
			wrong(d, "%s is in [%s], where it has no effect",
			      line->name, line->section);
			action(d, "move it to [global], then " RELOAD,
			       conf_words(d));
			continue;
		}
		if (!global && !share_measured(d->at, line->section)) {
			wrong(d, "[%s] has %s, but is not measured",
			      line->section, line->name);
			action(d, "add latency to its vfs objects, or take "
			       "the line out, then " RELOAD, conf_words(d));
		}
		look_at_value(d, line, o);
	}
}
