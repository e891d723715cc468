/*
 * What layers are called, in segments and to people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LAYER_NAME_H
#define LAYER_NAME_H

#include "module.h"

#pragma GCC visibility push(hidden)

/* The name of the layer of this handle, on talloc_tos(); NULL: no memory. */
const char *layer_name_of(const struct vfs_handle_struct *handle);

/*
 * The `vfs objects` of a tree connect as struct latency_slot_key has them, on
 * talloc_tos().
 */
const char *layer_objects_of(const struct connection_struct *conn);

#pragma GCC visibility pop

#endif
