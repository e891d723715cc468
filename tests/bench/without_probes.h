/*
 * Included before everything else in the module that the benchmark compares
 * with the usual one: as if there were no <sys/sdt.h>.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latency_config.h"

#undef HAVE_SYS_SDT_H
