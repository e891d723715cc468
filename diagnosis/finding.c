/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "escape.h"
#include "finding.h"

struct step {
	double from;
	const char *unit;
};

static const struct step times[] = {
	{ 1e9, "s" }, { 1e6, "ms" }, { 1e3, "us" }, { 1, "ns" }, { 0, NULL },
};

static const struct step sizes[] = {
	{ 1 << 30, "GiB" }, { 1 << 20, "MiB" }, { 1 << 10, "KiB" },
	{ 1, "bytes" }, { 0, NULL },
};

/* Three digits say enough. */
static unsigned decimals(double value)
{
	return value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
}

static void print_step(char *to, size_t size, const struct step *step,
		       double value, const char *per)
{
	while (step[1].unit != NULL && value < step->from) {
		step++;
	}
	value /= step->from;
	snprintf(to, size, "%.*f %s%s", step[1].unit == NULL ? 0 :
		 (int)decimals(value), value, step->unit, per);
}

/* 1234567 as "1,234,567" */
static void print_count(char *to, size_t size, double value)
{
	char digits[32];
	size_t length, i, used = 0;

	snprintf(digits, sizeof(digits), "%.0f", value);
	length = strlen(digits);
	for (i = 0; i < length && used + 2 < size; i++) {
		if (i != 0 && (length - i) % 3 == 0) {
			to[used++] = ',';
		}
		to[used++] = digits[i];
	}
	to[used] = '\0';
}

static void print_figure(struct figure *f)
{
	const size_t size = sizeof(f->text);

	switch (f->unit) {
	case FIGURE_COUNT:
		print_count(f->text, size, f->value);
		break;
	case FIGURE_NS:
		print_step(f->text, size, times, f->value, "");
		break;
	case FIGURE_BYTES:
		print_step(f->text, size, sizes, f->value, "");
		break;
	case FIGURE_RATIO:
		snprintf(f->text, size, "%.*f %%", f->value < 0.0995,
			 100 * f->value);
		break;
	case FIGURE_PER_S:
		print_count(f->text, size - 9, f->value);
		strcat(f->text, " a second");
		break;
	case FIGURE_BYTES_PER_S:
		print_step(f->text, size, sizes, f->value, "/s");
		break;
	}
}

const char *finding_figure(struct finding *f, const char *name,
			   enum figure_unit unit, double value)
{
	struct figure *figure;

	if (f->figures == FINDING_FIGURES) {
		return "?";
	}
	figure = &f->figure[f->figures++];
	figure->name = name;
	figure->unit = unit;
	figure->value = value;
	print_figure(figure);
	return figure->text;
}

void finding_say(struct finding *f, const char *format, ...)
{
	size_t length = strlen(f->evidence);
	va_list ap;

	va_start(ap, format);
	vsnprintf(f->evidence + length, sizeof(f->evidence) - length, format,
		  ap);
	va_end(ap);
}

const char *finding_name(char *to, size_t size, const char *name)
{
	char escaped[2048];
	const char *at = escaped;
	unsigned length;
	uint32_t code;

	escape_text_to(escaped, sizeof(escaped), name);
	if (strlen(escaped) < size) {
		return strcpy(to, escaped);
	}
	while ((length = utf8_decode(at, &code)) != 0 &&
	       (size_t)(at - escaped) + length < size - 2) {
		at += length;
	}
	snprintf(to, size, "%.*s..", (int)(at - escaped), escaped);
	return to;
}

const char *figure_unit_name(enum figure_unit unit)
{
	static const char *const names[] = {
		[FIGURE_COUNT] = "count",
		[FIGURE_NS] = "ns",
		[FIGURE_BYTES] = "bytes",
		[FIGURE_RATIO] = "ratio",
		[FIGURE_PER_S] = "per_s",
		[FIGURE_BYTES_PER_S] = "bytes_per_s",
	};

	return names[unit];
}

const char *confidence_name(enum confidence confidence)
{
	static const char *const names[] = {
		[CONFIDENCE_POSSIBLE] = "possible",
		[CONFIDENCE_LIKELY] = "likely",
		[CONFIDENCE_CERTAIN] = "certain",
	};

	return names[confidence];
}
