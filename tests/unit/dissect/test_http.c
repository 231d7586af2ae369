/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1 request heads: where the host comes from, what is refused, and how early. */
#include "dissect/http.h"

#include <stdio.h>
#include <stdlib.h>

#include "suite.h"
#include "unit/dissect/craft.h"

static struct http_head head;
static struct craft wire;

static enum outcome parse_n(const void *p, size_t n)
{
	struct reader r = reader_prefix(p, n);

	memset(&head, 0x77, sizeof(head));
	return http_request_host(&r, &head);
}

static enum outcome parse(const char *text)
{
	return parse_n(text, strlen(text));
}

static void check_host(const char *text, const char *host, uint16_t port)
{
	ck_assert_msg(parse(text) == OUTCOME_FOUND, "%s", text);
	ck_assert_str_eq(head.host.text, host);
	ck_assert_uint_eq(head.host.len, strlen(host));
	ck_assert_uint_eq(head.port, port);
}

/* Every cut says MORE or what the whole says. */
static void check_cuts(const void *p, size_t n)
{
	enum outcome last = parse_n(p, n), o;
	struct name name = head.host;

	for (size_t cut = 0; cut < n; cut++) {
		o = parse_n(p, cut);
		if (o == OUTCOME_MORE)
			continue;
		ck_assert_msg(o == last, "cut %zu of %zu: %d, whole %d", cut, n, o, last);
		if (o == OUTCOME_FOUND)
			ck_assert(name_equal(&head.host, &name));
	}
}

START_TEST(host_field)
{
	check_host("GET / HTTP/1.1\r\nHost: example.com\r\n\r\n", "example.com", 0);
	check_host("GET / HTTP/1.1\r\nAccept: */*\r\nhOsT:Logs.Example.COM:8080\r\n\r\n",
		   "logs.example.com", 8080);
	check_host("POST /x?y HTTP/1.0\nHOST: \t a.example. \t\nX: y\n\n", "a.example", 0);
	check_host("GET /a b c HTTP/1.1\r\nHost: spaces.example\r\n\r\n", "spaces.example", 0);
	check_host("M-SEARCH * HTTP/1.1\r\nHost : 192.0.2.1:1900\r\n\r\n", "192.0.2.1", 1900);
	check_host("GET / HTTP/1.1\r\nHost: x.example:\r\n\r\n", "x.example", 0);
	check_host("\r\nGET / HTTP/1.1\r\nHost: x.example\r\n\r\n", "x.example", 0);
	check_host("\nGET / HTTP/1.1\r\nHost: x.example\r\n\r\n", "x.example", 0);
	check_host("GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x.example\r\n\r\n", "x.example", 0);
	check_host("GET HTTP/1.1\r\nHost: x.example\r\n\r\n", "x.example", 0);
	ck_assert(!head.is_connect);
}
END_TEST

START_TEST(address_literals)
{
	check_host("GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n", "10.0.0.1", 0);
	check_host("GET / HTTP/1.1\r\nHost: [2001:DB8::1]:81\r\n\r\n", "2001:db8::1", 81);
	check_host("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", "::1", 0);
}
END_TEST

START_TEST(target_wins_over_host)
{
	check_host("GET http://proxy.example:81/x HTTP/1.1\r\nHost: other.example\r\n\r\n",
		   "proxy.example", 81);
	check_host("GET http://user:pw@proxy.example?q HTTP/1.1\r\n", "proxy.example", 0);
	check_host("GET https://proxy.example HTTP/1.1\r\n", "proxy.example", 0);
	check_host("GET http://[2001:db8::2]:8/ HTTP/1.1\r\n", "2001:db8::2", 8);
	/* A path that contains a URL is still a path; an empty authority gives way. */
	check_host("GET /http://inner.example/ HTTP/1.1\r\nHost: x.example\r\n\r\n", "x.example",
		   0);
	check_host("GET http:///x HTTP/1.1\r\nHost: x.example\r\n\r\n", "x.example", 0);
}
END_TEST

START_TEST(connect)
{
	check_host("CONNECT tunnel.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
		   "tunnel.example", 443);
	ck_assert(head.is_connect);
	check_host("CONNECT [2001:db8::3]:443 HTTP/1.1\r\n", "2001:db8::3", 443);
	check_host("CONNECT /x HTTP/1.1\r\nHost: other.example\r\n\r\n", "other.example", 0);
	ck_assert(head.is_connect);
}
END_TEST

