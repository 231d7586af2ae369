/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a list: which format it is of; hosts and domain lines. */
#include "classify/lists.h"

#include <string.h>

#include "classify/idn.h"
#include "classify/list_line.h"

static const char *const format_names[LIST_FORMATS] = {
	[LIST_AUTO] = "auto",	    [LIST_HOSTS] = "hosts",	      [LIST_DOMAINS] = "domains",
	[LIST_ADBLOCK] = "adblock", [LIST_DNSMASQ] = "dnsmasq",	      [LIST_UNBOUND] = "unbound",
	[LIST_RPZ] = "rpz",	    [LIST_REGEX] = "regex",	      [LIST_IP] = "ip",
	[LIST_V2FLY] = "v2fly",	    [LIST_DISCONNECT] = "disconnect",
};

const char *list_format_name(enum list_format f)
{
	return (unsigned)f < LIST_FORMATS ? format_names[f] : "auto";
}

bool list_format_parse(const char *text, enum list_format *out)
{
	for (unsigned f = LIST_AUTO; f < LIST_FORMATS; f++) {
		if (!strcmp(text, format_names[f])) {
			*out = (enum list_format)f;
			return true;
		}
	}
	/* Other words in use for the same. */
	if (!strcmp(text, "wildcard"))
		*out = LIST_DOMAINS;
	else if (!strcmp(text, "p2p"))
		*out = LIST_IP;
	else
		return false;
	return true;
}

enum list_format list_format_of_path(const char *path)
{
	const char *base = strrchr(path, '/');
	struct span s = span_of(base ? base + 1 : path);
	enum list_format f;
	char word[16];
	size_t dot;

	if (s.len > 3 && (!strcmp(s.at + s.len - 3, ".gz") || !strcmp(s.at + s.len - 3, ".xz")))
		s.len -= 3;
	for (dot = s.len; dot && s.at[dot - 1] != '.'; dot--)
		;
	if (!dot || s.len - dot >= sizeof word)
		return LIST_AUTO;
	memcpy(word, s.at + dot, s.len - dot);
	word[s.len - dot] = '\0';
	return list_format_parse(word, &f) ? f : LIST_AUTO;
}

void line_emit(const struct sink *to, const struct name *name, enum rule_match match,
	       enum rule_action action)
{
	struct rule r = { .name = *name, .action = action, .match = match };

	to->each(to->ctx, &r);
}

bool line_is_local_name(const struct name *n)
{
	static const char *const local[] = {
		"localhost",	 "localhost.localdomain",
		"local",	 "broadcasthost",
		"localhost4",	 "localhost4.localdomain4",
		"localhost6",	 "localhost6.localdomain6",
		"ip6-localhost", "ip6-loopback",
		"ip6-localnet",	 "ip6-mcastprefix",
		"ip6-allnodes",	 "ip6-allrouters",
		"ip6-allhosts",	 "0.0.0.0",
	};

	for (size_t i = 0; i < sizeof local / sizeof *local; i++) {
		if (strcmp(n->text, local[i]) == 0)
			return true;
	}
	return false;
}

int line_name(struct span s, struct name *out)
{
	char ascii[IDN_TEXT_MAX];

	if (idn_has(s.at, s.len)) {
		if (!idn_to_ascii(s.at, s.len, ascii))
			return LIST_SKIP_BAD_NAME;
		s = span_of(ascii);
	}
	if (!s.len || s.at[0] == '-' || memchr(s.at, '*', s.len))
		return LIST_SKIP_BAD_NAME;
	return name_from_text(s.at, s.len, out) ? PARSED : LIST_SKIP_BAD_NAME;
}

bool line_is_nowhere(const struct addr *a)
{
	static const uint8_t zero[16], one[16] = { [15] = 1 };

	if (a->family == 4)
		return a->bytes[0] == 127 || memcmp(a->bytes, zero, 4) == 0;
	return memcmp(a->bytes, zero, 16) == 0 || memcmp(a->bytes, one, 16) == 0;
}

