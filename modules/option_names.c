/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "option_names.h"
#include "escape.h"

static const char *const known[] = {
#define LATENCY_OPTION(name, where, kind, doc) name,
#include "latency_options.h"
};

/* All of them, as an administrator writes them, a comma before each. */
static const char all_known[] = ""
#define LATENCY_OPTION(name, where, kind, doc) ", latency:" name
#include "latency_options.h"
	;

/* Is this one of ours? As Samba compares: case and blanks do not count. */
static bool is_known(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strwicmp(known[i], name) == 0) {
			return true;
		}
	}
	return false;
}

/* The option in a line of a dump, "name = value"; NULL: none of ours. */
static char *option_in(char *line)
{
	const size_t length = strlen(LATENCY_MODULE);
	char *equals;

	line += strspn(line, " \t");
	if (strncasecmp_m(line, LATENCY_MODULE, length) != 0 ||
	    line[length] != ':') {
		return NULL;
	}
	line += length + 1;
	line += strspn(line, " \t");
	equals = strchr(line, '=');
	if (equals == NULL) {
		return NULL;
	}
	while (equals > line && equals[-1] == ' ') {
		equals--;
	}
	*equals = '\0';
	return line;
}

/* Names the unknown options of a dump of `where`. True: there was one. */
static bool check_dump(char *dump, const char *where)
{
	bool found = false;
	char *line, *rest = NULL;

	for (line = strtok_r(dump, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		const char *name = option_in(line);

		if (name != NULL && !is_known(name)) {
			char escaped[80];

			found = true;
			escape_text_to(escaped, sizeof(escaped), name);
			DBG_ERR("vfs_latency: %s: latency:%s is ignored: there "
				"is no such option. The options are%s\n", where,
				escaped, all_known + 1);
		}
	}
	return found;
}

/*
 * Nothing that Samba exports lists parametric options, but what testparm
 * prints: lp_dump() the global ones, lp_dump_one() those of a share.
 */
static bool check(int snum, const char *where)
{
	char *dump = NULL;
	size_t size = 0;
	bool found = false;
	FILE *out = open_memstream(&dump, &size);

	if (out == NULL) {
		return false;
	}
	if (snum == GLOBAL_SECTION_SNUM) {
		lp_dump(out, false, 0);
	} else {
		lp_dump_one(out, false, snum);
	}
	if (fclose(out) == 0 && dump != NULL) {
		found = check_dump(dump, where);
	}
	free(dump);
	return found;
}

void option_names_check(struct layer *layer)
{
	static bool said, global_checked;
	int saved_errno = errno;
	TALLOC_CTX *frame;
	int snum;

	if (said || layer == NULL || layer->names_checked ||
	    layer->conn == NULL) {
		return;
	}
	layer->names_checked = true;
	snum = SNUM(layer->conn);
	frame = talloc_stackframe();
	if (!global_checked) {
		global_checked = true;
		said = check(GLOBAL_SECTION_SNUM, "[global]");
	}
	said |= check(snum, talloc_asprintf(talloc_tos(), "share %s",
					    lp_const_servicename(snum)));
	TALLOC_FREE(frame);
	errno = saved_errno;
}
