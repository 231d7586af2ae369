/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Clients that misbehave: half lines, endless lines, silence, and those that never read. */
#include "unit/control/peer.h"
#include "suite.h"

static void begin(void)
{
	peer_begin();
	peer_open();
}

START_TEST(test_no_newline)
{
	int fd = greeted(stats_path, "\n");
	char *bytes = malloc(65536);

	memset(bytes, 'x', 65536);
	say(fd, bytes, 65535);
	expect_silence(fd);
	say(fd, bytes, 1);
	expect_error(fd, "too_long");
	expect_closed(fd);
	ck_assert_uint_eq(counters().overlong, 1);
	ck_assert_uint_eq(counters().clients_now, 0);
	free(bytes);
	close(fd);
}
END_TEST

START_TEST(test_longest_line)
{
	int fd = greeted(stats_path, "\n");
	char *bytes = malloc(65536);

	memset(bytes, ' ', 65536);
	memcpy(bytes, "explain a.b", 11);
	bytes[65535] = '\n';
	say(fd, bytes, 65536);
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	free(bytes);
	close(fd);
}
END_TEST

START_TEST(test_megabytes_of_garbage)
{
	enum { BYTES = 1 << 20 };
	int fd = greeted(stats_path, "\n");
	char *bytes = malloc(BYTES);
	unsigned seed = 1;
	size_t at = 0;

	for (size_t i = 0; i < BYTES; i++)
		bytes[i] = (char)((seed = seed * 1103515245 + 12345) >> 16);
	/* Whoever sends this does not read: it blocks, or it is ended; nobody else notices. */
	for (int round = 0; round < 2000 && at < BYTES; round++) {
		ssize_t n = send(fd, bytes + at, BYTES - at, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			at += (size_t)n;
		else if (errno != EAGAIN)
			break;
		pump(0);
	}
	ck_assert_uint_gt(counters().bad_requests, 100);
	free(bytes);
	close(fd);
	fd = greeted(stats_path, "explain a.b\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	close(fd);
}
END_TEST

START_TEST(test_byte_by_byte)
{
	int fd = greeted(stats_path, "\n");
	const char *line = "{\"id\":1,\"cmd\":\"explain\",\"name\":\"a.b\"}\n";

	for (const char *at = line; *at; at++)
		say(fd, at, 1);
	expect(fd, "{\"id\":1,\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	close(fd);
}
END_TEST

START_TEST(test_many_lines_at_once)
{
	int fd = greeted(stats_path, "\n");

	for (int i = 0; i < 200; i++)
		says(fd, "explain a.b\n");
	for (int i = 0; i < 200; i++)
		expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	ck_assert_uint_eq(counters().requests, 200);
	close(fd);
}
END_TEST

/* Nobody else waits for all of what one client asks. */
START_TEST(test_a_round_is_short)
{
	int fd = greeted(stats_path, "\n"), rounds = 0;

	for (int i = 0; i < 200; i++)
		ck_assert_int_eq(send(fd, "explain a.b\n", 12, MSG_DONTWAIT), 12);
	while (counters().requests < 200 && rounds++ < 100) {
		uint64_t before = counters().requests;

		server_run(server, peer_now());
		ck_assert_uint_le(counters().requests - before, 32);
	}
	ck_assert_uint_eq(counters().requests, 200);
	close(fd);
}
END_TEST

START_TEST(test_half_line_when_the_clock_steps_back)
{
	int fd = greeted(stats_path, "\n");

	says(fd, "sta");
	clock_skew_ms -= 1000000;
	server_run(server, peer_now());
	clock_skew_ms += 6000;
	server_run(server, peer_now());
	expect_error(fd, "bad_request");
	expect_closed(fd);
	close(fd);
}
END_TEST

START_TEST(test_half_line_grows_old)
{
	int fd = greeted(stats_path, "\n");

	says(fd, "sta");
	clock_skew_ms += 4000;
	pump(10);
	says(fd, "t"); /* more of the same line makes it no younger */
	clock_skew_ms += 900;
	server_run(server, peer_now());
	expect_silence(fd);
	clock_skew_ms += 200;
	server_run(server, peer_now());
	expect_error(fd, "bad_request");
	expect_closed(fd);
	ck_assert_uint_eq(counters().idle, 1);
	close(fd);
}
END_TEST

/* The descriptor itself says when a half line is due: the caller needs no timer. */
START_TEST(test_half_line_wakes_the_server)
{
	int fd;

	server_close(server);
	options.idle_ms = 150;
	peer_open();
	fd = greeted(stats_path, "\n");
	says(fd, "sta");
	expect_error(fd, "bad_request");
	expect_closed(fd);
	close(fd);
}
END_TEST

START_TEST(test_quiet_clients_stay)
{
	int fd = greeted(stats_path, "\n");

	clock_skew_ms += 1000000;
	server_run(server, peer_now());
	expect_silence(fd);
	clock_skew_ms -= 2000000; /* the clock is set back */
	says(fd, "explain a.b\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	close(fd);
	fd = peer_connect(stats_path);
	ck_assert_ptr_nonnull(next_line(fd));
	close(fd);
}
END_TEST

START_TEST(test_ends_after_the_answers)
{
	int fd = greeted(stats_path, "explain a.b\n");

	shutdown(fd, SHUT_WR);
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	expect_closed(fd);
	close(fd);
	/* All at once, as `echo flows | nc -U -N` sends it. */
	world.flows = 3000;
	fd = peer_connect(stats_path);
	ck_assert_int_eq(send(fd, "flows\n", 6, 0), 6);
	shutdown(fd, SHUT_WR);
	expect_part(fd, "hello");
	for (int i = 0; i < 3000; i++)
		expect_part(fd, "\"more\":true");
	expect(fd, "{\"ok\":true,\"more\":false}");
	expect_closed(fd);
	close(fd);
}
END_TEST

START_TEST(test_nothing_said)
{
	int fd = peer_connect(stats_path);

	shutdown(fd, SHUT_WR);
	expect_part(fd, "hello");
	expect_closed(fd);
	close(fd);
}
END_TEST

/* "pause 6" may be what arrived of "pause 600". */
START_TEST(test_cut_off_request)
{
	int fd = peer_connect(control_path);

	ck_assert_int_eq(send(fd, "pause 6", 7, 0), 7);
	shutdown(fd, SHUT_WR);
	expect_part(fd, "hello");
	expect_error(fd, "bad_request");
	expect_closed(fd);
	ck_assert_int_eq(world.pauses, 0);
	close(fd);
}
END_TEST

START_TEST(test_gone_at_once)
{
	for (int i = 0; i < 20; i++) {
		int fd = peer_connect(control_path);

		ck_assert_int_eq(send(fd, "pause 60\n", 9, 0), 9);
		close(fd);
		pump(10);
	}
	/* Nobody waited for the answer, but it was said in full. */
	ck_assert_int_eq(world.pauses, 20);
	for (int i = 0; i < 20; i++) {
		close(peer_connect(stats_path));
		pump(10);
	}
	pump(10);
	ck_assert_uint_eq(counters().clients_now, 0);
	ck_assert_uint_eq(counters().clients, 40);
}
END_TEST

/* Reads one answer to `flows`. */
static size_t drop_answer(int fd)
{
	const char *line;

	while ((line = next_line(fd)) && strstr(line, "\"more\":true"))
		;
	ck_assert_ptr_nonnull(line);
	ck_assert(!strncmp(line, "{\"ok\":true,\"more\":false", 23));
	return 1;
}

/* Requests of a client that does not read are left where they are. */
START_TEST(test_never_reads)
{
	int fd = greeted(stats_path, "\n"), other;
	size_t asked = 0;

	world.flows = 50;
	world.flow_bytes = 400;
	for (int i = 0; i < 3000; i++) {
		ssize_t n = send(fd, "flows\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);

		asked += n == 6;
		pump(0);
	}
	ck_assert_uint_ge(asked, 100);
	ck_assert_uint_lt(counters().requests, 50);
	other = greeted(stats_path, "stats\n");
	expect_part(other, "\"waiting\":1");
	close(other);
	/* Half a line behind it does not grow old as long as nobody looks at it. */
	while (send(fd, "explain a", 9, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		asked -= drop_answer(fd);
	clock_skew_ms += 100000;
	pump(10);
	ck_assert_uint_eq(counters().clients_now, 1);
	/* It reads after all: everything is answered, in order. */
	while (asked)
		asked -= drop_answer(fd);
	says(fd, ".b\n");
	expect_part(fd, "\"name\":\"a.b\"");
	close(fd);
}
END_TEST

START_TEST(test_half_line_behind_a_large_answer)
{
	int fd = greeted(stats_path, "\n");

	world.metrics_bytes = 500000;
	says(fd, "metrics\nexplain a");
	pump(10);
	clock_skew_ms += 100000;
	ck_assert_uint_gt(strlen(next_line(fd)), 500000);
	says(fd, ".b\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	close(fd);
}
END_TEST

START_TEST(test_closing_one_that_never_reads)
{
	int fd = greeted(stats_path, "\n");
	char *bytes = calloc(1, 65536);

	world.metrics_bytes = 400000;
	says(fd, "metrics\n");
	pump(10);
	ck_assert_uint_eq(counters().clients_now, 1);
	shutdown(fd, SHUT_WR);
	pump(10);
	close(fd);
	pump(10);
	ck_assert_uint_eq(counters().clients_now, 0);
	free(bytes);
}
END_TEST

START_TEST(test_http)
{
	static const char head[] = "HTTP/1.0 200 OK\r";
	int fd = peer_connect(stats_path);
	char length[64];

	world.metrics_bytes = 300000;
	says(fd, "GET /metrics HTTP/1.1\r\nHost: tacet\r\nAccept: */*\r\n\r\n");
	expect(fd, head);
	expect(fd, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r");
	snprintf(length, sizeof(length), "%s", next_line(fd));
	expect(fd, "Connection: close\r");
	expect(fd, "\r");
	expect(fd, "# TYPE tacet_flows_total counter");
	expect(fd, "tacet_flows_total 12");
	ck_assert_int_eq(strncmp(length, "Content-Length: 30", 18), 0);
	while (next_line(fd))
		;
	close(fd);
	fd = peer_connect(stats_path);
	says(fd, "GE");
	pump(10);
	says(fd, "T /metrics?x=1 HTTP/1.0\n\n");
	expect(fd, head);
	close(fd);
}
END_TEST

START_TEST(test_http_failures)
{
	int fd = peer_connect(stats_path);

	says(fd, "GET / HTTP/1.1\r\n\r\n");
	expect(fd, "HTTP/1.0 404 Not Found\r");
	close(fd);
	world.fail = -ENOMEM;
	fd = peer_connect(stats_path);
	says(fd, "GET /metrics HTTP/1.1\r\n\r\n");
	expect(fd, "HTTP/1.0 500 Internal Server Error\r");
	close(fd);
	/* Only the first line of a connection may be HTTP. */
	fd = greeted(stats_path, "\n");
	says(fd, "GET /metrics HTTP/1.1\n");
	expect_error(fd, "unknown_command");
	close(fd);
	/* Header fields without end. */
	fd = peer_connect(stats_path);
	says(fd, "GET /metrics HTTP/1.1\r\n");
	for (int i = 0; i < 6; i++) {
		clock_skew_ms += 1000;
		send(fd, "X: y\r\n", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
		server_run(server, peer_now());
	}
	expect_closed(fd);
	ck_assert_uint_eq(counters().idle, 1);
	close(fd);
	/* And one that ends before the empty line. */
	fd = peer_connect(stats_path);
	says(fd, "GET /metrics HTTP/1.1\r\n");
	shutdown(fd, SHUT_WR);
	expect_closed(fd);
	close(fd);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, peer_end);
	tcase_add_test(t, test_no_newline);
	tcase_add_test(t, test_longest_line);
	tcase_add_test(t, test_megabytes_of_garbage);
	tcase_add_test(t, test_byte_by_byte);
	tcase_add_test(t, test_many_lines_at_once);
	tcase_add_test(t, test_a_round_is_short);
	tcase_add_test(t, test_half_line_when_the_clock_steps_back);
	tcase_add_test(t, test_half_line_grows_old);
	tcase_add_test(t, test_half_line_wakes_the_server);
	tcase_add_test(t, test_quiet_clients_stay);
	tcase_add_test(t, test_ends_after_the_answers);
	tcase_add_test(t, test_nothing_said);
	tcase_add_test(t, test_cut_off_request);
	tcase_add_test(t, test_gone_at_once);
	tcase_add_test(t, test_never_reads);
	tcase_add_test(t, test_half_line_behind_a_large_answer);
	tcase_add_test(t, test_closing_one_that_never_reads);
	tcase_add_test(t, test_http);
	tcase_add_test(t, test_http_failures);
	return suite_end(t, "control/client");
}
