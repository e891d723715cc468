/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "tcp_figures.h"

/* Of older kernels it is shorter. */
#define NEEDED offsetof(struct tcp_info, tcpi_dsack_dups)
#define FIRST_UNUSED offsetof(struct tcp_info, tcpi_reord_seen)

bool tcp_figures_read(int fd, struct connection_figures *figures)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);
	int saved_errno = errno;

	if (fd == -1 ||
	    getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
	    size < NEEDED) {
		errno = saved_errno;
		return false;
	}
	*figures = (struct connection_figures){
		.min_rtt_us = info.tcpi_min_rtt == UINT32_MAX ? 0 :
			info.tcpi_min_rtt,
		.rtt_us = info.tcpi_rtt,
		.retransmits = info.tcpi_total_retrans,
		.duplicates = size < FIRST_UNUSED ? 0 : info.tcpi_dsack_dups,
		.segments_sent = info.tcpi_data_segs_out,
		.receiver_limited_ns = info.tcpi_rwnd_limited * 1000u,
		.buffer_limited_ns = info.tcpi_sndbuf_limited * 1000u,
		.busy_ns = info.tcpi_busy_time * 1000u,
		.bytes_sent = info.tcpi_bytes_sent - info.tcpi_bytes_retrans,
		.bytes_received = info.tcpi_bytes_received,
	};
	return true;
}
