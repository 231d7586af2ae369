/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Watchers, slow ones too, and the limits of the whole server. */
#include <sys/resource.h>

#include "unit/control/peer.h"
#include "suite.h"

static const struct server_event flow_event = {
	.type = "flow",
	.verdict = "block",
	.device = "tv",
	.app = "netflix",
	.name = "logs.netflix.com",
	.role = "telemetry",
};
static const struct server_event dns_event = {
	.type = "dns",
	.verdict = "allow",
	.name = "example.com",
};

static void begin(void)
{
	peer_begin();
	peer_open();
}

static int watcher(const char *request)
{
	int fd = greeted(stats_path, request);

	expect(fd, "{\"ok\":true}");
	return fd;
}

START_TEST(test_events)
{
	int fd;

	ck_assert(!server_has_watchers(server));
	fd = greeted(stats_path, "\n");
	ck_assert(!server_has_watchers(server));
	publish(&flow_event, "{\"type\":\"flow\",\"n\":0}");
	says(fd, "watch\n");
	expect(fd, "{\"ok\":true}");
	ck_assert(server_has_watchers(server));
	publish(&flow_event, "{\"type\":\"flow\",\"n\":1}");
	publish(&dns_event, "{}");
	expect(fd, "{\"seq\":2,\"type\":\"flow\",\"n\":1}");
	expect(fd, "{\"seq\":3}");
	/* Requests go on beside the events. */
	says(fd, "{\"id\":1,\"cmd\":\"explain\",\"name\":\"a.b\"}\n");
	publish(&flow_event, "{\"n\":2}");
	expect(fd, "{\"id\":1,\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	expect(fd, "{\"seq\":4,\"n\":2}");
	ck_assert_uint_eq(counters().events, 4);
	ck_assert_uint_eq(counters().events_lost, 0);
	ck_assert_uint_eq(counters().watchers_now, 1);
	close(fd);
	pump(10);
	ck_assert(!server_has_watchers(server));
	ck_assert_uint_eq(counters().watchers_now, 0);
}
END_TEST

START_TEST(test_filters_over_the_socket)
{
	int all = watcher("watch\n");
	int dns = watcher("watch type=dns\n");
	int netflix = watcher("{\"cmd\":\"watch\",\"filter\":{\"name\":\"netflix.com\"}}\n");

	publish(&flow_event, "{\"n\":1}");
	publish(&dns_event, "{\"n\":2}");
	expect(all, "{\"seq\":1,\"n\":1}");
	expect(all, "{\"seq\":2,\"n\":2}");
	expect(dns, "{\"seq\":2,\"n\":2}");
	expect(netflix, "{\"seq\":1,\"n\":1}");
	expect_silence(dns);
	expect_silence(netflix);
	/* A second watch takes the place of the first. */
	says(netflix, "watch type=dns\n");
	expect(netflix, "{\"ok\":true}");
	publish(&flow_event, "{\"n\":3}");
	publish(&dns_event, "{\"n\":4}");
	expect(netflix, "{\"seq\":4,\"n\":4}");
	/* A bad one changes nothing. */
	says(netflix, "watch type=cow\n");
	expect_error(netflix, "bad_argument");
	publish(&dns_event, "{\"n\":5}");
	expect(netflix, "{\"seq\":5,\"n\":5}");
	close(all);
	close(dns);
	close(netflix);
}
END_TEST

START_TEST(test_state_in_the_middle_of_a_request)
{
	int fd = greeted(control_path, "watch\n");

	expect(fd, "{\"ok\":true}");
	says(fd, "pause 5\n");
	expect(fd, "{\"seq\":1,\"type\":\"state\",\"now\":\"paused\"}");
	expect(fd, "{\"ok\":true,\"data\":{\"now\":\"paused\"}}");
	close(fd);
}
END_TEST

/* Reads on until a number of events and losses is accounted for. */
static void account(int fd, unsigned published, unsigned *seen, unsigned *lost)
{
	unsigned long long seq, count, before = 0;

	*seen = *lost = 0;
	while (*seen + *lost < published) {
		const char *line = next_line(fd);

		ck_assert_ptr_nonnull(line);
		if (sscanf(line, "{\"seq\":%llu,\"type\":\"lost\",\"count\":%llu}", &seq, &count) ==
		    2)
			*lost += (unsigned)count;
		else if (sscanf(line, "{\"seq\":%llu,\"pad\"", &seq) == 1)
			(*seen)++;
		else
			ck_abort_msg("neither event nor loss: %s", line);
		ck_assert_uint_gt(seq, before);
		/* Whatever is missing up to here was told before. */
		ck_assert_uint_eq(seq, *seen + *lost);
		before = seq;
	}
}

static void publish_padded(unsigned n)
{
	char line[600];

	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "{\"pad\":\"%0500u\"}", i);
		publish(&flow_event, line);
		if (i % 50 == 0)
			pump(0);
	}
}

