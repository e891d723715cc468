/*
 * For the command `now`: who holds the file of a CREATE or a LOCK that waits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NOW_HOLDERS_H
#define NOW_HOLDERS_H

#include "file_holders.h"
#include "in_flight.h"

/*
 * Asks smbstatus, but only where something waits: it takes a while, and locks
 * Samba's databases. Free it with file_holders_free().
 */
void now_holders_ask(const struct in_flight_list *list, const char *configfile,
		     struct file_holders *holders);

/*
 * A line for each holder of what this waits for, or that none is known; no
 * line if it waits for none. width: to be cut to, 0: no end.
 */
void now_holders_print(const struct in_flight *e,
		       const struct file_holders *holders, unsigned width);

/* An array; null: not known, or it waits for none. */
json_t *now_holders_json(const struct in_flight *e,
			 const struct file_holders *holders);

#endif