bool line_address(struct span word, struct addr *out)
{
	char text[ADDR_TEXT_MAX];

	/* BSD's and macOS's files hold "fe80::1%lo0 localhost". */
	word.len = span_find(word, "%");
	if (!word.len || word.len >= sizeof text)
		return false;
	memcpy(text, word.at, word.len);
	text[word.len] = '\0';
	return addr_parse(text, out);
}

static int parse_hosts(struct span s, const struct sink *to)
{
	struct addr address;
	bool some = false;
	int why = LIST_SKIP_UNKNOWN;

	s.len = span_find(s, "#");
	s = span_trim(s);
	if (!line_address(span_word(&s), &address))
		return LIST_SKIP_UNKNOWN;
	while (s.len) {
		struct name n;
		int got = line_name(span_word(&s), &n);
		if (got != PARSED) {
			why = LIST_SKIP_BAD_NAME;
		} else if (line_is_local_name(&n)) {
			if (why == LIST_SKIP_UNKNOWN)
				why = LIST_SKIP_LOCAL_NAME;
		} else if (!line_is_nowhere(&address)) {
			why = LIST_SKIP_REWRITE;
		} else {
			line_emit(to, &n, RULE_EXACT, RULE_BLOCK);
			some = true;
		}
	}
	return some ? PARSED : why;
}

/* Does the line begin with an address that names follow? */
static bool is_hosts(struct span s)
{
	struct addr address;
	struct span word = span_word(&s);

	return s.len && s.at[0] != '#' && line_address(word, &address);
}

/* What AdGuard takes for a domain, not for a mask: host names without underscores (RFC 1123, 2.1),
 * but not addresses. */
static bool is_domain(struct span s)
{
	char ascii[IDN_TEXT_MAX];
	struct name n;

	if (idn_has(s.at, s.len) && idn_to_ascii(s.at, s.len, ascii))
		s = span_of(ascii);
	return line_name(s, &n) == PARSED && !strchr(n.text, '_') && !name_is_address(n.text) &&
	       n.text[n.len - 1] != '-' && !strstr(n.text, "-.") && !strstr(n.text, ".-");
}

static struct span without_comment(struct span s)
{
	s.len = span_find(s, "#");
	return span_trim(s);
}

/* A line of a format that was named: what is not of it is unknown. */
static int known(int got)
{
	return got == NOT_MINE ? LIST_SKIP_UNKNOWN : got;
}

/* "name" or "*.name". */
static int parse_domain(struct span s, const struct sink *to)
{
	enum rule_match match = span_strip(&s, "*.") ? RULE_SUFFIX : RULE_EXACT;
	struct name n;
	int got = line_name(s, &n);

	if (got != PARSED)
		return got;
	if (line_is_local_name(&n))
		return LIST_SKIP_LOCAL_NAME;
	if (name_is_address(n.text)) /* perhaps with a final dot */
		return known(line_network(span_of(n.text), false, to));
	line_emit(to, &n, match, RULE_BLOCK);
	return PARSED;
}

/* Rules for browsers: ## #@# #?# #$# #%# and their mixtures, $$ and $@$. What stands behind a
 * comment's blank is no rule: "0.0.0.0 name  ## why". */
static bool is_cosmetic(struct span s)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		char c = s.at[i];
		size_t j = i + 1;
		if (is_blank(c))
			return false;
		if (c != '#' && c != '$')
			continue;
		while (j < s.len && j < i + 4 && strchr(c == '#' ? "@?$%" : "@", s.at[j]))
			j++;
		if (j + 1 < s.len && s.at[j] == c && !is_blank(s.at[j + 1]) && s.at[j + 1] != c)
			return true;
	}
	return false;
}

