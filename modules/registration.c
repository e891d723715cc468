/*
 * Registration: with the Samba that the module was built for, and no other.
 *
 * Samba compares the number of its VFS interface, but structures differ between
 * releases that share a number. With a Samba of another release an empty
 * function table is registered: Samba then calls the next layer, as for any
 * slot that a module leaves out, and reads nothing else of ours. So an upgrade
 * of Samba costs the measuring, not the share.
 *
 * Nothing here may depend on a structure of Samba's.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"

/* Also what script/build-module looks for in the file. */
static const char identity[] =
	"vfs_latency " LATENCY_VERSION " for Samba " LATENCY_SAMBA_VERSION;

/* No functions; with room for more than any Samba's table has. */
static const union {
	struct vfs_fn_pointers functions;
	void *slots[256];
} empty;

/* Whether two versions are of one release, as 4.17.12 and 4.17.7-Debian. */
static bool same_release(const char *a, const char *b)
{
	unsigned dots = 0;

	for (; *a != '\0' && *a == *b; a++, b++) {
		if (*a == '.' && ++dots == 2) {
			return true;
		}
	}
	return false;
}

/* The VFS interface of a Samba; ours if it is a release that nobody knew. */
static int interface_of(const char *samba)
{
	static const struct {
		int interface;
		const char *release;
	} known[] = {
#define VFS_VERSION(number, major, minor) { number, #major "." #minor "." },
#include "latency_ops.h"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (same_release(samba, known[i].release)) {
			return known[i].interface;
		}
	}
	return SMB_VFS_INTERFACE_VERSION;
}

_PUBLIC_ NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx);
NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx)
{
	const char *running = samba_version_string();
	NTSTATUS status;

	(void)mem_ctx;
	if (same_release(running, LATENCY_SAMBA_VERSION)) {
		return smb_register_vfs(SMB_VFS_INTERFACE_VERSION, LATENCY_MODULE,
					&latency_functions);
	}
	status = smb_register_vfs(interface_of(running), LATENCY_MODULE,
				  &empty.functions);
	DBG_ERR("vfs_latency: not measured: this is Samba %s, the module is "
		"%s. Install the module for this Samba; until then shares "
		"with 'vfs objects = latency' %s.\n",
		running, identity, NT_STATUS_IS_OK(status) ?
		"work as if it were not there" : "refuse their clients");
	return status;
}
