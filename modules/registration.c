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

#include "vfs_latency_ops.h"

/* Also what script/build-module looks for in the file. */
static const char identity[] =
	"vfs_latency " LATENCY_VERSION " for Samba " LATENCY_SAMBA_VERSION;

/* No functions; with room for more than any Samba's table has. */
static const union {
	struct vfs_fn_pointers functions;
	void *slots[256];
} empty;

/* How long the release is of a version: of 4.17.12-Debian 5, "4.17.". */
static size_t release_length(const char *version)
{
	const char *dot = strchr(version, '.');

	dot = dot != NULL ? strchr(dot + 1, '.') : NULL;
	return dot != NULL ? (size_t)(dot + 1 - version) : 0;
}

/*
 * Whether two versions are of one release. Of a release to come, such as
 * 4.25.0rc1, they must be the same: its structures may still change.
 */
static bool same_release(const char *a, const char *b)
{
	size_t release = release_length(a);
	size_t a_length = strcspn(a, "-"), b_length = strcspn(b, "-");

	if (release == 0 || strncmp(a, b, release) != 0) {
		return false;
	}
	return (release + strspn(a + release, "0123456789") == a_length &&
		release + strspn(b + release, "0123456789") == b_length) ||
		(a_length == b_length && strncmp(a, b, a_length) == 0);
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
		if (strncmp(samba, known[i].release,
			    strlen(known[i].release)) == 0) {
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
		return smb_register_vfs(SMB_VFS_INTERFACE_VERSION,
					LATENCY_MODULE, &latency_functions);
	}
	status = smb_register_vfs(interface_of(running), LATENCY_MODULE,
				  &empty.functions);
	DBG_ERR("vfs_latency: not measured: this is Samba %s, but the module "
		"is %s. Install the module for this Samba; until then shares "
		"with 'vfs objects = latency' %s.\n",
		running, identity, NT_STATUS_IS_OK(status) ?
		"work as if it were not there" : "refuse their clients");
	return status;
}
