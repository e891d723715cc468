/*
 * The moment at which smbd has made a reply but not yet signed, encrypted or
 * sent it: the last one at which the reply can be read. Afterwards smbd
 * encrypts it in place, which destroys its header.
 *
 * smbd calls nobody at that moment, but it frees something: once the status of
 * an element is in its header, smbd_smb2_request_reply() does
 * TALLOC_FREE(req->last_sign_key). That key is for signing the previous reply
 * of the same compound; a request that is no compound, or is not signed, has
 * none. Where the field is NULL, we lend it a zeroed key with a destructor;
 * where smbd has put a key of its own, we give that key a talloc child with a
 * destructor.
 *
 * Why smbd never notices. In all of Samba from 4.17 to 4.25 (master of
 * 2026-08), last_sign_key is named in four places, all in
 * source3/smbd/smb2_server.c:
 *   - smbd_smb2_request_reply() signs the previous reply if
 *     smb2_signing_key_valid(), which is false for a key without a blob; frees
 *     the key, which is the moment; and may then have smb2_signing_key_copy()
 *     store a new one in the field, without looking at the old one;
 *   - smb2_send_async_interim_response() asks smb2_signing_key_valid(), too;
 *   - smbd_smb2_request_pending_queue() frees it when a request goes async;
 *   - smbd_smb2_request_destructor() frees it.
 * TALLOC_FREE() sets the field to NULL whatever the destructor returns, so ours
 * may refuse and lend the same object again.
 *
 * The last two places make no reply. current_idx tells them apart: smbd
 * advances it right after the moment, and nowhere else; see request_timer.c.
 *
 * Before a version of Samba outside this range is supported, read its source.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPLY_MOMENT_H
#define REPLY_MOMENT_H

#include "module.h"
#include "libcli/smb/smb2_signing.h"

_Static_assert(LATENCY_VFS_VERSION >= 47 && LATENCY_VFS_VERSION <= 53,
	       "read what this Samba does with last_sign_key first");

/*
 * The first member of a talloc child of the request. In the child's destructor,
 * if reply_moment_is_now(), the moment has come, and it must return -1.
 */
struct reply_moment {
	struct smb2_signing_key no_key;
	void (*has_come)(struct reply_moment *m);
};

/* What smbd's own key has below it. */
struct reply_messenger {
	struct reply_moment *m;
};

static inline int reply_messenger_destructor(struct reply_messenger *messenger)
{
	messenger->m->has_come(messenger->m);
	return 0;
}

/* Waits for the reply to the element of smb2req that is next to make one. */
static inline void reply_moment_await(struct smbd_smb2_request *smb2req,
				      struct reply_moment *m)
{
	struct reply_messenger *messenger;

	if (likely(smb2req->last_sign_key == NULL)) {
		smb2req->last_sign_key = &m->no_key;
		return;
	}
	messenger = talloc(smb2req->last_sign_key, struct reply_messenger);
	if (messenger != NULL) {
		messenger->m = m;
		talloc_set_destructor(messenger, reply_messenger_destructor);
	}
}

static inline void reply_moment_init(struct reply_moment *m,
				     void (*has_come)(struct reply_moment *m))
{
	m->no_key = (struct smb2_signing_key){ .blob.length = 0 };
	m->has_come = has_come;
}

static inline bool reply_moment_is_now(const struct smbd_smb2_request *smb2req,
				       const struct reply_moment *m)
{
	return smb2req->last_sign_key == &m->no_key;
}

_Static_assert(offsetof(struct reply_moment, no_key) == 0,
	       "smbd frees the key, and means the talloc object around it");

#endif
