/*
 * The tree connects that are measured, by connection and by the ids that a
 * request names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TREE_H
#define TREE_H

#include "module.h"

#pragma GCC visibility push(hidden)

/* The slot in which a tree connect is counted; NULL: it is not measured. */
struct slot_writer *tree_slot(const struct connection_struct *conn);

/*
 * Measures a tree connect from now until it is freed: a slot of this process's
 * segment, with this key; NULL: no memory, no room. What is known of its
 * layers is forgotten with it.
 */
struct slot_writer *tree_add(struct connection_struct *conn,
			     const struct slot_key *key);

/* The slot of the tree connect that a tree id of a session means, or NULL. */
struct slot_writer *tree_slot_of_id(uint64_t session_id, uint32_t tid);

#pragma GCC visibility pop

#endif
