/*
 * The diagnosis as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WHY_JSON_H
#define WHY_JSON_H

#include "diagnosis.h"
#include "json_value.h"

#define WHY_PAGE 64

/* Where the guide tells more of a finding. */
void why_page(const struct finding *finding, char page[WHY_PAGE]);

/* What `why --json` prints. */
json_t *why_json(const struct account *account,
		 const struct diagnosis *diagnosis);

#endif