START_TEST(test_slow_watcher)
{
	int slow = watcher("watch\n"), quick = watcher("watch\n");
	unsigned seen, lost;

	for (int i = 0; i < 40; i++) {
		publish_padded(50);
		for (int k = 0; k < 50; k++)
			expect_part(quick, "\"pad\"");
	}
	ck_assert_uint_gt(counters().events_lost, 100);
	ck_assert_uint_lt(counters().events_lost, 2000);
	account(slow, 2000, &seen, &lost);
	ck_assert_uint_eq(lost, counters().events_lost);
	/* Told once; from here on nothing is missing. */
	publish(&flow_event, "{\"pad\":1}");
	expect(slow, "{\"seq\":2001,\"pad\":1}");
	expect(quick, "{\"seq\":2001,\"pad\":1}");
	expect_silence(slow);
	close(slow);
	close(quick);
}
END_TEST

/* More than the buffer holds in one go, with no look at the sockets in between: what the socket
 * takes is room. */
START_TEST(test_burst)
{
	int fd = watcher("watch\n");
	unsigned n = (unsigned)(options.max_buffer / 515 * 5 / 4);
	char line[600];

	for (unsigned i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "{\"pad\":\"%0500u\"}", i);
		publish(&flow_event, line);
	}
	ck_assert_uint_eq(counters().events_lost, 0);
	for (unsigned i = 0; i < n; i++)
		expect_part(fd, "\"pad\"");
	close(fd);
}
END_TEST

/* In fits and starts: losses and events stay in order, and the sum is right at every point. */
START_TEST(test_fitful_watcher)
{
	int fd = watcher("watch\n");
	unsigned published = 0, accounted = 0, lost = 0;
	unsigned long long seq, count;

	for (unsigned round = 1; round < 40; round++) {
		publish_padded(60 * (round % 7));
		published += 60 * (round % 7);
		for (unsigned k = 0; k < 31 * (round % 5) && accounted < published; k++) {
			const char *line = next_line(fd);

			if (sscanf(line, "{\"seq\":%llu,\"type\":\"lost\",\"count\":%llu}", &seq,
				   &count) == 2) {
				accounted += (unsigned)count;
				lost += (unsigned)count;
			} else {
				ck_assert_int_eq(sscanf(line, "{\"seq\":%llu,", &seq), 1);
				accounted++;
			}
			ck_assert_uint_eq(seq, accounted);
		}
	}
	ck_assert_uint_gt(lost, 0);
	close(fd);
}
END_TEST

START_TEST(test_event_that_no_line_holds)
{
	struct text t = { 0 };
	int fd = watcher("watch\n");

	text_printf(&t, "{\"pad\":\"%070000d\"}", 0);
	server_publish(server, &flow_event, &t);
	text_done(&t);
	t = (struct text){ .failed = true };
	server_publish(server, &flow_event, &t);
	publish(&flow_event, "{\"n\":1}");
	expect(fd, "{\"seq\":2,\"type\":\"lost\",\"count\":2}");
	expect(fd, "{\"seq\":3,\"n\":1}");
	ck_assert_uint_eq(counters().events_lost, 2);
	close(fd);
}
END_TEST

/* `echo watch | nc -U` stops talking and goes on listening. */
START_TEST(test_watcher_that_only_listens)
{
	int fd = watcher("watch\n");

	shutdown(fd, SHUT_WR);
	expect_silence(fd);
	publish(&flow_event, "{\"n\":1}");
	expect(fd, "{\"seq\":1,\"n\":1}");
	close(fd);
	pump(10);
	ck_assert_uint_eq(counters().clients_now, 0);
}
END_TEST

