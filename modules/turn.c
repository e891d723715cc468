/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "turn.h"

struct turn turn;
