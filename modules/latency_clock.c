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
#define MAX_FAILURES 6		/* no TSC for at most CHECK_NS << 6 */
#define SLEW_LIMIT_PPM 500
#define READING_NOISE_NS 5000	/* that two readings may differ anyway */

/*
 * ns per tick, times 2^32: of a tick that is a ns, of 20 GHz, and of 50 MHz,
 * below which latency_clock.h says why there is nothing to be gained.
 */
#define NS_SCALE ((uint64_t)1 << 32)
#define MIN_SCALE (NS_SCALE / 20)
#define MAX_SCALE (NS_SCALE * 20)

struct latency_clock latency_clock;

/* Both clocks at the same moment. */
struct reading {
	uint64_t tsc;
	uint64_t ns;
	uint64_t apart;			/* ticks by which it may not be */
};

static struct {
	enum { UNKNOWN, USABLE, UNUSABLE } tsc;
	struct reading start;		/* the rate is that since then */
	uint64_t scale;			/* as it was in the time before */
	uint64_t next_ns;		/* when to compare again */
	unsigned failures;
	/*
	 * The two were found apart in this turn. Ticks that were taken before
	 * are turned into ns as the clock was set then.
	 */
	bool jumped;
	uint64_t jumped_tsc;
	uint64_t jumped_ns;
} state;

