/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "run_program.h"
#include "samba_conf.h"

/* --------------------------------- reading ------------------------------- */

/* Takes white space from both ends of a text, in place. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\n", text[length - 1]) != NULL) {
		text[--length] = '\0';
	}
	return text;
}

static bool add_line(struct samba_conf *conf, const char *section,
		     const char *name, const char *value)
{
	struct conf_line *more = realloc(conf->line, (conf->count + 1) *
					 sizeof(*more));

	if (more == NULL) {
		return false;
	}
	conf->line = more;
	more += conf->count++;
	more->section = strdup(section);
	more->name = strdup(name);
	more->value = strdup(value);
	return more->section != NULL && more->name != NULL &&
		more->value != NULL;
}

/* A section is a line without a name, too: it may have none of its own. */
static bool parse(struct samba_conf *conf, char *text, char **section)
{
	char *line = trim(text), *end = strrchr(line, ']');
	char *value;

	if (line[0] == '[' && end != NULL) {
		*end = '\0';
		free(*section);
		*section = strdup(line + 1);
		return *section != NULL && add_line(conf, *section, "", "");
	}
	value = strchr(line, '=');
	if (value == NULL || line[0] == '#' || *section == NULL) {
		return true;
	}
	*value++ = '\0';
	return add_line(conf, *section, trim(line), trim(value));
}

void samba_conf_read(struct samba_conf *conf, const char *configfile)
{
	const char *argv[] = { "testparm", "-s", "-l", configfile, NULL };
	char *text = NULL, *section = NULL;
	size_t size = 0;
	bool ok = true;
	pid_t pid;
	FILE *f = program_run(argv, false, &pid);

	memset(conf, 0, sizeof(*conf));
	if (f == NULL) {
		return;
	}
	while (ok && getline(&text, &size, f) != -1) {
		ok = parse(conf, text, &section);
	}
	free(text);
	free(section);
	conf->known = program_end(f, pid) && ok;
	if (!conf->known) {
		samba_conf_free(conf);
	}
}

void samba_conf_free(struct samba_conf *conf)
{
	unsigned i;

	for (i = 0; i < conf->count; i++) {
		free(conf->line[i].section);
		free(conf->line[i].name);
		free(conf->line[i].value);
	}
	free(conf->line);
	memset(conf, 0, sizeof(*conf));
}

bool samba_conf_global(const char *configfile, const char *parameter,
		       char *value, size_t size)
{
	char name[128];
	const char *argv[] = {
		"testparm", "-s", "-l", "--section-name=global", name,
		configfile, NULL,
	};
	pid_t pid;
	FILE *f;
	bool got;

	snprintf(name, sizeof(name), "--parameter-name=%s", parameter);
	f = program_run(argv, false, &pid);
	if (f == NULL) {
		return false;
	}
	got = fgets(value, (int)size, f) != NULL;
	if (!program_end(f, pid) || !got) {
		return false;
	}
	value[strcspn(value, "\n")] = '\0';
	return value[0] != '\0';
}

/* --------------------------------- asking -------------------------------- */

const char *samba_conf_value(const struct samba_conf *conf,
			     const char *section, const char *name)
{
	unsigned i;

	for (i = 0; i < conf->count; i++) {
		if (strcasecmp(conf->line[i].section, section) == 0 &&
		    strcasecmp(conf->line[i].name, name) == 0) {
			return conf->line[i].value;
		}
	}
	return NULL;
}

const char *samba_conf_share(const struct samba_conf *conf, unsigned *next)
{
	while (*next < conf->count) {
		const struct conf_line *line = &conf->line[(*next)++];

		if (line->name[0] == '\0' &&
		    strcasecmp(line->section, CONF_GLOBAL) != 0) {
			return line->section;
		}
	}
	return NULL;
}

const char *samba_conf_objects(const struct samba_conf *conf,
			       const char *share)
{
	const char *objects = samba_conf_value(conf, share, "vfs objects");

	if (objects == NULL) {
		objects = samba_conf_value(conf, CONF_GLOBAL, "vfs objects");
	}
	return objects != NULL ? objects : "";
}

bool objects_next(const char **objects, char *module, size_t size)
{
	static const char between[] = " ,;\t\"";
	const char *word = *objects + strspn(*objects, between);
	size_t length = strcspn(word, between);

	*objects = word + length;
	snprintf(module, size, "%.*s", (int)strcspn(word, " ,;\t\":"), word);
	return length != 0;
}

unsigned objects_position(const char *objects, unsigned *count)
{
	unsigned position = 0;
	char module[128];

	*count = 0;
	while (objects_next(&objects, module, sizeof(module))) {
		++*count;
		if (position == 0 && strcmp(module, "latency") == 0) {
			position = *count;
		}
	}
	return position;
}
