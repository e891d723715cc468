/*
 * A slow operation as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOW_OP_JSON_H
#define SLOW_OP_JSON_H

#include "error_name.h"
#include "json_value.h"
#include "slow_ops.h"

/* "ok", "under way", or the error, whose name may be put into number. */
const char *slow_op_result(const struct slow_op *op, char number[ERROR_NUMBER]);

/* What `slow --json` prints of it. */
json_t *slow_op_json(const struct slow_op *op);

#endif