/* An expression that stands without slashes: with an escape, or a beginning that no mask has. */
static bool is_bare_regex(struct span s)
{
	if (s.at[0] == '|' || s.at[0] == '@' || s.at[0] == '/')
		return false;
	if (s.at[0] == '^' || s.at[0] == '(')
		return span_find(s, "[]()\\+?{}") < s.len;
	return span_find(s, "\\") < span_find(s, "$,");
}

/* Saves the trouble of looking closer. */
static bool may_be_network(struct span s)
{
	span_strip(&s, "@@");
	return s.len && ((s.at[0] >= '0' && s.at[0] <= '9') || span_find(s, ":") < s.len);
}

/* AdGuard's syntax: hosts lines, domains, masks. */
static int parse_adblock(struct span s, const struct sink *to)
{
	struct span bare;

	if (is_hosts(s))
		return parse_hosts(s, to);
	if (is_cosmetic(s) && !line_is_regex(s))
		return LIST_SKIP_COSMETIC;
	bare = without_comment(s);
	if (may_be_network(bare)) {
		int got = line_network(bare, false, to);
		if (got != NOT_MINE)
			return got;
	}
	return is_domain(bare) ? parse_domain(bare, to) : line_adblock(s, to);
}

static int parse_auto(struct span s, const struct sink *to)
{
	static int (*const formats[])(struct span, const struct sink *) = { line_dnsmasq,
									    line_unbound,
									    line_v2fly, line_rpz };

	/* Nothing else stands between slashes, whatever it holds. */
	if (line_is_regex(s))
		return parse_adblock(s, to);
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		int got = formats[i](s, to);
		if (got != NOT_MINE)
			return got;
	}
	if (is_bare_regex(s))
		return line_regex(s, RULE_BLOCK, to);
	return parse_adblock(s, to);
}

static int parse_named(struct span s, enum list_format format, const struct sink *to)
{
	struct name n;

	switch (format) {
	case LIST_HOSTS:
		return parse_hosts(s, to);
	case LIST_DOMAINS:
		return parse_domain(without_comment(s), to);
	case LIST_ADBLOCK:
		return parse_adblock(s, to);
	case LIST_DNSMASQ:
		return known(line_dnsmasq(s, to));
	case LIST_UNBOUND:
		return known(line_unbound(s, to));
	case LIST_RPZ:
		return known(line_rpz(s, to));
	case LIST_REGEX:
		return line_regex(s, RULE_BLOCK, to);
	case LIST_IP:
		return known(line_network(without_comment(s), true, to));
	case LIST_V2FLY: {
		int got = line_v2fly(s, to);
		if (got != NOT_MINE)
			return got;
		s = without_comment(s);
		s = span_word(&s);
		got = line_name(s, &n);
		if (got == PARSED)
			line_emit(to, &n, RULE_SUFFIX, RULE_BLOCK);
		return got;
	}
	case LIST_AUTO:
	case LIST_DISCONNECT:
	case LIST_FORMATS:
		break;
	}
	return parse_auto(s, to);
}

/* No format has them; files that are no text do. */
static bool has_control(struct span s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.at[i];
		if ((c < 0x20 && !is_blank((char)c)) || c == 0x7f)
			return true;
	}
	return false;
}

int line_parse(struct span line, enum list_format format, const struct sink *to)
{
	struct span s = span_trim(line);

	if (!s.len || s.at[0] == '!' || s.at[0] == ';' ||
	    (s.at[0] == '[' && s.at[s.len - 1] == ']'))
		return LIST_SKIP_BLANK;
	if (s.at[0] == '#')
		return is_cosmetic(s) ? LIST_SKIP_COSMETIC : LIST_SKIP_BLANK;
	if (has_control(s))
		return LIST_SKIP_UNKNOWN;
	return parse_named(s, format, to);
}

int list_parse_line(const char *line, size_t n, enum list_format format,
		    void (*each)(void *ctx, const struct rule *r), void *ctx)
{
	return line_parse((struct span){ line, n }, format, &(struct sink){ each, ctx, NULL });
}
