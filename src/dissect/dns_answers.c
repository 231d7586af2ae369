/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the answers make of a question: the names it leads to, and their addresses. */
#include "dissect/dns_wire.h"

enum {
	RECORDS_MAX = 512, /* answers looked at; each hop of the chain walks them again */
	HOPS_MAX = 32,
	CLASS_IN = 1,
	PARAM_IPV4HINT = 4, /* RFC 9460, 14.3.2 */
	PARAM_IPV6HINT = 6,
};

/* The answer section: r stands at its first record. */
struct answers {
	struct reader r;
	const struct reader *message;
	unsigned count;
};

/* The next record of class IN. False: none is left that can be read. */
static bool next_record(struct answers *a, struct dns_record_view *out)
{
	while (a->count) {
		a->count--;
		if (!dns_read_record(&a->r, a->message, out))
			return false;
		if (out->class == CLASS_IN && out->is_text)
			return true;
	}
	return false;
}

static bool is_binding(uint16_t type)
{
	return type == DNS_SVCB || type == DNS_HTTPS;
}

/* The tail of owner gives way to the target (RFC 6672, 2.2). */
static bool substitute(const struct name *owner, const struct name *from, const struct name *to,
		       struct name *out)
{
	size_t kept;

	if (!name_under(owner, from) || name_equal(owner, from))
		return false;
	kept = (size_t)owner->len - from->len;
	if (!to->len || kept + to->len >= NAME_MAX_TEXT)
		return false;
	memcpy(out->text, owner->text, kept);
	memcpy(out->text + kept, to->text, (size_t)to->len + 1);
	out->len = (uint8_t)(kept + to->len);
	return true;
}

/* Where a record leads its owner's questions to; false if it is no alias of name. An HTTPS or SVCB
 * record is one in AliasMode, that is with priority 0 (RFC 9460, 2.4.2). */
static bool alias_of(struct dns_record_view *rr, const struct reader *message,
		     const struct name *name, struct name *out)
{
	struct name target;
	uint16_t priority;
	bool is_text;

	if (rr->type != DNS_DNAME && !name_equal(&rr->owner, name))
		return false;
	if (is_binding(rr->type)) {
		if (!read_u16(&rr->data, &priority) || priority)
			return false;
	} else if (rr->type != DNS_CNAME && rr->type != DNS_DNAME) {
		return false;
	}
	if (!dns_read_name(&rr->data, message, &target, &is_text) || !is_text)
		return false;
	if (rr->type == DNS_DNAME)
		return substitute(name, &rr->owner, &target, out);
	*out = target;
	return target.len > 0; /* AliasMode to the root: the service does not exist */
}

/* By value: every walk starts at the first answer. A CNAME, which a server sends along with the
 * DNAME it stands for (RFC 6672, 3.1), comes first. */
static bool find_alias(struct answers a, const struct name *name, struct name *out,
		       uint32_t *out_ttl)
{
	struct dns_record_view rr;
	struct name target;
	bool found = false;

	while (next_record(&a, &rr)) {
		if ((found && rr.type != DNS_CNAME) || !alias_of(&rr, a.message, name, &target))
			continue;
		*out = target;
		*out_ttl = rr.ttl;
		found = true;
		if (rr.type == DNS_CNAME)
			break;
	}
	return found;
}

static void count_dropped(struct dns_message *m)
{
	if (m->dropped < UINT8_MAX)
		m->dropped++;
}

static bool in_chain(const struct dns_message *m, const struct name *n)
{
	if (name_equal(n, &m->qname))
		return true;
	for (unsigned i = 0; i < m->chain_count; i++)
		if (name_equal(n, &m->chain[i]))
			return true;
	return false;
}

/* Follows aliases from qname; out_last is the last name, the return value its least TTL. */
static uint32_t follow_chain(struct dns_message *m, const struct answers *a, struct name *out_last)
{
	uint32_t least = UINT32_MAX, ttl;
	struct name next;

	*out_last = m->qname;
	for (unsigned hop = 0; hop < HOPS_MAX; hop++) {
		if (!find_alias(*a, out_last, &next, &ttl) || in_chain(m, &next))
			break;
		if (m->chain_count < DNS_CHAIN_MAX)
			m->chain[m->chain_count++] = next;
		else
			count_dropped(m);
		*out_last = next;
		if (ttl < least)
			least = ttl;
	}
	return least;
}

static void add_address(struct dns_message *m, struct addr addr, uint32_t ttl)
{
	for (unsigned i = 0; i < m->addr_count; i++)
		if (addr_equal(&m->addrs[i].addr, &addr))
			return;
	if (m->addr_count < DNS_ADDRS_MAX)
		m->addrs[m->addr_count++] = (struct dns_addr){ addr, ttl };
	else
		count_dropped(m);
}

static void add_hints(struct dns_message *m, uint16_t key, struct reader *value, uint32_t ttl)
{
	uint8_t bytes[16];

	if (key == PARAM_IPV4HINT)
		while (read_bytes(value, bytes, 4))
			add_address(m, addr_v4(bytes), ttl);
	else if (key == PARAM_IPV6HINT)
		while (read_bytes(value, bytes, 16))
			add_address(m, addr_v6(bytes), ttl);
}

/* The address hints of ServiceMode. Keys go up strictly: what comes behind one that does not is
 * left out (RFC 9460, 2.2). */
static void read_binding(struct dns_message *m, struct reader *data, const struct reader *message,
			 uint32_t ttl)
{
	struct reader value;
	struct name target;
	uint16_t priority, key;
	int32_t last = -1;
	bool is_text;

	if (!read_u16(data, &priority) || !priority ||
	    !dns_read_name(data, message, &target, &is_text))
		return;
	while (read_u16(data, &key) && read_vec16(data, &value) && key > last) {
		add_hints(m, key, &value, ttl);
		last = key;
	}
}

static void collect_addresses(struct dns_message *m, struct answers a, const struct name *owner,
			      uint32_t least)
{
	struct dns_record_view rr;
	uint8_t bytes[16];
	uint32_t ttl;

	while (next_record(&a, &rr)) {
		if (!name_equal(&rr.owner, owner))
			continue;
		ttl = rr.ttl < least ? rr.ttl : least;
		if (rr.type == DNS_A && reader_left(&rr.data) == 4 &&
		    read_bytes(&rr.data, bytes, 4))
			add_address(m, addr_v4(bytes), ttl);
		else if (rr.type == DNS_AAAA && reader_left(&rr.data) == 16 &&
			 read_bytes(&rr.data, bytes, 16))
			add_address(m, addr_v6(bytes), ttl);
		else if (is_binding(rr.type))
			read_binding(m, &rr.data, a.message, ttl);
	}
}

void dns_read_answers(struct dns_message *m, struct reader r, const struct reader *message,
		      unsigned count)
{
	struct answers a = { .r = r, .message = message, .count = count };
	struct name last;
	uint32_t least;

	if (a.count > RECORDS_MAX)
		a.count = RECORDS_MAX;
	least = follow_chain(m, &a, &last);
	collect_addresses(m, a, &last, least);
}
