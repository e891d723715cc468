/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "layer_name.h"

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

const char *layer_name_of(const struct vfs_handle_struct *handle)
{
	const struct vfs_handle_struct *above;
	unsigned same = 1;

	for (above = handle->conn->vfs_handles;
	     above != NULL && above != handle; above = above->next) {
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

const char *layer_objects_of(const struct connection_struct *conn)
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
