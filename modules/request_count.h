/*
 * What a request took, into all that counts it: its node, the slow ones, the
 * trace, the files, the connection, the probes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_COUNT_H
#define REQUEST_COUNT_H

#include "request.h"

#pragma GCC visibility push(hidden)

/* The element that smbd works on ends now, with this NTSTATUS. */
void request_count(struct request *r, uint32_t status, uint64_t now_ns);

/* Of its time these ns were signing, encrypting and sending its reply. */
void request_count_sending(const struct request *r, uint64_t ns);

#pragma GCC visibility pop

#endif
