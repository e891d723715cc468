/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "dimension.h"

const char *dimension_name(enum dimension dimension)
{
	static const char *const names[DIMENSIONS] = {
#define DIMENSION(NAME, name, tables, label, useful) [BY_##NAME] = #name,
#include "dimension_table.h"
	};

	return names[dimension];
}

unsigned dimensions_of_ops(void)
{
	enum { IN_ALL = 0, IN_OPS = 1 };

	return 0
#define DIMENSION(NAME, name, tables, label, useful) \
		| (unsigned)(tables) << BY_##NAME
#include "dimension_table.h"
		;
}

unsigned dimensions_with_label(void)
{
	return 0
#define DIMENSION(NAME, name, tables, label, useful) \
		| (label##u) << BY_##NAME
#include "dimension_table.h"
		;
}
