/*
 * Says what is wrong with an installation. It changes nothing, not even what a
 * report does: to add up the segments of smbds that have ended.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "doctor.h"
#include "escape.h"
#include "json_value.h"
#include "wrapped.h"

static const char *const states[] = {
	[DOCTOR_FINE] = "fine",
	[DOCTOR_NOTE] = "note",
	[DOCTOR_WRONG] = "wrong",
};

/* Some of it comes from smb.conf and from files. */
static void print_line(const char *title, const char *text, bool uncut)
{
	char escaped[4096];

	escape_text_to(escaped, sizeof(escaped), text);
	printf("%-6s ", title);
	if (uncut) {
		puts(escaped);
	} else {
		print_sentence(escaped, 7);
	}
}

/* What to do stays on one line, to be copied. */
static void print_finding(const struct doctor_finding *f)
{
	print_line(states[f->state], f->what, false);
	if (f->why != NULL) {
		print_line("  why:", f->why, false);
	}
	if (f->action != NULL) {
		print_line("  do:", f->action, true);
	}
}

static unsigned count_state(const struct doctor_findings *all,
			    enum doctor_state state)
{
	unsigned i, count = 0;

	for (i = 0; i < all->count; i++) {
		count += all->finding[i].state == state;
	}
	return count;
}

static void print_text(const struct doctor_findings *all)
{
	unsigned wrong = count_state(all, DOCTOR_WRONG), i;

	for (i = 0; i < all->count; i++) {
		print_finding(&all->finding[i]);
	}
	if (wrong == 0) {
		puts("Nothing is wrong.");
	} else {
		printf("%u %s wrong.\n", wrong,
		       wrong == 1 ? "thing is" : "things are");
	}
}

static json_t *finding_json(const struct doctor_finding *f)
{
	json_t *object = json_object();

	json_object_set_new(object, "check", json_string(f->check));
	json_object_set_new(object, "state", json_string(states[f->state]));
	json_object_set_new(object, "what", json_text(f->what));
	if (f->why != NULL) {
		json_object_set_new(object, "why", json_string(f->why));
	}
	if (f->action != NULL) {
		json_object_set_new(object, "do", json_text(f->action));
	}
	return object;
}

static bool print_json(const struct doctor_findings *all)
{
	json_t *object = json_object(), *findings = json_array();
	unsigned i;

	for (i = 0; i < all->count; i++) {
		json_array_append_new(findings, finding_json(&all->finding[i]));
	}
	json_set(object, "wrong", count_state(all, DOCTOR_WRONG));
	json_set(object, "notes", count_state(all, DOCTOR_NOTE));
	json_object_set_new(object, "findings", findings);
	return json_print(object, stdout);
}

int command_doctor(const struct options *options, const char *const *words)
{
	struct doctor_findings all;
	bool ok;

	(void)words;
	if (geteuid() != 0) {
		return complain("must be run as root, like smbstatus");
	}
	doctor_examine(options->configfile, options->segments, &all);
	ok = !all.incomplete;
	if (options->output == OUTPUT_JSON) {
		ok = print_json(&all) && ok;
	} else {
		print_text(&all);
	}
	if (!ok) {
		complain("out of memory: not everything was checked");
	}
	ok = ok && count_state(&all, DOCTOR_WRONG) == 0;
	doctor_findings_free(&all);
	return ok ? EXIT_OK : EXIT_FAILED;
}
