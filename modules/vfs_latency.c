/*
 * vfs_latency: smb.conf options, tree connects.
 *
 * Whatever goes wrong here is said once in smbd's log, and the tree connect
 * goes on unmeasured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <pthread.h>

#include "module.h"
#include "conf_option.h"
#include "control.h"
#include "hash.h"
#include "latency_clock.h"
#include "loop_timer.h"
#include "op_path.h"
#include "map_guard.h"
#include "op_timer.h"
#include "option_names.h"
#include "request_timer.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "lib/tsocket/tsocket.h"

struct segment_writer *latency_segment;
struct layer *latency_layers;

/* A tree connect with at least one layer; a talloc child of the connection. */
struct tree {
	struct tree *prev, *next;
	struct hash_item by_id;		/* see tree_key() */
	struct connection_struct *conn;
	struct slot_writer *slot;
};

static struct tree *trees;
static struct hash trees_by_id = HASH(trees_by_id);
static bool segment_failed;	/* and it was said; not tried again */

/* ------------------------------- segment --------------------------------- */

/* A forked child must leave its parent's counters alone. */
static void forked_child(void)
{
	if (latency_segment != NULL) {
		segment_detach(latency_segment);
		latency_segment = NULL;
		op_timer_publish(NULL);
	}
	segment_failed = false;
	loop_timer_forget();
	request_timer_forget();
	op_timer_forget();
}

