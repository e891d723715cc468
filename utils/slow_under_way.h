/*
 * What is slow and has not ended, for those who follow slow operations: each
 * once.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOW_UNDER_WAY_H
#define SLOW_UNDER_WAY_H

#include "samba_conf.h"
#include "slow_ops.h"

struct slow_told;

struct slow_under_way {
	struct samba_conf conf;		/* for the thresholds */
	struct slow_told *told;
	unsigned count;
};

/* configfile: NULL for Samba's own smb.conf. */
void slow_under_way_begin(struct slow_under_way *s, const char *configfile);

/*
 * What has been under way for longer than the threshold, and was not in a list
 * before. Free it with slow_ops_free(). Returns false if that cannot be read.
 */
bool slow_under_way_read(struct slow_under_way *s, const char *directory,
			 const struct filter *filter,
			 struct slow_op_list *list);

void slow_under_way_end(struct slow_under_way *s);

#endif
