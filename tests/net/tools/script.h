/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A script: what a client sends, as TCP segments or datagrams in the order they leave. */
#ifndef TOOLS_SCRIPT_H
#define TOOLS_SCRIPT_H

#include "hello.h"

enum { POOL_MAX = 256 << 10, STEPS_MAX = 2048 };

struct step {
	bool from_server;
	bool fin;
	int64_t seq;  /* TCP: of the first byte, counted from the first of the stream */
	size_t at, n; /* bytes of the pool */
};

struct script {
	uint8_t proto; /* 6 or 17 */
	uint16_t port;
	bool no_syn, no_server, syn_data, timestamps;
	bool quiet_end; /* no answer at the end */
	uint32_t isn;
	uint8_t pool[POOL_MAX];
	struct out free;	    /* of pool */
	size_t stream, total, name; /* TCP: where the whole stream lies in pool; where in it the
				       name begins */
	size_t name_n;
	struct step steps[STEPS_MAX];
	size_t count;
};

static inline void script_init(struct script *s)
{
	*s = (struct script){ .isn = 0x12345678 };
	s->free = (struct out){ s->pool, s->pool + POOL_MAX };
}

static inline struct step *add_step(struct script *s)
{
	if (s->count == STEPS_MAX)
		abort();
	return &s->steps[s->count++];
}

/* --- TCP ------------------------------------------------------------------------------------- */

/* The stream that the steps cut up. */
static inline void set_stream(struct script *s, const void *p, size_t n, const char *name)
{
	const uint8_t *at;

	s->proto = 6;
	s->stream = (size_t)(s->free.at - s->pool);
	s->total = n;
	put(&s->free, p, n);
	at = memmem(p, n, name, strlen(name));
	s->name = at ? (size_t)(at - (const uint8_t *)p) : n / 2;
	s->name_n = strlen(name);
}

static inline void segment(struct script *s, size_t from, size_t to)
{
	*add_step(s) =
		(struct step){ .seq = (int64_t)from, .at = s->stream + from, .n = to - from };
}

/* Other bytes in the place of from to to. */
static inline void decoy(struct script *s, size_t from, size_t to, uint8_t fill)
{
	*add_step(s) = (struct step){ .seq = (int64_t)from,
				      .at = (size_t)(s->free.at - s->pool),
				      .n = to - from };
	for (size_t i = from; i < to; i++)
		put_int(&s->free, fill, 1);
}

/* --- UDP ------------------------------------------------------------------------------------- */

static inline void datagram(struct script *s, const void *p, size_t n, bool from_server)
{
	s->proto = 17;
	*add_step(s) = (struct step){ .from_server = from_server,
				      .at = (size_t)(s->free.at - s->pool),
				      .n = n };
	put(&s->free, p, n);
}

#endif
