/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One line of a list: what it means, or why it means nothing. */
#include <stdlib.h>
#include <string.h>

#include "classify/lists.h"
#include "suite.h"

/* The canonical texts of the rules of a line, a blank between them. */
struct got {
	char text[16384];
};

static void note(void *ctx, const struct rule *r)
{
	struct got *g = ctx;
	char buf[RULE_TEXT_MAX];

	if (*g->text)
		strcat(g->text, " ");
	ck_assert_uint_lt(strlen(g->text) + RULE_TEXT_MAX, sizeof g->text);
	strcat(g->text, rule_format(r, buf));
}

static void line_gives(enum list_format f, const char *line, const char *want)
{
	struct got g = { "" };
	int why = list_parse_line(line, strlen(line), f, note, &g);

	ck_assert_msg(why == -1, "%s: skipped as %s", line,
		      why < 0 ? "?" : list_skip_name((enum list_skip)why));
	ck_assert_msg(strcmp(g.text, want) == 0, "%s: gives %s, not %s", line, g.text, want);
}

static void line_skipped(enum list_format f, const char *line, enum list_skip want)
{
	struct got g = { "" };
	int why = list_parse_line(line, strlen(line), f, note, &g);

	ck_assert_msg(!*g.text, "%s: gives %s", line, g.text);
	ck_assert_msg(why == (int)want, "%s: skipped as %s, not %s", line,
		      why < 0 ? "nothing" : list_skip_name((enum list_skip)why),
		      list_skip_name(want));
}

START_TEST(hosts)
{
	static const enum list_format formats[] = { LIST_AUTO, LIST_HOSTS, LIST_ADBLOCK };

	for (size_t i = 0; i < 3; i++) {
		enum list_format f = formats[i];
		line_gives(f, "0.0.0.0 ads.example.com", "ads.example.com");
		line_gives(f, "127.0.0.1\tads.example.com", "ads.example.com");
		line_gives(f, "127.1.2.3 ads.example.com", "ads.example.com");
		line_gives(f, ":: ads.example.com", "ads.example.com");
		line_gives(f, "::1   ads.example.com", "ads.example.com");
		line_gives(f, "0.0.0.0 a.example.com b.example.com", "a.example.com b.example.com");
		line_gives(f, "  0.0.0.0 Ads.Example.COM.\r", "ads.example.com");
		line_gives(f, "0.0.0.0 ads.example.com # comment", "ads.example.com");
		line_gives(f, "0.0.0.0 ads.example.com#comment", "ads.example.com");
		line_gives(f, "0.0.0.0 ads.example.com  ## phishing", "ads.example.com");
		line_gives(f, "0.0.0.0 localhost ads.example.com", "ads.example.com");
		line_skipped(f, "192.168.1.7 nas.example.com", LIST_SKIP_REWRITE);
		line_skipped(f, "1.2.3.4 example.org", LIST_SKIP_REWRITE);
		line_skipped(f, "2001:db8::1 example.org", LIST_SKIP_REWRITE);
		line_skipped(f, "127.0.0.1 localhost", LIST_SKIP_LOCAL_NAME);
		line_skipped(f, "::1 localhost ip6-loopback", LIST_SKIP_LOCAL_NAME);
		line_skipped(f, "fe80::1%lo0 localhost", LIST_SKIP_LOCAL_NAME);
		line_skipped(f, "255.255.255.255 broadcasthost", LIST_SKIP_LOCAL_NAME);
		line_skipped(f, "0.0.0.0 0.0.0.0", LIST_SKIP_LOCAL_NAME);
		line_skipped(f, "0.0.0.0 bad..example.com", LIST_SKIP_BAD_NAME);
		line_gives(f, "0.0.0.0 chicago_ads.example.com", "|chicago_ads.example.com^");
		line_skipped(f, "127.0.0.1 example.org$badfilter", LIST_SKIP_BAD_NAME);
	}
	line_skipped(LIST_HOSTS, "example.com", LIST_SKIP_UNKNOWN);
	line_skipped(LIST_HOSTS, "||example.com^", LIST_SKIP_UNKNOWN);
	line_skipped(LIST_HOSTS, "0.0.0.0", LIST_SKIP_UNKNOWN);
	line_skipped(LIST_HOSTS, "0.0.0.0 # nothing", LIST_SKIP_UNKNOWN);
	line_skipped(LIST_AUTO, "0.0.0.0", LIST_SKIP_LOCAL_NAME);
	line_gives(LIST_AUTO, "1.2.3.4 # address", "1.2.3.4");
}
END_TEST

