/*
 * Who holds a file that a request waits for, as smbstatus tells: opens with a
 * lease or an oplock, byte range locks.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FILE_HOLDERS_H
#define FILE_HOLDERS_H

#include <stdbool.h>
#include <stdint.h>

#include "json_value.h"

/* What smbstatus and testparm said at one time. */
struct file_holders {
	json_t *status;			/* NULL: not asked, or no answer */
	struct samba_conf *conf;
};

struct file_holder {
	const char *user, *client;	/* "": not known */
	uint32_t pid;
	/* Of an open: "RWH", or "BATCH"; of a lock "R" or "W". */
	const char *lease, *oplock, *lock;	/* NULL: not that */
	uint64_t start, length;		/* bytes, of a lock */
};

/*
 * Asks smbstatus and testparm; configfile: NULL for Samba's own smb.conf. Free
 * it with file_holders_free(), also if there was no answer.
 */
void file_holders_ask(struct file_holders *h, const char *configfile);
void file_holders_free(struct file_holders *h);

struct file_wait {
	const char *share, *path;	/* relative to the share */
	uint32_t pid;			/* that waits */
	bool for_lock;			/* and not for a lease or an oplock */
};

/*
 * Visits those who hold it; what the visitor gets is valid as long as h is.
 * Returns false if that is not known: no answer, or the path is not known, may
 * be cut, or is that of several open files.
 */
bool file_holders_visit(const struct file_holders *h,
			const struct file_wait *wait,
			void (*visitor)(const struct file_holder *holder,
					void *private_data),
			void *private_data);

#endif
