/*
 * Metrics by HTTP, for Prometheus to scrape.
 *
 * One thread of libmicrohttpd answers one request after the other; each takes
 * a snapshot of its own. Nothing else of the program runs at that time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef EXPORTER_H
#define EXPORTER_H

#include "report.h"

struct exporter;

/*
 * Answers who connects to the socket fd, which listens and is the exporter's
 * then, until exporter_stop(). max_shares have labels of their own; for the
 * resolution see metrics_resolution(). Options and directory are used until
 * then. Returns NULL with errno; fd is still the caller's in that case.
 */
struct exporter *exporter_start(const struct report_options *options,
				unsigned max_shares, unsigned resolution,
				const char *directory, int fd);

void exporter_stop(struct exporter *exporter);

#endif
