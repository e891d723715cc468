/*
 * JSON that is printed directly, where making objects of it would take too
 * long.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef JSON_PUT_H
#define JSON_PUT_H

#include <stdint.h>

/* A text to stdout, as json_text() has it. */
void json_put_text(const char *text);

/* ,"key":text; null for "", which is not known. */
void json_put_name(const char *key, const char *name);

/* ,"key":value, at most INT64_MAX */
void json_put_number(const char *key, uint64_t value);

#endif
