// SPDX-License-Identifier: GPL-2.0-or-later
/* The face of every source: hands each call to the kind that was opened. */
#include "source/source.h"

#include "source/internal.h"

void source_close(struct source *s)
{
	if (s)
		s->close(s);
}

int source_fd(const struct source *s)
{
	return s->fd;
}

int source_read(struct source *s, unsigned most, void (*each)(void *ctx, const struct frame *f),
		void *ctx, struct error *e)
{
	return s->read(s, most, each, ctx, e);
}

uint64_t source_position(const struct source *s)
{
	return s->position ? s->position(s) : 0;
}

uint64_t source_dropped(const struct source *s)
{
	return s->dropped ? s->dropped(s) : 0;
}

int64_t source_time_ns(int64_t seconds, int64_t nanoseconds)
{
	const int64_t most = (int64_t)1 << 62;
	int64_t ns;

	if (__builtin_mul_overflow(seconds, (int64_t)1000000000, &ns) ||
	    __builtin_add_overflow(ns, nanoseconds, &ns))
		return seconds < 0 ? 0 : most;
	return ns < 0 ? 0 : ns > most ? most : ns;
}

int64_t source_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return source_time_ns(now.tv_sec, now.tv_nsec);
}