START_TEST(test_watcher_gone)
{
	int fd = watcher("watch\n");

	publish_padded(300);
	close(fd);
	publish_padded(300);
	pump(10);
	publish_padded(10);
	ck_assert_uint_eq(counters().clients_now, 0);
}
END_TEST

START_TEST(test_too_many_clients)
{
	int fds[4], more;

	for (int i = 0; i < 4; i++)
		fds[i] = greeted(stats_path, "\n");
	for (int i = 0; i < 3; i++) {
		more = peer_connect(stats_path);
		expect(more,
		       "{\"ok\":false,\"error\":{\"key\":\"too_many_clients\",\"message\":\"too "
		       "many clients are connected\",\"hint\":\"try again later, or raise "
		       "clients in [sockets] of tacet.conf\"}}");
		expect_closed(more);
		close(more);
	}
	ck_assert_uint_eq(counters().refused, 3);
	ck_assert_uint_eq(counters().clients_now, 4);
	/* The other socket has a limit of its own. */
	more = greeted(control_path, "\n");
	close(more);
	close(fds[2]);
	pump(10);
	fds[2] = greeted(stats_path, "\n");
	for (int i = 0; i < 4; i++)
		close(fds[i]);
}
END_TEST

START_TEST(test_out_of_descriptors)
{
	struct rlimit was, now;
	int fd = greeted(stats_path, "\n"), more = peer_connect(stats_path), rounds = 0;
	struct pollfd p = { .fd = server_fd(server), .events = POLLIN };

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	now = was;
	now.rlim_cur = (rlim_t)more + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
	/* The connection stays readable; that must not keep the server awake. */
	while (poll(&p, 1, 100) > 0 && rounds++ < 100)
		server_run(server, peer_now());
	ck_assert_int_lt(rounds, 5);
	says(fd, "explain a.b\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	/* Accepted within the second, without anybody asking. */
	expect_part(more, "hello");
	close(more);
	close(fd);
}
END_TEST

START_TEST(test_descriptors_come_back_with_a_client)
{
	struct rlimit was, now;
	int fd = greeted(stats_path, "\n"), more = peer_connect(stats_path);
	int64_t start = peer_now();

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &was), 0);
	now = was;
	now.rlim_cur = (rlim_t)more + 1;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &now), 0);
	pump(10);
	close(fd);
	expect_part(more, "hello");
	ck_assert_int_lt(peer_now() - start, 900);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &was), 0);
	close(more);
}
END_TEST

START_TEST(test_who_looks_on)
{
	struct text t = { 0 };
	int fd = watcher("watch\n");
	char wanted[200];

	json_array_begin(&t, NULL);
	server_clients_json(server, &t);
	json_array_end(&t);
	snprintf(wanted, sizeof(wanted),
		 "[{\"socket\":\"stats\",\"pid\":%d,\"uid\":%u,\"watching\":true,\"lost\":0,"
		 "\"waiting\":0}]",
		 (int)getpid(), (unsigned)getuid());
	ck_assert_str_eq(t.at, wanted);
	text_done(&t);
	close(fd);
}
END_TEST

START_TEST(test_defaults)
{
	int fd;

	server_close(server);
	options = (struct server_options){ .stats_path = stats_path };
	peer_open();
	fd = greeted(stats_path, "explain a.b\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	says(fd, "pause\n");
	expect_part(fd, "\"hint\":\"there is no control socket\"");
	close(fd);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, peer_end);
	tcase_add_test(t, test_events);
	tcase_add_test(t, test_filters_over_the_socket);
	tcase_add_test(t, test_state_in_the_middle_of_a_request);
	tcase_add_test(t, test_slow_watcher);
	tcase_add_test(t, test_burst);
	tcase_add_test(t, test_fitful_watcher);
	tcase_add_test(t, test_event_that_no_line_holds);
	tcase_add_test(t, test_watcher_that_only_listens);
	tcase_add_test(t, test_watcher_gone);
	tcase_add_test(t, test_too_many_clients);
	tcase_add_test(t, test_out_of_descriptors);
	tcase_add_test(t, test_descriptors_come_back_with_a_client);
	tcase_add_test(t, test_who_looks_on);
	tcase_add_test(t, test_defaults);
	return suite_end(t, "control/server");
}
