/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modifiers of AdGuard's DNS filtering syntax: parsed into one canonical text, and judged from it.
 * The text is "key=value|~value,key=..." by alphabet of keys; in values ',', '|', '~' at the front
 * and '\' have a '\' before them. */
#include "rule/modifiers.h"

#include <string.h>

#include "rule/span.h"

/* In the order of the canonical text. */
enum key {
	KEY_CLIENT,
	KEY_DENYALLOW,
	KEY_DNSREWRITE,
	KEY_DNSTYPE,
	KEYS,
	KEY_CTAG = KEYS,
	ALL_KEYS
};

static const char *const key_names[ALL_KEYS] = {
	[KEY_CLIENT] = "client",   [KEY_DENYALLOW] = "denyallow", [KEY_DNSREWRITE] = "dnsrewrite",
	[KEY_DNSTYPE] = "dnstype", [KEY_CTAG] = "ctag",
};

static const struct {
	const char *name;
	uint16_t number;
} types[] = {
	{ "a", 1 },	    { "ns", 2 },      { "md", 3 },	    { "mf", 4 },
	{ "cname", 5 },	    { "soa", 6 },     { "mb", 7 },	    { "mg", 8 },
	{ "mr", 9 },	    { "null", 10 },   { "wks", 11 },	    { "ptr", 12 },
	{ "hinfo", 13 },    { "minfo", 14 },  { "mx", 15 },	    { "txt", 16 },
	{ "rp", 17 },	    { "afsdb", 18 },  { "x25", 19 },	    { "isdn", 20 },
	{ "rt", 21 },	    { "nsap", 22 },   { "nsap-ptr", 23 },   { "sig", 24 },
	{ "key", 25 },	    { "px", 26 },     { "gpos", 27 },	    { "aaaa", 28 },
	{ "loc", 29 },	    { "nxt", 30 },    { "eid", 31 },	    { "nimloc", 32 },
	{ "srv", 33 },	    { "atma", 34 },   { "naptr", 35 },	    { "kx", 36 },
	{ "cert", 37 },	    { "a6", 38 },     { "dname", 39 },	    { "sink", 40 },
	{ "opt", 41 },	    { "apl", 42 },    { "ds", 43 },	    { "sshfp", 44 },
	{ "ipseckey", 45 }, { "rrsig", 46 },  { "nsec", 47 },	    { "dnskey", 48 },
	{ "dhcid", 49 },    { "nsec3", 50 },  { "nsec3param", 51 }, { "tlsa", 52 },
	{ "smimea", 53 },   { "hip", 55 },    { "ninfo", 56 },	    { "rkey", 57 },
	{ "talink", 58 },   { "cds", 59 },    { "cdnskey", 60 },    { "openpgpkey", 61 },
	{ "csync", 62 },    { "zonemd", 63 }, { "svcb", 64 },	    { "https", 65 },
	{ "spf", 99 },	    { "uinfo", 100 }, { "uid", 101 },	    { "gid", 102 },
	{ "unspec", 103 },  { "nid", 104 },   { "l32", 105 },	    { "l64", 106 },
	{ "lp", 107 },	    { "eui48", 108 }, { "eui64", 109 },	    { "tkey", 249 },
	{ "tsig", 250 },    { "ixfr", 251 },  { "axfr", 252 },	    { "mailb", 253 },
	{ "maila", 254 },   { "any", 255 },   { "uri", 256 },	    { "caa", 257 },
	{ "avc", 258 },	    { "doa", 259 },   { "amtrelay", 260 },  { "ta", 32768 },
	{ "dlv", 32769 },
};

static const char *const tags[] = {
	"device_audio",		"device_camera", "device_gameconsole", "device_laptop",
	"device_nas",		"device_pc",	 "device_phone",       "device_printer",
	"device_securityalarm", "device_tablet", "device_tv",	       "device_other",
	"os_android",		"os_ios",	 "os_linux",	       "os_macos",
	"os_windows",		"os_other",	 "user_admin",	       "user_regular",
	"user_child",
};

uint16_t dns_type_number(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (span_is_word((struct span){ name, n }, types[i].name))
			return types[i].number;
	}
	return 0;
}

static bool is_tag(struct span s)
{
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
		if (span_is(s, tags[i]))
			return true;
	}
	return false;
}

/* Takes the part up to an unescaped c off the front; quotes hide it as well. */
static struct span cut_escaped(struct span *s, char c)
{
	char quote = '\0';
	size_t i = 0;

	for (; i < s->len && (quote || s->at[i] != c); i++) {
		char now = s->at[i];
		if (now == '\\' && i + 1 < s->len)
			i++;
		else if (quote ? now == quote : now == '\'' || now == '"')
			quote = quote ? '\0' : now;
	}
	struct span part = span_to(*s, i);
	*s = span_from(*s, i < s->len ? i + 1 : i);
	return part;
}