START_TEST(folded_fields)
{
	check_host("GET / HTTP/1.1\r\nHost:\r\n\tfolded.example\r\n\r\n", "folded.example", 0);
	check_host("GET / HTTP/1.1\r\nHost: f.example\r\n  \r\nX: y\r\n\r\n", "f.example", 0);
	check_host("GET / HTTP/1.1\r\nX: y\r\n Host: wrong.example\r\nHost: r.example\r\n\r\n",
		   "r.example", 0);
	ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: a.example\r\n b\r\n\r\n"), OUTCOME_ABSENT);
	/* The next line could continue the field: its first byte decides. */
	ck_assert_int_eq(parse("GET / HTTP/1.1\r\nHost: a.example\r\n"), OUTCOME_MORE);
	check_host("GET / HTTP/1.1\r\nHost: a.example\r\n\r", "a.example", 0);
}
END_TEST

START_TEST(whole_stream_ends_behind_host)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a.example\r\n";
	struct reader r = reader_whole(text, sizeof(text) - 1);

	ck_assert_int_eq(http_request_host(&r, &head), OUTCOME_FOUND);
	ck_assert_str_eq(head.host.text, "a.example");
	r = reader_whole(text, sizeof(text) - 2);
	ck_assert_int_eq(http_request_host(&r, &head), OUTCOME_MALFORMED);
}
END_TEST

START_TEST(absent)
{
	static const char *const heads[] = {
		"GET / HTTP/1.0\r\n\r\n",
		"GET / HTTP/1.1\r\nX: y\r\nno colon here\r\n\r\nHost: body.example\r\n",
		"GET / HTTP/1.1\r\nHost:\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: \r\nX: y\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: two names\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example:80x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a.example:65536\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: :80\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: 2001:db8::1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: [2001:db8::1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: [192.0.2.1]\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: [::1]x:80\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: user@a.example\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		ck_assert_msg(parse(heads[i]) == OUTCOME_ABSENT, "%s", heads[i]);
		ck_assert_uint_eq(head.port, 0x7777);
	}
}
END_TEST

START_TEST(refused_early)
{
	static const char *const starts[] = {
		"\x16\x03\x01",
		"HTTP/1.1 200 OK\r\n",
		"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
		"220 mail.example ESMTP\r\n",
		"EHLO example\r\n",
		"FETCH /\r\n",
		"FETCH / HTTP/2.0\r\n",
		"FETCH / HTTP/1.\r\n",
		"FETCH / HTTP/1.x\r\n",
		"FETCH / HTTP/1.10\r\n",
		"FETCH / http/1.1\r\n",
		"FETCH\r",
		"get / HTTP/1.\r\n",
		"GETS\n",
		"OPTIONS sip:a@b SIP/2.0\r\n",
		"OPTIONS * RTSP/1.0\r\n",
		"PRI * HTTP/2.0\r\n",
		" GET",
		"\r\n\r\n",
		"\rG",
		"GET /\t",
		"GET /\x7f",
		"GET /\rx",
		"G(T",
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDEF",
	};

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++) {
		ck_assert_msg(parse(starts[i]) == OUTCOME_MALFORMED, "%s", starts[i]);
		check_cuts(starts[i], strlen(starts[i]));
	}
	ck_assert_int_eq(parse_n("GET /\0", 6), OUTCOME_MALFORMED);
	ck_assert_int_eq(parse("ABCDEFGHIJKLMNOPQRSTUVWXYZ-ABCDE"), OUTCOME_MORE);
	ck_assert_int_eq(parse("GET /\r"), OUTCOME_MORE);
	ck_assert_int_eq(parse("\r"), OUTCOME_MORE);
	ck_assert_int_eq(parse(""), OUTCOME_MORE);
}
END_TEST

START_TEST(a_usual_method_vouches_for_a_broken_line)
{
	static const char *const lines[] = {
		"GET /",
		"GET / HTTP/1.",
		"GET /HTTP/1.1",
		"GET / HTTP/1.x",
		"GET / http/1.1",
		"GET / HTTP/2.0",
		"OPTIONS",
		"CONNECT / HTTP/1.",
		"CCM_POST / HTTP/1",
		"HEAD /a/RTSP/1.0x y",
		"POST / HTTP",
		"PUT",
	};
	char text[80];

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		snprintf(text, sizeof(text), "%s\r\nHost: a.example\r\n\r\n", lines[i]);
		check_host(text, "a.example", 0);
		check_cuts(text, strlen(text));
	}
	check_host("GET http://b.example/\nHost: a.example\n\n", "b.example", 0);
}
END_TEST