static void add_ops(struct segment_writer *w)
{
#define OP(ret, name, class, params, args, path, doc) \
	segment_add_op(w, #name, LATENCY_CLASS_##class);
#define OP_BY_HAND(name, class, doc) \
	segment_add_op(w, #name, LATENCY_CLASS_##class);
#define OP_PAIR(name, class, doc) \
	segment_add_op(w, #name, LATENCY_CLASS_##class);
#include "latency_ops.h"
}

/* Folds segments of processes that have ended; says once if it fails. */
static void fold_some(int dir, bool cheap)
{
	static bool told;
	struct latency_error error;

	if (!segment_fold_some(dir, cheap, &error) && !told) {
		told = true;
		DBG_ERR("vfs_latency: segments of processes that have ended "
			"cannot be added up: %s\n", error.text);
	}
}

/* Where the segment is, and whose it is. */
static struct {
	char *directory;
	pid_t pid;
} made;

/* The client is gone: now there is time to fold what connects have left. */
static void fold_at_exit(void)
{
	struct latency_error ignored;
	int dir;

	if (made.pid != getpid() || made.directory == NULL) {
		return;
	}
	dir = segment_dir_open(made.directory, false, &ignored);
	if (dir != -1) {
		fold_some(dir, false);
		close(dir);
	}
}

/* Called for every segment that is made: once in a process, and its child. */
static void note_made(const char *directory)
{
	static bool registered;

	free(made.directory);
	made.directory = strdup(directory);
	made.pid = getpid();
	registered = registered || atexit(fold_at_exit) == 0;
}

/* Makes the segment of this process in directory dir, and folds dead ones. */
static bool make_segment(const char *path, struct latency_error *error)
{
	struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = (uint32_t)getpid(),
		.start_realtime_ns = clock_ns(CLOCK_REALTIME),
		.start_monotonic_ns = clock_ns(CLOCK_MONOTONIC),
		.samba_version = samba_version_string(),
	};
	char name[64];
	int dir;

	/* Processes of the same pid start at different times. */
	identity.id = identity.start_realtime_ns ^ (uint64_t)identity.pid << 40;
	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, identity.pid,
		 (unsigned long long)identity.id);

	dir = segment_dir_open(path, true, error);
	if (dir == -1) {
		return false;
	}
	fold_some(dir, true);
	latency_segment = segment_create(dir, name, &identity, error);
	if (latency_segment != NULL) {
		/* Now, not earlier: see control.h. */
		control_inherit(dir, &latency_segment->header->control);
	}
	close(dir);
	if (latency_segment == NULL) {
		return false;
	}
	add_ops(latency_segment);
	segment_publish(latency_segment);
	note_made(path);
	op_timer_publish(latency_segment);
	return true;
}

/* The segment of this process, made at its first tree connect. */
static bool have_segment(void)
{
	static bool atfork_set;
	struct latency_error error = { .text = "out of memory" };
	const char *path;
	bool ok = false;

	if (latency_segment != NULL) {
		return true;
	}
	if (segment_failed) {
		return false;
	}
	if (!atfork_set) {
		if (pthread_atfork(NULL, NULL, forked_child) != 0) {
			return false;
		}
		atfork_set = true;
	}
	clock_init();
	path = lp_parm_const_string(GLOBAL_SECTION_SNUM, LATENCY_MODULE, "directory",
				    NULL);
	if (path == NULL) {
		path = lock_path(talloc_tos(), LATENCY_MODULE);
	}
	if (path != NULL && path[0] != '/') {
		/* It would be wherever smbd happens to stand. */
		error_set(&error, "latency:directory = %s does not begin with "
			  "a slash", path);
	} else if (path != NULL) {
		become_root();
		ok = make_segment(path, &error);
		unbecome_root();
	}
	if (!ok) {
		segment_failed = true;
		DBG_ERR("vfs_latency: this smbd is not measured: %s\n",
			error.text);
	}
	return ok;
}

/* ----------------------------- tree connect ------------------------------ */

/* Not unlike that of every other tree, but of most. */
static uint64_t tree_key(uint64_t session_id, uint32_t tid)
{
	return session_id ^ (uint64_t)tid << 32;
}

struct slot_writer *latency_slot_of_tid(uint64_t session_id, uint32_t tid)
{
	const uint64_t key = tree_key(session_id, tid);
	struct hash_item *item = hash_find(&trees_by_id, key);

	for (; item != NULL; item = hash_search(item->next, key)) {
		const struct tree *tree = (const struct tree *)(
			(char *)item - offsetof(struct tree, by_id));

		if (tree->conn->cnum == tid && tree->conn->vuid == session_id) {
			return tree->slot;
		}
	}
	return NULL;
}

static int tree_destructor(struct tree *tree)
{
	struct layer *layer;

	for (layer = latency_layers; layer != NULL; layer = layer->next) {
		if (layer->conn == tree->conn) {
			layer->conn = NULL;
			layer_forget(layer);
		}
	}
	slot_disconnected(tree->slot);
	hash_remove(&trees_by_id, &tree->by_id);
	DLIST_REMOVE(trees, tree);
	return 0;
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

/*
 * The name of a layer: what follows the colon in `vfs objects`, else the
 * module's; the same'th of that name on a tree connect, from above, has its
 * number behind it. NULL if there is no memory.
 */
static const char *layer_name(const char *param, unsigned same)
{
	char *name;

	if (param == NULL || param[0] == '\0') {
		param = LATENCY_MODULE;
	}
	name = same == 1 ? talloc_strdup(talloc_tos(), param) :
		talloc_asprintf(talloc_tos(), "%s#%u", param, same);
	if (name != NULL) {
		/* It ends a name in a slot's objects. */
		string_replace(name, '/', '_');
	}
	return name;
}

static bool same_param(const char *a, const char *b)
{
	a = a != NULL && a[0] != '\0' ? a : LATENCY_MODULE;
	b = b != NULL && b[0] != '\0' ? b : LATENCY_MODULE;
	return strcmp(a, b) == 0;
}

static const char *layer_name_of(const struct vfs_handle_struct *handle)
{
	const struct vfs_handle_struct *above;
	unsigned same = 1;

	for (above = handle->conn->vfs_handles; above != NULL && above != handle;
	     above = above->next) {
		same += above->fns == handle->fns &&
			same_param(above->param, handle->param);
	}
	return layer_name(handle->param, same);
}

/* The param of a layer of ours in `vfs objects`, or NULL. */
static const char *param_of(const char *object)
{
	const size_t length = strlen(LATENCY_MODULE);

	if (strncmp(object, LATENCY_MODULE, length) != 0 ||
	    (object[length] != '\0' && object[length] != ':')) {
		return NULL;
	}
	return object[length] == ':' ? object + length + 1 : "";
}

/* As struct latency_slot_key has them. */
static const char *objects_of(const struct connection_struct *conn)
{
	const char **list = lp_vfs_objects(SNUM(conn));
	char *text = talloc_strdup(talloc_tos(), "");
	unsigned i, j, same;

	for (i = 0; list != NULL && list[i] != NULL; i++) {
		const char *param = param_of(list[i]);

		if (param == NULL) {
			text = talloc_asprintf_append(text, "%s/", list[i]);
			continue;
		}
		same = 1;
		for (j = 0; j < i; j++) {
			const char *above = param_of(list[j]);

			same += above != NULL && same_param(above, param);
		}
		param = layer_name(param, same);
		text = talloc_asprintf_append(text, ":%s/",
					      param != NULL ? param : "");
	}
	return text != NULL ? text : "";
}

static struct tree *tree_of(struct connection_struct *conn, const char *share)
{
	const struct slot_key key = {
		.share = share,
		.user = unix_user(conn),
		.client = client_address(conn),
		.objects = objects_of(conn),
	};
	struct tree *tree;

	for (tree = trees; tree != NULL; tree = tree->next) {
		if (tree->conn == conn) {
			return tree;
		}
	}
	tree = talloc_zero(conn, struct tree);
	if (tree == NULL) {
		return NULL;
	}
	tree->conn = conn;
	tree->slot = segment_slot(latency_segment, &key, true);
	if (tree->slot == NULL) {
		TALLOC_FREE(tree);
		return NULL;
	}
	word_write(&tree->slot->slot->connected_realtime_ns,
		   clock_ns(CLOCK_REALTIME));
	DLIST_ADD(trees, tree);
	/* SMB2 sets both before it connects the tree, and never changes them. */
	hash_add(&trees_by_id, &tree->by_id, tree_key(conn->vuid, conn->cnum));
	talloc_set_destructor(tree, tree_destructor);
	return tree;
}

static void exempt_ops(struct layer *layer, int snum)
{
	static const char *const names[] = {
#define OP(ret, name, class, params, args, path, doc) [OP_##name] = #name,
#define OP_BY_HAND(name, class, doc) [OP_##name] = #name,
#define OP_PAIR(name, class, doc) [OP_##name] = #name,
#include "latency_ops.h"
	};
	const char **list = lp_parm_string_list(snum, LATENCY_MODULE, "exempt", NULL);
	static bool said;
	unsigned op;

	memset(layer->exempt, 0, sizeof(layer->exempt));
	for (; list != NULL && *list != NULL; list++) {
		for (op = 0; op < OP_COUNT && strcmp(names[op], *list) != 0;
		     op++) {
			;
		}
		if (op == OP_COUNT) {
			if (!said) {
				said = true;
				DBG_ERR("vfs_latency: share %s: latency:exempt "
					"names %s, which is no operation\n",
					lp_const_servicename(snum), *list);
			}
			continue;
		}
		layer->exempt[op / 64] |= (uint64_t)1 << (op % 64);
	}
}

static struct layer *layer_of(struct slot_writer *slot, unsigned number)
{
	struct layer *layer;

	for (layer = latency_layers; layer != NULL; layer = layer->next) {
		if (layer->slot == slot && layer->number == number) {
			return layer;
		}
	}
	layer = arena_alloc(&slot->segment->arena, sizeof(*layer));
	if (layer != NULL) {
		layer->slot = slot;
		layer->number = number;
		layer->control = &slot->segment->header->control;
		layer->next = latency_layers;
		latency_layers = layer;
	}
	return layer;
}

/* Milliseconds; 0, none is slow, and a line in the log if it is no such number. */
static int slow_threshold(int snum)
{
	static bool said;
	const char *text = lp_parm_const_string(snum, LATENCY_MODULE,
						"slow threshold", NULL);
	int ms;

	if (text == NULL) {
		return 0;
	}
	if (conf_milliseconds(text, &ms)) {
		return ms;
	}
	if (!said) {
		said = true;
		DBG_ERR("vfs_latency: share %s: latency:slow threshold = %s is "
			"not a whole number of milliseconds: no operation is "
			"slow\n", lp_const_servicename(snum), text);
	}
	return 0;
}

/* A share cannot have a directory of its own: says so. */
static void check_directory(int snum)
{
	static bool said;
	const char *here = lp_parm_const_string(snum, LATENCY_MODULE,
						"directory", NULL);
	const char *global = lp_parm_const_string(GLOBAL_SECTION_SNUM,
						  LATENCY_MODULE, "directory",
						  NULL);

	if (!said && here != NULL &&
	    (global == NULL || strcmp(here, global) != 0)) {
		said = true;
		DBG_ERR("vfs_latency: share %s: latency:directory = %s is "
			"ignored: it belongs in [global]\n",
			lp_const_servicename(snum), here);
	}
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
	int snum = SNUM(handle->conn);
	const char *name;
	struct tree *tree;
	struct layer *layer;
	int number;

	if (!have_segment()) {
		return NULL;
	}
	loop_timer_start(handle->conn->sconn, clock_now());
	name = layer_name_of(handle);
	tree = tree_of(handle->conn, share);
	if (tree == NULL) {
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
	layer = layer_of(tree->slot, (unsigned)number);
	if (layer == NULL) {
		return NULL;
	}
	layer->conn = handle->conn;
	layer->slow_ms = slow_threshold(snum);
	check_directory(snum);
	layer_update(layer);
	exempt_ops(layer, snum);
	layer_forget(layer);
	op_timer_update();
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
	loop_timer_flush();
	option_names_check(handle->data);
}