uint64_t clock_monotonic(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

/* Does the kernel trust the TSC enough to keep time by it? */
static bool kernel_uses_tsc(void)
{
	int saved_errno = errno;
	/* Room for more, or a name that begins like that would do. */
	char name[sizeof(CLOCK_SOURCE_NAME) + 3] = "";
	int fd = open(CLOCK_SOURCE_FILE, O_RDONLY | O_CLOEXEC);

	if (fd != -1) {
		if (read(fd, name, sizeof(name) - 1) < 0) {
			name[0] = '\0';
		}
		close(fd);
	}
	errno = saved_errno;
	return strcmp(name, CLOCK_SOURCE_NAME) == 0;
}

/* Reads both clocks as closely together as a few tries allow. */
static struct reading read_both(void)
{
	struct reading best = { .apart = UINT64_MAX };
	int i;

	for (i = 0; i < 3; i++) {
		uint64_t before = clock_tsc();
		uint64_t ns = clock_ns(CLOCK_MONOTONIC);
		uint64_t apart = clock_tsc() - before;

		if (apart < best.apart) {
			best = (struct reading){
				.tsc = before + apart / 2,
				.ns = ns,
				.apart = apart,
			};
		}
	}
	return best;
}

static void update_realtime_offset(void)
{
	latency_clock.realtime_offset = clock_ns(CLOCK_REALTIME) -
		clock_ns(CLOCK_MONOTONIC);
}

/* Ticks, which may be negative, as ns; what does not fit is far off anyway. */
static int64_t signed_scale(uint64_t ticks)
{
	return (int64_t)((__int128)(int64_t)ticks * latency_clock.scale >> 32);
}

/* Does the TSC say the right time, as precisely as can be told? */
static bool in_step(const struct reading *r)
{
	int64_t passed = (int64_t)(r->ns - latency_clock.base_ns);
	int64_t deviation = signed_scale(r->tsc - latency_clock.base_tsc) -
		passed;
	int64_t limit = passed / 1000000 * SLEW_LIMIT_PPM + READING_NOISE_NS +
		signed_scale(r->apart);

	return deviation <= limit && deviation >= -limit;
}

static void set_base(const struct reading *r)
{
	latency_clock.base_tsc = r->tsc;
	latency_clock.base_ns = r->ns;
}

/* Ticks are nanoseconds from now on. */
static void use_no_tsc(void)
{
	latency_clock.tsc = 0;
	latency_clock.age = 0;
	latency_clock.scale = NS_SCALE;
	latency_clock.base_tsc = 0;
	latency_clock.base_ns = 0;
}

static void use_tsc(const struct reading *r, uint64_t scale)
{
	set_base(r);
	latency_clock.scale = scale;
	latency_clock.age = (uint64_t)
		(((unsigned __int128)CLOCK_AGE_NS << 32) / scale);
	latency_clock.tsc = 1;
}

uint64_t clock_check(void)
{
	struct reading r;

	if (!latency_clock.tsc) {
		return clock_monotonic();
	}
	r = read_both();
	if (!state.jumped && !in_step(&r)) {
		state.jumped = true;
		state.jumped_tsc = latency_clock.base_tsc;
		state.jumped_ns = latency_clock.base_ns;
		state.next_ns = 0;
	}
	set_base(&r);
	/* That has perhaps not counted what CLOCK_MONOTONIC has, or more. */
	update_realtime_offset();
	return r.ns;
}

uint64_t clock_ticks_since(uint64_t start)
{
	int64_t ticks = (int64_t)(clock_tsc() - start);
	uint64_t ns = clock_scale((uint64_t)ticks);
	uint64_t now, since;

	if (!latency_clock.tsc) {
		return clock_span(start, clock_monotonic());
	}
	if (ticks > 0 && ns < CLOCK_DOUBT_NS) {
		return ns;
	}
	now = clock_check();
	if (state.jumped) {
		since = now - state.jumped_ns -
			(uint64_t)signed_scale(start - state.jumped_tsc);
		if ((int64_t)since >= 0 && (ticks <= 0 || since < ns)) {
			return since;
		}
		/* It was taken after the jump. */
	}
	/* CPUs may disagree by some ticks. */
	return ticks > 0 ? ns : 0;
}

/* Goes on without the TSC, the longer the more often that has happened. */
static void give_up(const struct reading *r)
{
	use_no_tsc();
	state.tsc = UNKNOWN;
	state.start = *r;
	state.scale = 0;
	state.next_ns = r->ns + ((uint64_t)CHECK_NS << state.failures);
	if (state.failures < MAX_FAILURES) {
		state.failures++;
	}
}

/* As precisely as the first calibrations are. */
static bool is_same_rate(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= a / 1000;
}

/* Compares, and takes the rate of the last second or more. */
static void calibrate(void)
{
	struct reading r = read_both();
	const struct reading *start = &state.start;
	uint64_t scale;

	if (latency_clock.tsc && (state.jumped || !in_step(&r))) {
		give_up(&r);
		return;
	}
	if (r.tsc <= start->tsc ||
	    r.apart + start->apart > (r.tsc - start->tsc) / 10000) {
		/* Not good to 100 ppm: somebody got in between. Soon again. */
		state.next_ns = r.ns + FIRST_CALIBRATION_NS;
		if (r.tsc <= start->tsc) {
			state.start = r;
		}
		return;
	}
	scale = (uint64_t)(((unsigned __int128)(r.ns - start->ns) << 32) /
			   (r.tsc - start->tsc));
	if (scale < MIN_SCALE || scale > MAX_SCALE) {
		give_up(&r);
		return;
	}
	if (!latency_clock.tsc && !is_same_rate(scale, state.scale)) {
		/* One that two calibrations agree on has no jump in it. */
		state.scale = scale;
		state.start = r;
		state.next_ns = r.ns + FIRST_CALIBRATION_NS;
		return;
	}
	use_tsc(&r, scale);
	state.next_ns = r.ns + CHECK_NS;
	if (r.ns - start->ns >= CHECK_NS) {
		state.start = r;
	}
}

void clock_init(void)
{
	memset(&latency_clock, 0, sizeof(latency_clock));
	memset(&state, 0, sizeof(state));
	use_no_tsc();
	state.start = read_both();
	update_realtime_offset();
	state.next_ns = state.start.ns + FIRST_CALIBRATION_NS;
}

bool clock_maintain(uint64_t now_ns)
{
	if (now_ns < state.next_ns) {
		return false;
	}
	if (state.tsc == UNKNOWN) {
		/* Not at the tree connect, which it would make slower. */
		state.tsc = kernel_uses_tsc() ? USABLE : UNUSABLE;
	}
	if (state.tsc == USABLE) {
		calibrate();
	} else {
		state.next_ns = now_ns + CHECK_NS;
	}
	state.jumped = false;
	update_realtime_offset();
	return true;
}
