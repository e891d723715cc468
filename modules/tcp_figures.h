/*
 * What the kernel counts of a TCP connection. Apart from what uses it, since
 * <linux/tcp.h>, which has all of struct tcp_info, and Samba's headers, which
 * have another of that name, do not go together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TCP_FIGURES_H
#define TCP_FIGURES_H

#include <stdbool.h>

#include "connection_writer.h"

#pragma GCC visibility push(hidden)

/*
 * From TCP_INFO. False if fd is no TCP socket, or the kernel, which must be
 * 4.19 or later, does not tell. Leaves errno alone.
 */
bool tcp_figures_read(int fd, struct connection_figures *figures);

#pragma GCC visibility pop

#endif
