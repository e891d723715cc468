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
#include <stdint.h>

#pragma GCC visibility push(hidden)

struct tcp_figures {
	uint32_t min_rtt_us;		/* of late; 0: not known */
	uint32_t rtt_us;		/* smoothed; 0: not known */
	uint64_t retransmits;		/* segments sent again, ever */
	uint64_t receiver_limited_ns;	/* by the receive window */
	uint64_t buffer_limited_ns;	/* by our send buffer */
	uint64_t busy_ns;		/* something was to be sent */
	uint64_t bytes_sent;		/* once each, acknowledged or not */
	uint64_t bytes_received;
};

/*
 * From TCP_INFO. False if fd is no TCP socket, or the kernel, which must be
 * 4.19 or later, does not tell. Leaves errno alone.
 */
bool tcp_figures_read(int fd, struct tcp_figures *figures);

#pragma GCC visibility pop

#endif
