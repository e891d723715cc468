/*
 * A tree connect begins and ends; whatever goes wrong in between is said once
 * in smbd's log, and the tree connect goes on unmeasured.
 *
 * On top of all other files, so it is the one that tells each of them that
 * this is a forked child.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <pthread.h>

#include "vfs_latency.h"
#include "async_op.h"
#include "connections.h"
#include "latency_clock.h"
#include "layer_name.h"
#include "loop_timer.h"
#include "op_timer.h"
#include "option_names.h"
#include "smb_conf.h"
#include "own_segment.h"
#include "request_life.h"
#include "tree.h"
#include "wall_clock.h"
#include "lib/tsocket/tsocket.h"

/*
 * A child of aio_fork, of a print command or of another module has a copy of
 * all our memory, but the shared segment is its parent's. Once the mapping is
 * replaced (process_forget()), pointers into it stay good, and nobody sees what
 * ops that were under way still write. The same is true after SIGBUS, when
 * somebody has truncated the file (map_guard.h): process_maintain() then finds
 * out, and logs it.
 *
 * A child that connects a tree by itself has a segment of its own.
 */
static void forked_child(void)
{
	process_forget();
	own_segment_forget();
	wall_clock_forget();
	connections_forget();
	turn_forget();
	request_forget();
	async_op_forget();
}

/* Has this process a segment, or can it be made? */
static bool is_measured(void)
{
	static bool tells_children;

	if (latency_segment != NULL) {
		return true;
	}
	if (!tells_children && pthread_atfork(NULL, NULL, forked_child) != 0) {
		return false;
	}
	tells_children = true;
	return own_segment_make();
}

static const char *client_address(const struct connection_struct *conn)
{
	const char *address = NULL;

	if (conn->sconn != NULL && conn->sconn->remote_address != NULL &&
	    tsocket_address_is_inet(conn->sconn->remote_address, "ip")) {
		address = tsocket_address_inet_addr_string(
			conn->sconn->remote_address, talloc_tos());
	}
	return address != NULL ? address : "(none)";
}

static const char *unix_user(const struct connection_struct *conn)
{
	if (conn->session_info == NULL ||
	    conn->session_info->unix_info == NULL ||
	    conn->session_info->unix_info->unix_name == NULL) {
		return "(none)";
	}
	return conn->session_info->unix_info->unix_name;
}

/* The slot of a tree connect that has at least one layer; NULL: no room. */
static struct slot_writer *slot_of(struct connection_struct *conn,
				   const char *share)
{
	const struct slot_key key = {
		.share = share,
		.user = unix_user(conn),
		.client = client_address(conn),
		.objects = layer_objects_of(conn),
	};
	struct slot_writer *slot = tree_slot(conn);

	return slot != NULL ? slot : tree_add(conn, &key);
}

/* Says once in the life of this process why some ops are not measured. */
static void say_once(bool *said, const char *what, const char *share)
{
	if (!*said) {
		*said = true;
		DBG_ERR("vfs_latency: %s (share %s): its operations are "
			"counted as unmeasured\n", what, share);
	}
}

/* Is this the uppermost layer of ours on its tree connect? */
static bool is_uppermost(const struct vfs_handle_struct *handle)
{
	const struct vfs_handle_struct *above = handle->conn->vfs_handles;

	while (above != NULL && above != handle && above->fns != handle->fns) {
		above = above->next;
	}
	return above == handle;
}

/* Sets up the measuring of this handle; returns NULL if it is not measured. */
static struct layer *attach(struct vfs_handle_struct *handle,
			    const char *share)
{
	static bool said_tree, said_layer;
	const char *name;
	struct slot_writer *slot;
	struct layer *layer;
	int number;

	if (!is_measured()) {
		return NULL;
	}
	loop_timer_start(handle->conn->sconn, clock_now());
	name = layer_name_of(handle);
	slot = slot_of(handle->conn, share);
	if (slot == NULL) {
		if (is_uppermost(handle)) {
			word_add(&latency_segment->header->unmeasured_trees,
				 1);
		}
		say_once(&said_tree, "no room for a tree connect", share);
		return NULL;
	}
	number = name == NULL ? -1 : segment_layer(latency_segment, name);
	if (number == -1) {
		say_once(&said_layer, "no room for the name of a layer", share);
		return NULL;
	}
	layer = layer_of(slot, (unsigned)number);
	if (layer == NULL) {
		return NULL;
	}
	layer->conn = handle->conn;
	smb_conf_of_share(layer, SNUM(handle->conn));
	layer_update(layer);
	layer_forget(layer);
	op_mode_update();
	return layer;
}

int latency_connect(struct vfs_handle_struct *handle, const char *service,
		    const char *user)
{
	int saved_errno = errno;
	int result;

	handle->data = attach(handle, service);
	errno = saved_errno;

	if (!op_timer_begin(handle, NO_NEXT, OP_connect, NO_PATH)) {
		return SMB_VFS_NEXT_CONNECT(handle, service, user);
	}
	if (turn.request != NULL) {
		request_connects(turn.request,
				 ((const struct layer *)handle->data)->slot);
	}
	result = SMB_VFS_NEXT_CONNECT(handle, service, user);
	op_timer_end(result < 0 ? op_error_errno() : 0, 0);
	return result;
}

void latency_disconnect(struct vfs_handle_struct *handle)
{
	if (!op_timer_begin(handle, NO_NEXT, OP_disconnect, NO_PATH)) {
		SMB_VFS_NEXT_DISCONNECT(handle);
		return;
	}
	SMB_VFS_NEXT_DISCONNECT(handle);
	op_timer_end(0, 0);
	wall_clock_flush();
	if (wall_clock.client != NULL) {
		/* As a rule smbd closes the connection soon. */
		connections_sample(wall_clock.client);
	}
	option_names_check(handle->data);
}
