/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of $dnsrewrite: AdGuard's short and full forms, told apart and made one. */
#include "rule/rewrite.h"

#include <stdio.h>
#include <string.h>

#include "rule/modifiers.h"
#include "rule/span.h"

/* The codes of RFC 1035, 4.1.1 and RFC 2136, 2.2. */
static bool is_error_code(struct span s)
{
	static const char *const codes[] = { "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP",
					     "REFUSED", "YXDOMAIN", "YXRRSET",	"NXRRSET",
					     "NOTAUTH", "NOTZONE" };

	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		if (span_is(s, codes[i]))
			return true;
	}
	return false;
}

static bool read_address(struct span s, struct addr *out)
{
	char text[ADDR_TEXT_MAX];

	if (s.len >= sizeof text)
		return false;
	memcpy(text, s.at, s.len);
	text[s.len] = '\0';
	return addr_parse(text, out);
}

static bool is_null(const struct addr *a)
{
	static const struct addr none;

	return !memcmp(a->bytes, none.bytes, sizeof none.bytes);
}

static bool put(char *text, size_t max, struct span s)
{
	if (s.len >= max)
		return false;
	for (size_t i = 0; i < s.len; i++)
		text[i] = ascii_lower(s.at[i]);
	text[s.len] = '\0';
	return true;
}

static bool put_address(const struct addr *a, struct rewrite *out, char *text, size_t max)
{
	char canonical[ADDR_TEXT_MAX];

	*out = (struct rewrite){ is_null(a) ? REWRITE_NULL : REWRITE_ADDRESS, *a };
	return put(text, max, span_of(addr_format(a, canonical)));
}

static bool put_code(struct span code, struct rewrite *out, char *text, size_t max)
{
	out->kind = span_is(code, "NOERROR")	? REWRITE_NODATA
		    : span_is(code, "NXDOMAIN") ? REWRITE_NXDOMAIN
						: REWRITE_REFUSED;
	if (code.len >= max)
		return false;
	memcpy(text, code.at, code.len);
	text[code.len] = '\0';
	return true;
}

static bool put_name(struct span s, struct rewrite *out, char *text, size_t max)
{
	struct name name;

	if (!name_from_text(s.at, s.len, &name) || strchr(name.text, '*'))
		return false;
	out->kind = REWRITE_CNAME;
	return put(text, max, (struct span){ name.text, name.len });
}

static bool put_record(struct span type, struct span value, struct rewrite *out, char *text,
		       size_t max)
{
	uint16_t number = dns_type_number(type.at, type.len);
	struct addr a;

	if (!number || !value.len)
		return false;
	if (span_is_word(type, "cname"))
		return put_name(value, out, text, max);
	if (span_is_word(type, "a") || span_is_word(type, "aaaa"))
		return read_address(value, &a) && (a.family == 6) == (type.len == 4) &&
		       put_address(&a, out, text, max);
	out->kind = REWRITE_RECORD;
	if (!put(text, max, type) || type.len + 1 >= max)
		return false;
	text[type.len] = ';';
	return put(text + type.len + 1, max - type.len - 1, value);
}

bool rewrite_parse(const char *value, size_t n, struct rewrite *out, char *text, size_t max)
{
	struct span s = { value, n }, rest = s, code = span_cut(&rest, ';');
	bool full = code.len < n;
	struct span type = span_cut(&rest, ';');
	struct addr a;

	*out = (struct rewrite){ .kind = REWRITE_ALL };
	if (!n)
		return put(text, max, s);
	if (is_error_code(code) || (span_is(code, "NOERROR") && !type.len))
		return put_code(code, out, text, max);
	if (full)
		return span_is(code, "NOERROR") && put_record(type, rest, out, text, max);
	if (read_address(s, &a))
		return put_address(&a, out, text, max);
	return put_name(s, out, text, max);
}

struct rewrite rewrite_of(const struct rule *r)
{
	size_t n;
	const char *value = modifiers_value(r->modifiers, "dnsrewrite", &n);
	struct rewrite out = { .kind = REWRITE_RECORD };
	char text[RULE_STRING_MAX];

	/* Canonical records are "type;value"; everything else is a short form. */
	if (!memchr(value, ';', n) && !rewrite_parse(value, n, &out, text, sizeof text))
		out.kind = REWRITE_RECORD;
	return out;
}

bool rewrite_excepts(const struct rule *exception, const struct rule *r)
{
	size_t n, m;
	const char *excepted = modifiers_value(exception->modifiers, "dnsrewrite", &n);
	const char *value = modifiers_value(r->modifiers, "dnsrewrite", &m);

	return !n || (n == m && !memcmp(excepted, value, n));
}
