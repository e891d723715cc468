/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request.h"
#include "invariant.h"
#include "latency_clock.h"
#include "process.h"
#include "request_probe.h"
#include "tree.h"

/*
 * By address of smbd's object: the newest by itself, since as a rule the others
 * have ended when another comes; those that are pending in the table.
 */
static struct request *newest;
static struct hash by_address = HASH(by_address);

static struct hash by_serial = HASH(by_serial);
/* Opcodes that work on a tree connect, as bits. */
static const uint32_t tree_opcodes = 0
#define TREE(value) | 1u << (value)
#define NO_TREE(value)
#define OPCODE(value, name, tree) tree(value)
#include "latency_opcodes.h"
#undef TREE
#undef NO_TREE
	;

/* -------------------------------- the index ------------------------------- */

void request_index(struct request *r)
{
	INVARIANT(request_find(r->smb2req) == NULL);
	if (unlikely(newest != NULL)) {
		hash_add(&by_address, &newest->by_address,
			 (uintptr_t)newest->smb2req);
	}
	newest = r;
}

void request_unindex(struct request *r)
{
	if (r->serial != 0) {
		hash_remove(&by_serial, &r->by_serial);
	}
	if (likely(newest == r)) {
		newest = NULL;
	} else {
		hash_remove(&by_address, &r->by_address);
	}
}

void request_index_forget(void)
{
	newest = NULL;
	hash_forget(&by_address);
	hash_forget(&by_serial);
}

struct request *request_find(const struct smbd_smb2_request *smb2req)
{
	struct hash_item *item;

	if (likely(newest != NULL && newest->smb2req == smb2req)) {
		return newest;
	}
	item = hash_find(&by_address, (uintptr_t)smb2req);
	return item == NULL ? NULL :
		HASH_THING(item, struct request, by_address);
}

uint64_t request_serial(struct request *r)
{
	static uint64_t serials;

	if (r->serial == 0) {
		r->serial = ++serials;
		hash_add(&by_serial, &r->by_serial, r->serial);
	}
	return r->serial;
}

struct request *request_of_serial(uint64_t serial)
{
	struct hash_item *item = hash_find(&by_serial, serial);

	return item == NULL ? NULL :
		HASH_THING(item, struct request, by_serial);
}

/* ----------------------------- what it is for ---------------------------- */

bool request_is_counted(const struct request *r)
{
	return r->opcode < LATENCY_OPCODES && tree_opcodes >> r->opcode & 1;
}

void request_set_slot(struct request *r, struct slot_writer *slot)
{
	r->slot = slot;
	r->root = place_of_root(slot, r->opcode);
	if (likely(r->flight != NULL)) {
		word_write(&r->flight->slot, slot->line);
	}
	if (PROBE_IS_ON(smb2, request_start) && request_is_counted(r) &&
	    !op_mode_is_off()) {
		request_probe_start(slot, &(struct latency_request_event){
			.message_id = r->message_id,
			.opcode = r->opcode,
			.start_ns = r->start_ns,
		});
	}
}

void request_connects(struct request *r, struct slot_writer *slot)
{
	if (r->opcode == SMB2_OP_TCON) {
		r->tree = slot;
	}
}

/* Those that found no room in the list share a path. */
static bool is_listed(const struct request *r)
{
	return r->flight != NULL && r->flight->number != 0;
}

const char *request_path(const struct request *r)
{
	return is_listed(r) ? r->flight->path : "";
}

void request_set_path(struct request *r, struct op_path path)
{
	struct latency_flight *flight = r->flight;

	r->has_path = true;
	if (unlikely(flight == NULL) || flight->path[0] != '\0') {
		return;
	}
	seq_write_begin(&flight->seq);
	op_path_copy(flight->path, sizeof(flight->path), path);
	seq_write_end(&flight->seq);
}

void request_find_path(struct request *r)
{
	const struct files_struct *fsp = r->smb2req->compat_chain_fsp;

	if (fsp != NULL) {
		request_set_path(r, FSP_PATH(fsp));
	} else if (r->looked_for_path) {
		/* Not at its second op either: then not while it runs. */
		r->has_path = true;
	}
	r->looked_for_path = true;
}

__attribute__((cold)) void request_find_slot(struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	int saved_errno = errno;
	struct slot_writer *slot;

	if (!request_is_counted(r)) {
		return;
	}
	if (smb2req->last_tid != UINT32_MAX) {
		slot = tree_slot_of_id(smb2req->last_session_id,
					   smb2req->last_tid);
	} else {
		slot = tree_slot_of_id(r->session_id, r->tid);
	}
	if (slot != NULL) {
		request_set_slot(r, slot);
	}
	errno = saved_errno;
}

/* -------------------------------- pending -------------------------------- */

void request_pends(struct request *r, uint64_t now_ns)
{
	if (!r->pended) {
		r->pended = true;
		r->pended_ns = 0;
	}
	r->pends_since_ns = now_ns;
	if (r->flight != NULL) {
		request_find_path(r);
		word_write(&r->flight->pending_ns, now_ns);
	}
}

void request_goes_on(struct request *r)
{
	if (r->pended && r->pends_since_ns != 0) {
		r->pended_ns += clock_span(r->pends_since_ns, turn.start_ns);
		r->pends_since_ns = 0;
	}
}

void request_pends_again(struct request *r, uint64_t now_ns)
{
	if (r != NULL && r->pended && r->reply_ns == 0 &&
	    r->pends_since_ns == 0) {
		r->pends_since_ns = now_ns;
	}
}
