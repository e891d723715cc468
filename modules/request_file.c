/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request_file.h"
#include "file_writer.h"

/* In the replies to READ and WRITE (MS-SMB2 2.2.20, 2.2.22). */
#define REPLY_BYTES 4

/* What latency_answers.h has of requests. */
static bool is_failure(uint16_t opcode, uint32_t status)
{
	if (!NT_STATUS_IS_ERR(NT_STATUS(status))) {
		return false;
	}
#define REQUEST_ANSWER(request, code) \
	if (opcode == request && status == (code)) { \
		return false; \
	}
#include "latency_answers.h"
	return true;
}

uint32_t request_file_bytes(const struct smbd_smb2_request *smb2req,
			    uint16_t opcode)
{
	int body = smb2req->current_idx + SMBD_SMB2_BODY_IOV_OFS;
	const struct iovec *iov;

	if (opcode != SMB2_OP_READ && opcode != SMB2_OP_WRITE) {
		return 0;
	}
	if (body < 0 || body >= smb2req->out.vector_count) {
		return 0;
	}
	iov = &smb2req->out.vector[body];
	return iov->iov_base != NULL && iov->iov_len >= REPLY_BYTES + 4 ?
		IVAL(iov->iov_base, REPLY_BYTES) : 0;
}

/* Its path; "" if that is not known, or too long to be told from others. */
static const char *path_of(const struct latency_flight *flight)
{
	const size_t size = sizeof(flight->path);

	/* One that found no room stands for several. */
	if (flight == NULL || flight->number == 0) {
		return "";
	}
	/* As path_copy() cuts it, where a character may be left out. */
	if (strncmp(flight->path, "...", 3) == 0 &&
	    strlen(flight->path) > size - 5) {
		return "";
	}
	return flight->path;
}

void request_file_count(struct slot_writer *slot, const struct request_end *e)
{
	struct latency_file_sum use = {
		.time_ns = e->ns,
		.requests = 1,
		.failures = is_failure(e->opcode, e->status),
	};

	if (!NT_STATUS_IS_ERR(NT_STATUS(e->status))) {
		if (e->opcode == SMB2_OP_READ) {
			use.read_bytes = e->bytes;
		} else {
			use.written_bytes = e->bytes;
		}
	}
	files_count(slot, path_of(e->flight), &use);
}
