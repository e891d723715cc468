/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "tree.h"
#include "hash.h"
#include "invariant.h"
#include "latency_clock.h"
#include "process.h"

/* A tree connect with at least one layer; a talloc child of the connection. */
struct tree {
	struct hash_item by_conn;
	struct hash_item by_id;		/* see tree_key() */
	struct connection_struct *conn;
	struct slot_writer *slot;
};

/* A client may connect thousands. */
static struct hash trees_by_conn = HASH(trees_by_conn);
static struct hash trees_by_id = HASH(trees_by_id);

/* Unlike that of most other trees. */
static uint64_t tree_key(uint64_t session_id, uint32_t tid)
{
	return session_id ^ (uint64_t)tid << 32;
}

struct slot_writer *tree_slot_of_id(uint64_t session_id, uint32_t tid)
{
	const uint64_t key = tree_key(session_id, tid);
	struct hash_item *item = hash_find(&trees_by_id, key);

	for (; item != NULL; item = hash_search(item->next, key)) {
		const struct tree *tree = HASH_THING(item, struct tree, by_id);

		if (tree->conn->cnum == tid && tree->conn->vuid == session_id) {
			return tree->slot;
		}
	}
	return NULL;
}

struct slot_writer *tree_slot(const struct connection_struct *conn)
{
	struct hash_item *item = hash_find(&trees_by_conn, (uintptr_t)conn);

	return item != NULL ? HASH_THING(item, struct tree, by_conn)->slot :
		NULL;
}

static int tree_destructor(struct tree *tree)
{
	struct layer *layer;

	for (layer = slot_layers(tree->slot); layer != NULL;
	     layer = layer->beside) {
		if (layer->conn == tree->conn) {
			layer->conn = NULL;
			layer_forget(layer);
		}
	}
	slot_disconnected(tree->slot);
	hash_remove(&trees_by_conn, &tree->by_conn);
	hash_remove(&trees_by_id, &tree->by_id);
	return 0;
}

struct slot_writer *tree_add(struct connection_struct *conn,
			     const struct slot_key *key)
{
	struct tree *tree = talloc_zero(conn, struct tree);

	INVARIANT(tree_slot(conn) == NULL);
	if (tree == NULL) {
		return NULL;
	}
	tree->conn = conn;
	tree->slot = segment_slot(latency_segment, key, true);
	if (tree->slot == NULL) {
		TALLOC_FREE(tree);
		return NULL;
	}
	word_write(&tree->slot->slot->connected_realtime_ns,
		   clock_ns(CLOCK_REALTIME));
	hash_add(&trees_by_conn, &tree->by_conn, (uintptr_t)conn);
	/* SMB2 sets both before it connects the tree, once. */
	hash_add(&trees_by_id, &tree->by_id, tree_key(conn->vuid, conn->cnum));
	talloc_set_destructor(tree, tree_destructor);
	return tree->slot;
}
