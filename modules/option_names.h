/*
 * Options of smb.conf that begin with `latency:` and are none of ours:
 * misspelt ones, which Samba takes without a word.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OPTION_NAMES_H
#define OPTION_NAMES_H

#include "place.h"

#pragma GCC visibility push(hidden)

/*
 * Names those of [global] and of the layer's share in smbd's log, if that was
 * not done before; in the life of a process the first ones found. Takes some
 * 100 us: not for a client's tree connect.
 */
void option_names_check(struct layer *layer);

#pragma GCC visibility pop

#endif
