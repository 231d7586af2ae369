/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a list: hosts, plain and wildcard domains, AdGuard's DNS syntax. */
#include "classify/lists.h"

#include <string.h>

#include "base/addr.h"

/* A part of the line. */
struct span {
	const char *at;
	size_t len;
};

/* Where rules go. */
struct sink {
	void (*each)(void *ctx, const struct rule *r);
	void *ctx;
};

enum { PARSED = -1 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct span span_trim(struct span s)
{
	while (s.len && is_blank(s.at[0])) {
		s.at++;
		s.len--;
	}
	while (s.len && is_blank(s.at[s.len - 1]))
		s.len--;
	return s;
}

static struct span span_from(struct span s, size_t start)
{
	return (struct span){ s.at + start, s.len - start };
}

static bool span_starts(struct span s, const char *text)
{
	size_t n = strlen(text);
	return s.len >= n && memcmp(s.at, text, n) == 0;
}

/* Takes `text` off the front, or off the end. */
static bool span_strip(struct span *s, const char *text)
{
	if (!span_starts(*s, text))
		return false;
	*s = span_from(*s, strlen(text));
	return true;
}

static bool span_strip_end(struct span *s, char c)
{
	if (!s->len || s->at[s->len - 1] != c)
		return false;
	s->len--;
	return true;
}

/* Position of the first byte that is in `set`, or the length. */
static size_t span_find(struct span s, const char *set)
{
	size_t i = 0;

	while (i < s.len && !(s.at[i] && strchr(set, s.at[i])))
		i++;
	return i;
}

static struct span take_word(struct span *s)
{
	size_t n = span_find(*s, " \t\r\f\v");
	struct span word = { s->at, n };

	*s = span_trim(span_from(*s, n));
	return word;
}

static void emit(const struct sink *to, const struct name *name, enum rule_match match,
		 enum rule_action action)
{
	struct rule r = { .name = *name, .action = action, .match = match };

	to->each(to->ctx, &r);
}

/* Names that hosts files give to the machine itself. */
static bool is_local_name(const struct name *n)
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

/* Why something that should have been a name is none. */
static enum list_skip why_no_name(struct span s)
{
	if (!s.len)
		return LIST_SKIP_UNKNOWN;
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.at[i] >= 0x80)
			return LIST_SKIP_BAD_NAME;
	}
	if (span_find(s, " \t") < s.len)
		return LIST_SKIP_UNKNOWN;
	/* An unanchored start or a character of addresses: AdGuard looks for the text anywhere. */
	if (s.at[0] == '.' || s.at[0] == '-' || span_find(s, "*/?^|=&:%~+,;()[]\\") < s.len)
		return LIST_SKIP_PATTERN;
	return LIST_SKIP_BAD_NAME;
}

/* PARSED and the name, or why not. */
static int parse_name(struct span s, struct name *out)
{
	struct name n;

	if (span_find(s, "*") < s.len || (s.len && s.at[0] == '-'))
		return why_no_name(s);
	if (!name_from_text(s.at, s.len, &n))
		return why_no_name(s);
	if (name_is_address(n.text) && strcmp(n.text, "0.0.0.0") != 0)
		return LIST_SKIP_BAD_NAME;
	*out = n;
	return PARSED;
}

/* Only these stand for "nowhere"; any other address is an answer that somebody wants given. */
static bool is_nowhere(const struct addr *a)
{
	static const uint8_t zero[16], one[16] = { [15] = 1 };

	if (a->family == 4)
		return a->bytes[0] == 127 || memcmp(a->bytes, zero, 4) == 0;
	return memcmp(a->bytes, zero, 16) == 0 || memcmp(a->bytes, one, 16) == 0;
}

static bool parse_address(struct span word, struct addr *out)
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
	if (!parse_address(take_word(&s), &address))
		return LIST_SKIP_UNKNOWN;
	while (s.len) {
		struct name n;
		int got = parse_name(take_word(&s), &n);
		if (got != PARSED) {
			why = LIST_SKIP_BAD_NAME;
		} else if (is_local_name(&n)) {
			if (why == LIST_SKIP_UNKNOWN)
				why = LIST_SKIP_LOCAL_NAME;
		} else if (!is_nowhere(&address)) {
			why = LIST_SKIP_REWRITE;
		} else {
			emit(to, &n, RULE_EXACT, RULE_BLOCK);
			some = true;
		}
	}
	return some ? PARSED : why;
}