START_TEST(the_end_of_a_head)
{
	static const char text[] = "\r\nCONNECT a:1 HTTP/1.1\r\nX: y\r\n\r\nrest";
	struct reader r;

	for (size_t n = 0; n < sizeof(text); n++) {
		bool whole = n >= sizeof(text) - 5;

		r = reader_prefix(text, n);
		ck_assert_int_eq(http_skip_head(&r), whole ? OUTCOME_FOUND : OUTCOME_MORE);
		if (whole)
			ck_assert_ptr_eq(r.at, text + sizeof(text) - 5);
	}
	r = reader_whole("GET /x", 6);
	ck_assert(http_begins_request(&r));
	r = reader_prefix("GET", 3);
	ck_assert(!http_begins_request(&r));
	r = reader_whole("SEND /x", 7);
	ck_assert(!http_begins_request(&r));
}
END_TEST

START_TEST(long_targets_and_heads)
{
	wire.n = 0;
	put_text(&wire, "GET /");
	put_fill(&wire, 'a', 20000);
	put_text(&wire, " HTTP/1.1\r\nCookie: ");
	put_fill(&wire, 'b', 30000);
	put_text(&wire, "\r\nHost: long.example\r\n\r\n");
	ck_assert_int_eq(parse_n(wire.at, wire.n), OUTCOME_FOUND);
	ck_assert_str_eq(head.host.text, "long.example");

	/* Host ends exactly at the bound, then one byte behind it. */
	for (size_t over = 0; over < 2; over++) {
		wire.n = 0;
		put_text(&wire, "GET / HTTP/1.1\r\nX: ");
		put_fill(&wire, 'x', HTTP_HEAD_MAX + over - wire.n - 15);
		put_text(&wire, "\r\nHost: l.com\r\n");
		ck_assert_uint_eq(wire.n, HTTP_HEAD_MAX + over);
		put_text(&wire, "\r\n");
		ck_assert_int_eq(parse_n(wire.at, wire.n),
				 over ? OUTCOME_MALFORMED : OUTCOME_FOUND);
		ck_assert_int_eq(parse_n(wire.at, HTTP_HEAD_MAX - 1), OUTCOME_MORE);
	}
	/* A line that never ends. */
	wire.n = 0;
	put_text(&wire, "GET /");
	put_fill(&wire, 'a', HTTP_HEAD_MAX);
	ck_assert_int_eq(parse_n(wire.at, HTTP_HEAD_MAX - 1), OUTCOME_MORE);
	ck_assert_int_eq(parse_n(wire.at, wire.n), OUTCOME_MALFORMED);
}
END_TEST

static const char *const samples[] = {
	"GET / HTTP/1.1\r\nHost: example.com\r\nAccept: */*\r\n\r\n",
	"POST /beacon?x=1 HTTP/1.1\r\nX: y\r\n folded\r\nHost:\r\n t.example:8443 \r\n\r\nbody",
	"CONNECT tunnel.example:443 HTTP/1.1\r\n\r\n",
	"GET http://u@p.example:80/ HTTP/1.1\r\nHost: q.example\r\n\r\n",
	"HEAD / HTTP/1.0\r\nUser-Agent: tv\r\n\r\nHost: no.example\r\n",
	"GET / HTTP/1.1\nHost: [2001:db8::1]:8080\n\n",
	"\r\nGET * HTTP/1.1\r\nHost: 10.1.2.3\r\n\r\n",
};

START_TEST(mutations_keep_their_answer)
{
	uint32_t seed = 0x417b;
	int outcomes[4] = { 0 };

	for (int round = 0; round < 6000; round++) {
		const char *text = samples[round % 7];

		if (round < 7)
			check_cuts(text, strlen(text));
		wire.n = 0;
		put_text(&wire, text);
		mutate(&wire, &seed);
		outcomes[parse_n(wire.at, wire.n)]++;
		check_cuts(wire.at, wire.n);
	}
	for (int i = 0; i < 4; i++)
		ck_assert_msg(outcomes[i] > 0, "outcome %d never seen", i);
}
END_TEST

SUITE("dissect/http", host_field, address_literals, target_wins_over_host, connect, folded_fields,
      whole_stream_ends_behind_host, absent, refused_early,
      a_usual_method_vouches_for_a_broken_line, the_end_of_a_head, long_targets_and_heads,
      mutations_keep_their_answer)
