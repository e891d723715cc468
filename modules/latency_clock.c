/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "latency_clock.h"

#define MS 1000000u
#define FIRST_CALIBRATION_NS (10 * MS)
#define CHECK_NS (1000 * MS)
#define SLEW_LIMIT_PPM 500
#define READING_NOISE_NS 5000	/* that two readings may differ anyway */

#define NS_SCALE ((uint64_t)1 << 32)	/* a tick is a nanosecond */

struct latency_clock latency_clock;

static struct {
	enum { UNKNOWN, USABLE, UNUSABLE } tsc;
	uint64_t start_tsc;		/* calibration compares with this pair */
	uint64_t start_ns;
	uint64_t start_apart;		/* ticks between its two readings */
	uint64_t next_ns;
} state;

uint64_t clock_monotonic(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Does the kernel trust the TSC enough to keep time by it? */
static bool kernel_uses_tsc(void)
{
#if defined(__x86_64__)
	static const char path[] = "/sys/devices/system/clocksource/"
				   "clocksource0/current_clocksource";
	int saved_errno = errno;
	char name[8] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd != -1) {
		if (read(fd, name, sizeof(name) - 1) < 0) {
			name[0] = '\0';
		}
		close(fd);
	}
	errno = saved_errno;
	return strcmp(name, "tsc\n") == 0;
#else
	return false;
#endif
}

#if defined(__x86_64__)
/*
 * Reads both clocks at once, as closely as a few tries allow. Returns by how
 * many ticks the two readings may be apart.
 */
static uint64_t read_both(uint64_t *tsc, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;
	int i;

	for (i = 0; i < 3; i++) {
		uint64_t before = __builtin_ia32_rdtsc();
		uint64_t now = clock_ns(CLOCK_MONOTONIC);
		uint64_t apart = __builtin_ia32_rdtsc() - before;

		if (apart < best) {
			best = apart;
			*tsc = before + apart / 2;
			*ns = now;
		}
	}
	return best;
}

static void calibrate(void)
{
	uint64_t tsc = 0, ns = 0, apart, expected, deviation, limit;

	apart = read_both(&tsc, &ns);
	if (tsc <= state.start_tsc ||
	    apart + state.start_apart > (tsc - state.start_tsc) / 10000) {
		/* Not good to 100 ppm: somebody got in between. Soon again. */
		state.next_ns = ns + FIRST_CALIBRATION_NS;
		return;
	}
	if (latency_clock.tsc) {
		expected = latency_clock.base_ns +
			(uint64_t)((unsigned __int128)
				   (tsc - latency_clock.base_tsc) *
				   latency_clock.scale >> 32);
		deviation = expected > ns ? expected - ns : ns - expected;
		limit = (ns - latency_clock.base_ns) / 1000000 *
			SLEW_LIMIT_PPM + READING_NOISE_NS;
		if (deviation > limit) {
			state.tsc = UNUSABLE;
			latency_clock.tsc = 0;
			latency_clock.scale = NS_SCALE;
			return;
		}
	}
	latency_clock.base_tsc = tsc;
	latency_clock.base_ns = ns;
	latency_clock.scale = (uint64_t)
		(((unsigned __int128)(ns - state.start_ns) << 32) /
		 (tsc - state.start_tsc));
	latency_clock.tsc = 1;
	/* From now on the rate of the last second counts. */
	if (ns - state.start_ns >= CHECK_NS) {
		state.start_tsc = tsc;
		state.start_ns = ns;
		state.start_apart = apart;
	}
}
#else
static void calibrate(void)
{
}
#endif

void clock_init(void)
{
	memset(&latency_clock, 0, sizeof(latency_clock));
	latency_clock.scale = NS_SCALE;
	memset(&state, 0, sizeof(state));
#if defined(__x86_64__)
	state.start_apart = read_both(&state.start_tsc, &state.start_ns);
#endif
	latency_clock.realtime_offset = clock_ns(CLOCK_REALTIME) -
		clock_ns(CLOCK_MONOTONIC);
	state.next_ns = clock_ns(CLOCK_MONOTONIC) + FIRST_CALIBRATION_NS;
}

bool clock_maintain(uint64_t now_ns)
{
	if (now_ns < state.next_ns) {
		return false;
	}
	state.next_ns = now_ns + CHECK_NS;
	if (state.tsc == UNKNOWN) {
		/* Not at the tree connect, which it would make slower. */
		state.tsc = kernel_uses_tsc() ? USABLE : UNUSABLE;
	}
	if (state.tsc == USABLE) {
		calibrate();
	}
	latency_clock.realtime_offset = clock_ns(CLOCK_REALTIME) -
		clock_ns(CLOCK_MONOTONIC);
	return true;
}
