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
static const char *path_of(const struct request *r)
{
	const size_t size = sizeof(r->flight->path);

	/* One that found no room stands for several. */
	if (r->flight == NULL || r->flight->number == 0) {
		return "";
	}
	/* As path_copy() cuts it, where a character may be left out. */
	if (strncmp(r->flight->path, "...", 3) == 0 &&
	    strlen(r->flight->path) > size - 5) {
		return "";
	}
	return r->flight->path;
}

void request_file_count(const struct request *r, uint32_t status, uint64_t ns)
{
	struct latency_file_sum use = {
		.time_ns = ns,
		.requests = 1,
		.failures = is_failure(r->opcode, status),
	};

	if (!NT_STATUS_IS_ERR(NT_STATUS(status))) {
		if (r->opcode == SMB2_OP_READ) {
			use.read_bytes = r->bytes;
		} else {
			use.written_bytes = r->bytes;
		}
	}
	files_count(r->slot, path_of(r), &use);
}