START_TEST(domains)
{
	static const enum list_format formats[] = { LIST_AUTO, LIST_DOMAINS, LIST_ADBLOCK };

	for (size_t i = 0; i < 3; i++) {
		enum list_format f = formats[i];
		line_gives(f, "ads.example.com", "ads.example.com");
		line_gives(f, "ADS.example.com.", "ads.example.com");
		line_gives(f, "ads.example.com # why", "ads.example.com");
		line_gives(f, "com", "com");
		line_gives(f, "192.0.2.1", "192.0.2.1");
		line_skipped(f, "localhost", LIST_SKIP_LOCAL_NAME);
		line_skipped(f, "\xd0\xbf\xff.example", LIST_SKIP_BAD_NAME);
		line_skipped(f, "", LIST_SKIP_BLANK);
		line_skipped(f, " \t\r", LIST_SKIP_BLANK);
		line_skipped(f, "# ads.example.com", LIST_SKIP_BLANK);
		line_skipped(f, "#", LIST_SKIP_BLANK);
		line_skipped(f, "## Section ##", LIST_SKIP_BLANK);
		line_skipped(f, "! ads.example.com", LIST_SKIP_BLANK);
		line_skipped(f, "[Adblock Plus 2.0]", LIST_SKIP_BLANK);
	}
	/* The name and all below in lists of domains; a mask in AdGuard's syntax, as everything
	 * is that is no host name. */
	line_gives(LIST_DOMAINS, "*.example.com", "||example.com^");
	line_gives(LIST_AUTO, "*.example.com", "*.example.com*");
	line_gives(LIST_DOMAINS, "under_score.example.com", "|under_score.example.com^");
	line_gives(LIST_AUTO, "under_score.example.com", "*under_score.example.com*");
	line_skipped(LIST_DOMAINS, "||example.com^", LIST_SKIP_BAD_NAME);
	line_skipped(LIST_DOMAINS, "@@example.com", LIST_SKIP_BAD_NAME);
	line_skipped(LIST_DOMAINS, "0.0.0.0 example.com", LIST_SKIP_BAD_NAME);
	line_skipped(LIST_DOMAINS, "two words", LIST_SKIP_BAD_NAME);
	line_gives(LIST_DOMAINS, "192.0.2.7.", "192.0.2.7");
}
END_TEST