/* Does the line begin with an address that names follow? */
static bool is_hosts(struct span s)
{
	struct addr address;
	struct span word = take_word(&s);

	return s.len && s.at[0] != '#' && parse_address(word, &address);
}

/* "name" or "*.name", and a comment. What "*.name" means differs: below only in AdGuard's syntax,
 * the name as well in lists made for dnscrypt-proxy and Blocky. */
static int parse_domain(struct span s, enum rule_action action, enum rule_match star,
			const struct sink *to)
{
	enum rule_match match = RULE_EXACT;
	struct name n;
	int got;

	s.len = span_find(s, "#");
	s = span_trim(s);
	if (span_strip(&s, "*."))
		match = star;
	got = parse_name(s, &n);
	if (got != PARSED)
		return got;
	if (is_local_name(&n))
		return LIST_SKIP_LOCAL_NAME;
	emit(to, &n, match, action);
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

/* [@@] [|] [|] name [^] [|] [$modifiers], as AdGuard's DNS filtering syntax defines it. */
static int parse_adblock(struct span s, const struct sink *to)
{
	enum rule_action action = span_strip(&s, "@@") ? RULE_ALLOW : RULE_BLOCK;
	size_t dollar, bars = 0;
	bool below = false, ended;
	struct name n;
	int got;

	if (!s.len)
		return LIST_SKIP_UNKNOWN;
	if (s.at[0] == '/')
		return LIST_SKIP_PATTERN;
	dollar = span_find(s, "$");
	if (dollar < s.len)
		return dollar + 1 < s.len ? LIST_SKIP_MODIFIER : LIST_SKIP_UNKNOWN;

	while (bars < 2 && span_strip(&s, "|"))
		bars++;
	/* "name|", "name^" and "name^|" end where the name ends: no port, no path in DNS. */
	ended = span_strip_end(&s, '|');
	if (span_strip_end(&s, '^'))
		ended = true;
	if (!ended)
		/* "||name" is also the beginning of longer names. */
		return bars ? LIST_SKIP_PATTERN : parse_domain(s, action, RULE_BELOW, to);
	if (span_strip(&s, "*.") || (!bars && span_strip(&s, ".")))
		below = true;
	got = parse_name(s, &n);
	if (got != PARSED)
		return got;
	if (!bars && !below)
		return LIST_SKIP_PATTERN;
	emit(to, &n, below ? RULE_BELOW : bars == 2 ? RULE_SUFFIX : RULE_EXACT, action);
	return PARSED;
}

int list_parse_line(const char *line, size_t n, enum list_format format,
		    void (*each)(void *ctx, const struct rule *r), void *ctx)
{
	const struct sink to = { each, ctx };
	struct span s = span_trim((struct span){ line, n });

	if (!s.len || s.at[0] == '!' || (s.at[0] == '[' && s.at[s.len - 1] == ']'))
		return LIST_SKIP_BLANK;
	if (s.at[0] == '#')
		return is_cosmetic(s) ? LIST_SKIP_COSMETIC : LIST_SKIP_BLANK;
	switch (format) {
	case LIST_HOSTS:
		return parse_hosts(s, &to);
	case LIST_DOMAINS:
		if (s.at[0] == '|' || s.at[0] == '@')
			return LIST_SKIP_UNKNOWN;
		return parse_domain(s, RULE_BLOCK, RULE_SUFFIX, &to);
	case LIST_ADBLOCK:
	case LIST_AUTO:
		/* AdGuard's syntax takes hosts and domain lines as well. */
		break;
	}
	if (is_hosts(s))
		return parse_hosts(s, &to);
	if (is_cosmetic(s))
		return LIST_SKIP_COSMETIC;
	return parse_adblock(s, &to);
}