static bool put_as_is(struct modifiers *m, char c)
{
	if (m->len + 1 >= sizeof m->text)
		return false;
	m->text[m->len++] = c;
	m->text[m->len] = '\0';
	return true;
}

static bool put(struct modifiers *m, char c)
{
	return put_as_is(m, ascii_lower(c));
}

static bool put_text(struct modifiers *m, const char *text)
{
	for (; *text; text++) {
		if (!put(m, *text))
			return false;
	}
	return true;
}

/* One value without its quotes and escapes; it is not longer then. */
static struct span plain_value(struct span v, char *buf)
{
	size_t n = 0;

	if (v.len > 1 && (v.at[0] == '\'' || v.at[0] == '"') && v.at[v.len - 1] == v.at[0])
		v = (struct span){ v.at + 1, v.len - 2 };
	for (size_t i = 0; i < v.len; i++) {
		if (v.at[i] == '\\' && i + 1 < v.len)
			i++;
		buf[n++] = v.at[i];
	}
	return (struct span){ buf, n };
}

/* With canonical escapes. */
static bool put_escaped(struct modifiers *m, char c, bool first)
{
	if ((strchr(",|\\'\"", c) || (c == '~' && first)) && !put_as_is(m, '\\'))
		return false;
	return put_as_is(m, c);
}

static bool put_value(struct modifiers *m, struct span v)
{
	char buf[RULE_STRING_MAX];

	if (v.len > sizeof buf)
		return false;
	v = plain_value(v, buf);
	for (size_t i = 0; i < v.len; i++) {
		if (!put_escaped(m, ascii_lower(v.at[i]), !i))
			return false;
	}
	return true;
}

static enum modifiers_result put_domain(struct modifiers *m, struct span v)
{
	struct name n;

	if (!name_from_text(v.at, v.len, &n) || strchr(n.text, '*'))
		return MODIFIERS_VALUE;
	return put_text(m, n.text) ? MODIFIERS_GOOD : MODIFIERS_LONG;
}

static enum modifiers_result one_value(enum key key, struct span v, struct modifiers *m,
				       bool *out_included)
{
	bool excluded = key != KEY_DENYALLOW && span_strip(&v, "~");

	*out_included |= !excluded;
	if (!v.len || (v.len == 2 && v.at[0] == v.at[1] && strchr("'\"", v.at[0])))
		return MODIFIERS_VALUE;
	if (key == KEY_CTAG)
		return is_tag(v) ? MODIFIERS_GOOD : MODIFIERS_VALUE;
	if (key == KEY_DNSTYPE && !dns_type_number(v.at, v.len))
		return MODIFIERS_VALUE;
	if (excluded && !put(m, '~'))
		return MODIFIERS_LONG;
	if (key == KEY_DENYALLOW)
		return put_domain(m, v);
	return put_value(m, v) ? MODIFIERS_GOOD : MODIFIERS_LONG;
}

/* Its keywords are in capitals, or else they would be names. */
static enum modifiers_result put_rewrite(struct span value, struct modifiers *m)
{
	char buf[RULE_STRING_MAX], text[RULE_STRING_MAX];
	struct rewrite rewrite;

	if (value.len > sizeof buf)
		return MODIFIERS_LONG;
	value = plain_value(value, buf);
	if (!rewrite_parse(value.at, value.len, &rewrite, text, sizeof text))
		return MODIFIERS_VALUE;
	m->rewrites = true;
	m->rewrite = rewrite.kind;
	if ((m->len && !put(m, ',')) || !put_text(m, key_names[KEY_DNSREWRITE]) ||
	    (*text && !put(m, '=')))
		return MODIFIERS_LONG;
	for (const char *c = text; *c; c++) {
		if (!put_escaped(m, *c, false))
			return MODIFIERS_LONG;
	}
	return MODIFIERS_GOOD;
}

static enum modifiers_result put_list(enum key key, struct span values, struct modifiers *m)
{
	bool included = false, first = true;

	m->limited = true;
	if (key != KEY_CTAG) {
		if (m->len && !put(m, ','))
			return MODIFIERS_LONG;
		if (!put_text(m, key_names[key]) || !put(m, '='))
			return MODIFIERS_LONG;
	}
	do {
		struct span v = span_trim(cut_escaped(&values, '|'));
		if (!first && key != KEY_CTAG && !put(m, '|'))
			return MODIFIERS_LONG;
		first = false;
		enum modifiers_result got = one_value(key, v, m, &included);
		if (got != MODIFIERS_GOOD)
			return got;
	} while (values.len || values.at[-1] == '|');
	return key == KEY_CTAG && included ? MODIFIERS_TAG : MODIFIERS_GOOD;
}