START_TEST(adblock)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "||example.com^", "||example.com^" },
		{ "||Example.COM^", "||example.com^" },
		{ "||example.com", "||example.com" },
		{ "|example", "|example" },
		{ "example.com^", "example.com^" },
		{ "example.com|", "example.com^" },
		{ "||ads**.example.com^", "||ads*.example.com^" },
		{ "||example.*^", "||example." },
		{ "||*^", "||*^" },
		{ "||example.com^*", "||example.com^" },
		{ "-Analytics.", "*-analytics.*" },
		{ "||192.0.2.1^", "||192.0.2.1^ 192.0.2.1" },
		{ "/^Ads[0-9]+\\./", "/^Ads[0-9]+\\./" },
		{ "/banner/ads/", "/banner/ads/" },
		{ "/^a$$e/", "/^a$$e/" },
		{ "/a A 192.0.2.1 b/", "/a A 192.0.2.1 b/" },
		{ "@@/example/$important", "@@/example/$important" },
		{ "||a.com^$important", "||a.com^$important" },
		{ "a.com$important", "*a.com*$important" },
		{ "*$denyallow=com|NET", "||*^$denyallow=com|net" },
		{ "||a.com^$dnstype=~A|~Cname,client=10.0.0.7,important",
		  "||a.com^$important,client=10.0.0.7,dnstype=~a|~cname" },
		{ "||a.com^$client='Frank\\'s laptop'", "||a.com^$client=frank\\'s laptop" },
		{ "||a.com^$ctag=~device_tv", "||a.com^" },
		{ "||a.com^$dnsrewrite=1.2.3.4", "||a.com^$dnsrewrite=1.2.3.4" },
		{ "||a.com^$dnsrewrite=NOERROR;A;1.2.3.4", "||a.com^$dnsrewrite=1.2.3.4" },
		{ "||a.com^$dnsrewrite=NXDOMAIN;;", "||a.com^$dnsrewrite=NXDOMAIN" },
		{ "||a.com^$dnsrewrite=ABCD:0::1234", "||a.com^$dnsrewrite=abcd::1234" },
		{ "||a.com^$dnsrewrite=NOERROR;CNAME;B.com.", "||a.com^$dnsrewrite=b.com" },
		{ "||a.com^$dnsrewrite=NOERROR;MX;32 B.com", "||a.com^$dnsrewrite=mx;32 b.com" },
		{ "||a.com^$dnsrewrite=NOERROR;TXT;it\\'s,dnstype=TXT",
		  "||a.com^$dnsrewrite=txt;it\\'s,dnstype=txt" },
		{ "||a.com^$dnsrewrite=NOERROR;;,important",
		  "||a.com^$important,dnsrewrite=NOERROR" },
		{ "@@||a.com^$dnsrewrite", "@@||a.com^$dnsrewrite" },
		{ "@@||a.com^$dnsrewrite=,dnstype=A", "@@||a.com^$dnsrewrite,dnstype=a" },
		{ "@@||a.com^$dnsrewrite=1.2.3.4", "@@||a.com^$dnsrewrite=1.2.3.4" },
		{ "||example.com^|", "||example.com^" },
		{ "|*1|", "*1^" },
		{ "*1^", "*1^" },
		{ "|a*", "|a*" },
		{ "||example.com|", "||example.com^" },
		{ "||com^", "||com^" },
		{ "||*.example.com^", "*.example.com^" },
		{ "|example.com^", "example.com" },
		{ "|example.com|", "example.com" },
		{ "|*.example.com^", "*.example.com^" },
		{ "*.example.com^", "*.example.com^" },
		{ ".example.com^", "*.example.com^" },
		{ "@@||example.com^", "@@||example.com^" },
		{ "@@|example.com^", "@@|example.com^" },
		{ "@@example.com", "@@*example.com*" },
		{ "||example.com^\r", "||example.com^" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		line_gives(LIST_AUTO, cases[i].line, cases[i].want);
		line_gives(LIST_ADBLOCK, cases[i].line, cases[i].want);
	}
}
END_TEST

