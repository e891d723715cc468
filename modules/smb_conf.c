/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "smb_conf.h"
#include "conf_option.h"

const char *smb_conf_directory(struct latency_error *error)
{
	const char *path = lp_parm_const_string(GLOBAL_SECTION_SNUM,
						LATENCY_MODULE, "directory",
						NULL);

	if (path == NULL) {
		path = lock_path(talloc_tos(), LATENCY_MODULE);
	}
	if (path != NULL && path[0] != '/') {
		/* It would be wherever smbd happens to stand. */
		error_set(error, "latency:directory = %s does not begin with "
			  "a slash", path);
		return NULL;
	}
	return path;
}

static void exempt_ops(struct layer *layer, int snum)
{
	static const char *const names[] = {
#define OP(ret, name, class, params, args, path, doc) [OP_##name] = #name,
#define OP_BY_HAND(name, class, doc) [OP_##name] = #name,
#define OP_PAIR(name, class, doc) [OP_##name] = #name,
#include "latency_ops.h"
	};
	const char **list = lp_parm_string_list(snum, LATENCY_MODULE, "exempt",
						NULL);
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
					"names %s, which is not an operation\n",
					lp_const_servicename(snum), *list);
			}
			continue;
		}
		layer->exempt[op / 64] |= (uint64_t)1 << (op % 64);
	}
}

/* Milliseconds; 0, none is slow, if it is no such number: that is logged. */
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
			"not a whole number of milliseconds, so no operation "
			"is slow\n", lp_const_servicename(snum), text);
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

void smb_conf_of_share(struct layer *layer, int snum)
{
	check_directory(snum);
	layer->slow_ms = slow_threshold(snum);
	exempt_ops(layer, snum);
}
