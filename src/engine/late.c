/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pool whose waiting ones are linked in the order they came: they wait for different times, and
 * are few enough to be looked through. */
#include "engine/late.h"

#include <stdlib.h>
#include <string.h>

struct packet_later {
	struct packet_later *next;
	int64_t due_ns;
	uint16_t n;
	uint8_t bytes[LATE_BYTES];
};

struct late {
	struct packet_later *first, **end, *free, *pool;
};

struct late *late_new(uint32_t max)
{
	struct late *l = calloc(1, sizeof *l);

	if (!l || !(l->pool = calloc(max, sizeof *l->pool))) {
		free(l);
		return NULL;
	}
	l->end = &l->first;
	for (uint32_t i = max; i-- > 0;) {
		l->pool[i].next = l->free;
		l->free = &l->pool[i];
	}
	return l;
}

void late_free(struct late *l)
{
	if (!l)
		return;
	free(l->pool);
	free(l);
}

bool late_put(struct late *l, const uint8_t *bytes, size_t n, int64_t due_ns)
{
	struct packet_later *p = l->free;

	if (!p || n > LATE_BYTES)
		return false;
	l->free = p->next;
	p->next = NULL;
	p->due_ns = due_ns;
	p->n = (uint16_t)n;
	memcpy(p->bytes, bytes, n);
	*l->end = p;
	l->end = &p->next;
	return true;
}

const uint8_t *late_take(struct late *l, int64_t now_ns, size_t *out_n)
{
	for (struct packet_later **at = &l->first, *p; (p = *at); at = &p->next) {
		if (p->due_ns > now_ns)
			continue;
		*at = p->next;
		if (l->end == &p->next)
			l->end = at;
		p->next = l->free;
		l->free = p;
		*out_n = p->n;
		return p->bytes;
	}
	return NULL;
}