START_TEST(adblock_skipped)
{
	static const struct {
		const char *line;
		enum list_skip why;
	} cases[] = {
		{ "||example.com^$all", LIST_SKIP_MODIFIER },
		{ "||example.com^$important,third-party", LIST_SKIP_MODIFIER },
		{ "||example.com^$important,", LIST_SKIP_MODIFIER },
		{ "||example.com^$dnstype=BOGUS", LIST_SKIP_VALUE },
		{ "||example.com^$dnstype=", LIST_SKIP_VALUE },
		{ "||example.com^$dnstype", LIST_SKIP_VALUE },
		{ "||example.com^$dnstype=A|", LIST_SKIP_VALUE },
		{ "||example.com^$client=", LIST_SKIP_VALUE },
		{ "||example.com^$client=''", LIST_SKIP_VALUE },
		{ "||example.com^$denyallow=a b", LIST_SKIP_VALUE },
		{ "||example.com^$dnstype=A,dnstype=AAAA", LIST_SKIP_VALUE },
		{ "||example.com^$ctag=device_tv", LIST_SKIP_TAG },
		{ "||example.com^$ctag=device_spaceship", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite=", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite=NOERROR;A;", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite=NOERROR;A;::1", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite=NOERROR;AAAA;1.2.3.4", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite=A:NOERROR:1.2.3.4", LIST_SKIP_VALUE },
		{ "||example.com^$dnsrewrite=OFTEN;A;1.2.3.4", LIST_SKIP_VALUE },
		{ "||example.com^$", LIST_SKIP_PATTERN },
		{ "||example.com/path", LIST_SKIP_PATTERN },
		{ "||example.com/*", LIST_SKIP_PATTERN },
		{ "||example.com:8080^", LIST_SKIP_PATTERN },
		{ "||example^.com", LIST_SKIP_PATTERN },
		{ "://example.com", LIST_SKIP_PATTERN },
		{ "http://example.com", LIST_SKIP_PATTERN },
		{ "?ad=1", LIST_SKIP_PATTERN },
		{ "||exa mple.com^", LIST_SKIP_PATTERN },
		{ "||^", LIST_SKIP_PATTERN },
		{ "||", LIST_SKIP_WIDE },
		{ "@@", LIST_SKIP_WIDE },
		{ "^", LIST_SKIP_WIDE },
		{ "*", LIST_SKIP_WIDE },
		{ "*.", LIST_SKIP_WIDE },
		{ "/ads[/", LIST_SKIP_REGEX },
		{ "/(a)\\1/", LIST_SKIP_REGEX },
		{ "example.com##.banner", LIST_SKIP_COSMETIC },
		{ "##.banner", LIST_SKIP_COSMETIC },
		{ "#@#.banner", LIST_SKIP_COSMETIC },
		{ "example.com#@#.banner", LIST_SKIP_COSMETIC },
		{ "example.com#?#div:has(a)", LIST_SKIP_COSMETIC },
		{ "example.com#@?#div", LIST_SKIP_COSMETIC },
		{ "/^example\\d+$/##.banner", LIST_SKIP_COSMETIC },
		{ "example.com#%#window.ads = 0", LIST_SKIP_COSMETIC },
		{ "example.com$$script[data]", LIST_SKIP_COSMETIC },
		{ "example.com$@$script[data]", LIST_SKIP_COSMETIC },
		{ "~a.com,b.com##+js(set, x)", LIST_SKIP_COSMETIC },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		line_skipped(LIST_AUTO, cases[i].line, cases[i].why);
		line_skipped(LIST_ADBLOCK, cases[i].line, cases[i].why);
	}
}
END_TEST

START_TEST(resolvers)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "address=/ads.example/", "||ads.example^" },
		{ "address=/ads.example/#", "||ads.example^" },
		{ "address=/ads.example/0.0.0.0", "||ads.example^" },
		{ "address=/a.example/b.example/::", "||a.example^ ||b.example^" },
		{ "server=/ads.example/", "||ads.example^" },
		{ "local=/Ads.Example/ # why", "||ads.example^" },
		{ "local-zone: \"ads.example.\" always_null", "||ads.example^" },
		{ "  local-zone: 'ads.example' static # why", "||ads.example^" },
		{ "local-data: \"ads.example. 60 IN A 0.0.0.0\"", "ads.example" },
		{ "ads.example CNAME .", "ads.example" },
		{ "*.ads.example 60 IN CNAME .", "*.ads.example^" },
		{ "ok.example CNAME rpz-passthru.", "@@|ok.example^" },
		{ "ads.example A 127.0.0.1", "ads.example" },
		{ "full:www.ads.example @ads", "www.ads.example" },
		{ "domain:ads.example", "||ads.example^" },
		{ "keyword:netflix", "*netflix*" },
		{ "regexp:^ads?\\.", "/^ads?\\./" },
		{ "(^|\\.)ads\\.example$", "/(^|\\.)ads\\.example$/" },
		{ "^stats?[_.-]", "/^stats?[_.-]/" },
		{ "10.1.2.3/8", "10.0.0.0/8" },
		{ "2001:db8::/32 ; why", "2001:db8::/32" },
		{ "Some:thing:10.0.0.1-10.0.0.6", "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6" },
	};
	static const struct {
		const char *line;
		enum list_skip why;
	} skipped[] = {
		{ "server=/ads.example/192.0.2.1", LIST_SKIP_REWRITE },
		{ "address=/ads.example/192.0.2.1", LIST_SKIP_REWRITE },
		{ "address=/#/", LIST_SKIP_WIDE },
		{ "local-zone: \"lan.\" transparent", LIST_SKIP_REWRITE },
		{ "local-data: \"nas.example. A 192.0.2.1\"", LIST_SKIP_REWRITE },
		{ "ads.example CNAME other.example.", LIST_SKIP_REWRITE },
		{ "24.0.2.0.192.rpz-ip CNAME .", LIST_SKIP_UNKNOWN },
		{ "include:other", LIST_SKIP_INCLUDE },
		{ "regexp:", LIST_SKIP_WIDE },
		{ "0.0.0.0/0", LIST_SKIP_WIDE },
		{ "0.0.0.0-255.255.255.255", LIST_SKIP_WIDE },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		line_gives(LIST_AUTO, cases[i].line, cases[i].want);
	for (size_t i = 0; i < sizeof skipped / sizeof *skipped; i++)
		line_skipped(LIST_AUTO, skipped[i].line, skipped[i].why);
	line_gives(LIST_IP, "192.0.2.1\t12", "192.0.2.1");
	line_gives(LIST_IP, "@@192.0.2.0/28", "@@192.0.2.0/28");
	line_gives(LIST_AUTO, "@@192.0.2.64/26", "@@192.0.2.64/26");
	line_gives(LIST_AUTO, "@@192.0.2.1", "@@192.0.2.1");
	line_gives(LIST_ADBLOCK, "@@2001:db8::/32 # why", "@@2001:db8::/32");
	line_gives(LIST_ADBLOCK, "@@192.0.2.1-192.0.2.2", "@@192.0.2.1 @@192.0.2.2");
	line_skipped(LIST_AUTO, "@@192.0.2.64/33", LIST_SKIP_UNKNOWN);
	line_gives(LIST_V2FLY, "ads.example @ads # why", "||ads.example^");
}
END_TEST