/* Sorts out which modifiers there are; the values of each but the flags. */
static enum modifiers_result collect(struct span s, struct modifiers *m,
				     struct span found[static ALL_KEYS])
{
	do {
		struct span one = span_trim(cut_escaped(&s, ','));
		struct span name = span_to(one, span_find(one, "="));
		if (span_is(one, "important")) {
			m->important = true;
			continue;
		}
		if (span_is(one, "badfilter")) {
			m->badfilter = true;
			continue;
		}
		enum key key = KEY_CLIENT;
		while (key < ALL_KEYS && !span_is(name, key_names[key]))
			key++;
		if (key == ALL_KEYS)
			return MODIFIERS_UNKNOWN;
		/* Exceptions to all rewrites have no value. */
		if ((name.len == one.len && key != KEY_DNSREWRITE) || found[key].at)
			return MODIFIERS_VALUE;
		found[key] = span_from(one, name.len == one.len ? name.len : name.len + 1);
	} while (s.len || s.at[-1] == ',');
	return MODIFIERS_GOOD;
}

enum modifiers_result modifiers_parse(const char *line, size_t n, struct modifiers *out)
{
	struct span found[ALL_KEYS] = { { NULL, 0 } };
	enum modifiers_result got;

	out->important = out->badfilter = out->limited = out->rewrites = false;
	out->len = 0;
	out->text[0] = '\0';
	if (!n)
		return MODIFIERS_UNKNOWN;
	got = collect((struct span){ line, n }, out, found);
	for (enum key key = KEY_CLIENT; key < ALL_KEYS && got == MODIFIERS_GOOD; key++) {
		if (found[key].at)
			got = key == KEY_DNSREWRITE ? put_rewrite(found[key], out)
						    : put_list(key, found[key], out);
	}
	return got;
}

/* Compares a canonical value with text. */
static bool value_is(struct span v, const char *text)
{
	size_t i = 0;

	for (; i < v.len; i++) {
		if (v.at[i] == '\\' && i + 1 < v.len)
			i++;
		if (ascii_lower(*text) != v.at[i] || !*text)
			return false;
		text++;
	}
	return !*text;
}

static bool is_client(struct span v, const struct rule_query *q)
{
	char text[PREFIX_TEXT_MAX];
	struct addr_prefix prefix;

	if (v.len < sizeof text) {
		memcpy(text, v.at, v.len);
		text[v.len] = '\0';
		if (q->client && addr_prefix_parse(text, &prefix) &&
		    addr_prefix_has(&prefix, q->client))
			return true;
	}
	return q->client_name && value_is(v, q->client_name);
}

static bool is_under(struct span v, const struct name *name)
{
	size_t start = name->len - v.len;

	return v.len <= name->len && !memcmp(name->text + start, v.at, v.len) &&
	       (!start || name->text[start - 1] == '.');
}

static bool value_matches(struct span name, struct span v, const struct rule_query *q)
{
	if (span_is(name, "client"))
		return is_client(v, q);
	if (span_is(name, "dnstype"))
		return q->qtype && dns_type_number(v.at, v.len) == q->qtype;
	return false;
}

/* An address is no domain of any kind: denyallow does not let the rule speak about it. */
static bool denyallow_lets(struct span values, const struct rule_query *q)
{
	if (name_is_address(q->name->text))
		return false;
	while (values.len) {
		if (is_under(cut_escaped(&values, '|'), q->name))
			return false;
	}
	return true;
}

/* With values to include, those to exclude say nothing but of themselves. */
static bool list_lets(struct span name, struct span values, const struct rule_query *q)
{
	bool included = false, any = false;

	/* A rule about types of questions says nothing of other things that have a name. */
	if (span_is(name, "dnstype") && !q->qtype)
		return false;
	while (values.len) {
		struct span v = cut_escaped(&values, '|');
		bool excluded = span_strip(&v, "~");
		bool is = value_matches(name, v, q);
		if (excluded && is)
			return false;
		any |= !excluded;
		included |= !excluded && is;
	}
	return included || !any;
}

const char *modifiers_value(const char *modifiers, const char *key, size_t *out_len)
{
	struct span s = span_of(modifiers ? modifiers : "");

	while (s.len) {
		struct span one = cut_escaped(&s, ',');
		struct span name = span_cut(&one, '=');
		if (!span_is(name, key))
			continue;
		*out_len = one.len;
		return one.at;
	}
	*out_len = 0;
	return "";
}

bool modifiers_match(const char *modifiers, const struct rule_query *q)
{
	struct span s = span_of(modifiers ? modifiers : "");

	while (s.len) {
		struct span one = cut_escaped(&s, ',');
		struct span name = span_cut(&one, '=');
		bool lets = span_is(name, "denyallow") ? denyallow_lets(one, q)
						       : list_lets(name, one, q);
		if (!lets && !span_is(name, "dnsrewrite"))
			return false;
	}
	return true;
}
