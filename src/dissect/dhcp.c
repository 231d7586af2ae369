/* SPDX-License-Identifier: GPL-2.0-or-later */
/* DHCP options that name the client. Options that continue in the fields `sname` and `file`
 * (RFC 2132, 9.3) are not followed: no client needs that room. */
#include "dissect/dhcp.h"

enum {
	DHCP4_HEAD = 236, /* op to file (RFC 2131, 2) */
	DHCP4_COOKIE = 0x63825363,
	OPTION_PAD = 0,
	OPTION_HOST_NAME = 12,
	OPTION_FQDN = 81,
	OPTION_END = 255,
	FQDN_WIRE = 0x04, /* E: the name is in the form of DNS (RFC 4702, 2.1) */
	OPTION6_FQDN = 39,
};

/* Text up to the first dot; some clients count a NUL along. */
static bool take_text(struct reader *r, struct dhcp_label *out)
{
	struct dhcp_label label = { .len = 0 };
	uint8_t byte;

	while (reader_left(r) && read_u8(r, &byte) && byte && byte != '.') {
		if (label.len == DHCP_LABEL_MAX)
			return false;
		label.text[label.len++] = (char)byte;
	}
	if (!label.len)
		return false;
	*out = label;
	return true;
}

static bool take_wire(struct reader *r, struct dhcp_label *out)
{
	struct reader label;
	uint8_t n;

	return read_u8(r, &n) && n && n <= DHCP_LABEL_MAX && read_sub(r, n, &label) &&
	       reader_left(&label) == n && take_text(&label, out) && out->len == n;
}

static bool take_fqdn4(struct reader *r, struct dhcp_label *out)
{
	uint8_t flags;

	if (!read_u8(r, &flags) || !read_skip(r, 2)) /* two rcodes that nobody uses */
		return false;
	return flags & FQDN_WIRE ? take_wire(r, out) : take_text(r, out);
}

enum outcome dhcp4_hostname(struct reader *r, struct dhcp_label *out)
{
	struct dhcp_label host = { .len = 0 }, fqdn = { .len = 0 };
	struct reader option;
	uint8_t op, code = OPTION_PAD;
	uint32_t cookie;

	if (!read_u8(r, &op) || !read_skip(r, DHCP4_HEAD - 1) || !read_u32(r, &cookie))
		return reader_outcome(r);
	if (op != 1 || cookie != DHCP4_COOKIE)
		return OUTCOME_MALFORMED;
	while (!reader_done(r) && code != OPTION_END) {
		if (!read_u8(r, &code))
			return reader_outcome(r);
		if (code == OPTION_PAD || code == OPTION_END)
			continue;
		if (!read_vec8(r, &option) || r->state != READER_OK)
			return reader_outcome(r);
		if (code == OPTION_HOST_NAME)
			take_text(&option, &host);
		else if (code == OPTION_FQDN)
			take_fqdn4(&option, &fqdn);
	}
	if (!fqdn.len && !host.len)
		return OUTCOME_ABSENT;
	*out = fqdn.len ? fqdn : host;
	return OUTCOME_FOUND;
}

/* SOLICIT, REQUEST, CONFIRM, RENEW, REBIND, RELEASE, DECLINE, INFORMATION-REQUEST (RFC 8415, 7.3).
 */
static bool is_client6(uint8_t type)
{
	return type == 1 || (type >= 3 && type <= 6) || type == 8 || type == 9 || type == 11;
}

enum outcome dhcp6_hostname(struct reader *r, struct dhcp_label *out)
{
	struct dhcp_label fqdn = { .len = 0 };
	struct reader option;
	uint8_t type, flags;
	uint16_t code;

	if (!read_u8(r, &type) || !read_skip(r, 3))
		return reader_outcome(r);
	if (!is_client6(type))
		return OUTCOME_MALFORMED;
	while (!reader_done(r)) {
		if (!read_u16(r, &code) || !read_vec16(r, &option) || r->state != READER_OK)
			return reader_outcome(r);
		if (code == OPTION6_FQDN && read_u8(&option, &flags))
			take_wire(&option, &fqdn);
	}
	if (!fqdn.len)
		return OUTCOME_ABSENT;
	*out = fqdn;
	return OUTCOME_FOUND;
}