START_TEST(skip_names_differ)
{
	for (int i = 0; i < LIST_SKIPS; i++) {
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(list_skip_name((enum list_skip)i),
					 list_skip_name((enum list_skip)j));
	}
	ck_assert_ptr_nonnull(list_skip_name(LIST_SKIPS));
}
END_TEST

static void well_formed(void *ctx, const struct rule *r)
{
	struct name again;

	++*(size_t *)ctx;
	if (r->match == RULE_PATTERN || r->match == RULE_REGEX) {
		ck_assert(r->text && *r->text && !r->name.len);
		return;
	}
	if (r->match == RULE_NETWORK) {
		ck_assert(r->net.base.family && !r->name.len);
		return;
	}
	ck_assert(name_from_text(r->name.text, r->name.len, &again));
	ck_assert(name_equal(&again, &r->name));
	ck_assert_ptr_null(strchr(r->name.text, '*'));
}

/* Any bytes at all, weighted to what lines are made of: an answer, and only good names. The
 * line is no string: its end is its length. */
START_TEST(any_bytes)
{
	static const char often[] = "ab.c-_*|^@$#/! \t01:%~\r[]\0\xff\xd0";
	uint32_t state = 7;
	size_t rules = 0;

	for (int i = 0; i < 200000; i++) {
		size_t n = (state >> 9) % 24;
		char *line = malloc(n ? n : 1);
		for (size_t j = 0; j < n; j++) {
			state = state * 1664525U + 1013904223U;
			line[j] = often[(state >> 8) % (sizeof often - 1)];
		}
		state = state * 1664525U + 1013904223U;
		size_t before = rules;
		int why = list_parse_line(line, n, (enum list_format)(i % LIST_DISCONNECT),
					  well_formed, &rules);
		ck_assert_int_ge(why, -1);
		ck_assert_int_lt(why, LIST_SKIPS);
		ck_assert_int_eq(why == -1, rules > before);
		free(line);
	}
	ck_assert_uint_gt(rules, 1000);
}
END_TEST

SUITE("classify/list_format", hosts, domains, adblock, adblock_skipped, resolvers,
      skip_names_differ, any_bytes)
