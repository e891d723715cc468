/*
 * A slow operation as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOW_OP_JSON_H
#define SLOW_OP_JSON_H

#include "json_value.h"
#include "slow_ops.h"

/* What `slow --json` prints of it. */
json_t *slow_op_json(const struct slow_op *op);

#endif
