/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and answers over a real socket: what tacet-stats(7) promises. */
#include "unit/control/peer.h"
#include "suite.h"

static void begin(void)
{
	peer_begin();
	peer_open();
}

START_TEST(test_greeting)
{
	int fd = peer_connect(stats_path);

	/* Nothing was said: the greeting comes all the same. */
	expect(fd, "{\"type\":\"hello\",\"tacet\":\"" TACET_VERSION
		   "\",\"proto\":1,\"socket\":\"stats\",\"mode\":\"enforce\"}");
	says(fd, "hello\n");
	expect(fd, "{\"ok\":true,\"data\":{\"tacet\":\"" TACET_VERSION
		   "\",\"proto\":1,\"socket\":\"stats\",\"mode\":\"enforce\"}}");
	close(fd);
	fd = peer_connect(control_path);
	expect_part(fd, "\"socket\":\"control\"");
	close(fd);
}
END_TEST

START_TEST(test_ids)
{
	static const char *const ids[] = { "7",	      "\"seven\"", "null", "true",
					   "[1,2,3]", "{\"a\":1}", "-1.5", "\"\xc3\xbc\\n\"" };
	int fd = greeted(stats_path, "\n");
	char line[200];

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		snprintf(line, sizeof(line), "{\"id\":%s,\"cmd\":\"explain\",\"name\":\"A.b.\"}\n",
			 ids[i]);
		says(fd, line);
		snprintf(
			line, sizeof(line),
			"{\"id\":%s,\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}",
			ids[i]);
		expect(fd, line);
	}
	says(fd, "{\"cmd\":\"explain\",\"args\":{\"name\":\"a.b\"}}\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"a.b\",\"verdict\":\"block\"}}");
	close(fd);
}
END_TEST

START_TEST(test_long_id)
{
	int fd = greeted(stats_path, "\n");
	char line[2000];

	snprintf(line, sizeof(line), "{\"id\":\"%01022d\",\"cmd\":\"watch\"}\n", 0);
	says(fd, line);
	ck_assert_uint_eq(strlen(next_line(fd)), 1024 + strlen("{\"id\":,\"ok\":true}"));
	snprintf(line, sizeof(line), "{\"id\":\"%01023d\",\"cmd\":\"watch\"}\n", 0);
	says(fd, line);
	expect(fd,
	       "{\"ok\":false,\"error\":{\"key\":\"bad_argument\",\"message\":\"the id is longer "
	       "than 1024 bytes\"}}");
	close(fd);
}
END_TEST

START_TEST(test_bare_words)
{
	int fd = greeted(stats_path, "stats\n");

	expect_part(fd, "{\"ok\":true,\"data\":{\"requests\":1,");
	says(fd, "  \r\n\n \texplain\t logs.netflix.com \r\n");
	expect(fd, "{\"ok\":true,\"data\":{\"name\":\"logs.netflix.com\",\"verdict\":\"block\"}}");
	says(fd, "metrics\n");
	expect(fd, "{\"ok\":true,\"data\":\"# TYPE tacet_flows_total counter\\ntacet_flows_total "
		   "12\\n\"}");
	says(fd, "watch type=dns verdict=block\n");
	expect(fd, "{\"ok\":true}");
	close(fd);
}
END_TEST

START_TEST(test_bad_requests)
{
	static const struct {
		const char *line, *key;
	} rows[] = {
		{ "{", "bad_request" },
		{ "{}", "bad_request" },
		{ "[1]", "bad_request" },
		{ "[]", "bad_request" },
		{ "{\"cmd\":7}", "bad_request" },
		{ "{\"cmd\":\"stats\"} x", "bad_request" },
		{ "{\"cmd\":\"stats\",\"cmd\":\"stats\"}", "bad_request" },
		{ "{\"id\":99999999999999999999999,\"cmd\":\"stats\"}", "bad_request" },
		{ "{\"id\":1e999,\"cmd\":\"stats\"}", "bad_request" },
		{ "{\"cmd\":\"st\\u0000ats\"}", "bad_request" },
		{ "{\"cmd\":\"\xff\"}", "bad_request" },
		{ "nonsense", "unknown_command" },
		{ "\xff\xfe\x01", "unknown_command" },
		{ "STATS", "unknown_command" },
		{ "{\"cmd\":\"top\"}", "unknown_command" },
		{ "{\"cmd\":\"\"}", "unknown_command" },
		{ "stats now", "bad_argument" },
		{ "stats a=b", "bad_argument" },
		{ "{\"cmd\":\"stats\",\"verbose\":1}", "bad_argument" },
		{ "{\"cmd\":\"stats\",\"filter\":{}}", "bad_argument" },
		{ "{\"cmd\":\"stats\",\"args\":[]}", "bad_argument" },
		{ "{\"cmd\":\"explain\",\"args\":{},\"name\":\"a.b\"}", "bad_argument" },
		{ "explain", "bad_argument" },
		{ "explain a b", "bad_argument" },
		{ "explain ..", "bad_argument" },
		{ "{\"cmd\":\"explain\",\"name\":5}", "bad_argument" },
		{ "flows skip=-1", "bad_argument" },
		{ "flows limit=", "bad_argument" },
		{ "flows limit=4294967296", "bad_argument" },
		{ "flows limit=99999999999999999999", "bad_argument" },
		{ "{\"cmd\":\"flows\",\"limit\":\"5\"}", "bad_argument" },
		{ "{\"cmd\":\"flows\",\"limit\":1.5}", "bad_argument" },
		{ "watch colour=red", "bad_argument" },
		{ "watch dns", "bad_argument" },
		{ "watch type=dns type=flow", "bad_argument" },
		{ "watch type=x", "bad_argument" },
		{ "{\"cmd\":\"watch\",\"filter\":7}", "bad_argument" },
		{ "{\"cmd\":\"watch\",\"filter\":{\"type\":7}}", "bad_argument" },
		{ "{\"cmd\":\"watch\",\"filter\":{\"seq\":\"7\"}}", "bad_argument" },
		{ "pause 600", "not_permitted" },
		{ "resume", "not_permitted" },
		{ "{\"cmd\":\"reload\"}", "not_permitted" },
	};
	size_t n = sizeof(rows) / sizeof(rows[0]);
	int fd = greeted(stats_path, "\n");

	for (size_t i = 0; i < n; i++) {
		says(fd, rows[i].line);
		says(fd, "\n");
		expect_error(fd, rows[i].key);
	}
	ck_assert_uint_eq(counters().bad_requests, n);
	ck_assert_uint_eq(counters().requests, n);
	ck_assert_int_eq(world.pauses + world.resumes + world.reloads, 0);
	/* The connection is none the worse. */
	says(fd, "{\"id\":1,\"cmd\":\"watch\"}\n");
	expect(fd, "{\"id\":1,\"ok\":true}");
	close(fd);
}
END_TEST

START_TEST(test_error_in_full)
{
	int fd = greeted(stats_path, "{\"id\":7,\"cmd\":\"pause\",\"seconds\":600}\n");
	char wanted[300];

	snprintf(wanted, sizeof(wanted),
		 "{\"id\":7,\"ok\":false,\"error\":{\"key\":\"not_permitted\",\"message\":\"pause "
		 "is "
		 "not for the stats socket\",\"hint\":\"use the control socket %s\"}}",
		 control_path);
	expect(fd, wanted);
	says(fd, "{\"id\":8,\"cmd\":\"stat\xc3\xbc\"}\n");
	expect(fd,
	       "{\"id\":8,\"ok\":false,\"error\":{\"key\":\"unknown_command\",\"message\":\"there "
	       "is no command \\\"stat\xc3\xbc\\\"\",\"hint\":\"known: hello, stats, metrics, "
	       "flows, lists, devices, sessions, suspects, trouble, explain, watch, pause, allow, "
	       "block, resume, reload\"}}");
	close(fd);
}
END_TEST

START_TEST(test_nul_byte)
{
	int fd = greeted(stats_path, "\n");

	say(fd, "sta\0ts\n", 7);
	expect_error(fd, "bad_request");
	say(fd, "{\"cmd\":\0\"stats\"}\n", 17);
	expect_error(fd, "bad_request");
	say(fd, "\0\n", 2);
	expect_error(fd, "bad_request");
	close(fd);
}
END_TEST

START_TEST(test_deep_nesting)
{
	enum { DEPTH = 30000 };
	int fd = greeted(stats_path, "\n");
	char *line = malloc(2 * DEPTH + 100);
	size_t n = (size_t)sprintf(line, "{\"cmd\":\"stats\",\"id\":");

	memset(line + n, '[', DEPTH);
	memset(line + n + DEPTH, ']', DEPTH);
	strcpy(line + n + 2 * DEPTH, "}\n");
	says(fd, line);
	expect_error(fd, "bad_request");
	/* As deep as a parser takes it, the echo is still bounded. */
	memset(line + n, '[', 500);
	memset(line + n + 500, ']', 500);
	strcpy(line + n + 1000, "}\n");
	says(fd, line);
	ck_assert(!strncmp(next_line(fd), "{\"id\":[[[[", 10));
	free(line);
	close(fd);
}
END_TEST

START_TEST(test_many_arguments)
{
	int fd = greeted(stats_path, "\n");

	says(fd, "{\"cmd\":\"stats\"");
	for (int i = 0; i < 4000; i++) {
		char member[32];

		snprintf(member, sizeof(member), ",\"m%d\":%d", i, i);
		says(fd, member);
	}
	says(fd, "}\n");
	expect_part(fd, "more than 16 arguments");
	close(fd);
}
END_TEST

START_TEST(test_control_commands)
{
	int fd = greeted(control_path, "pause 600\n");

	expect(fd, "{\"ok\":true,\"data\":{\"now\":\"paused\"}}");
	ck_assert_uint_eq(world.paused_s, 600);
	says(fd, "{\"id\":1,\"cmd\":\"pause\"}\n");
	expect(fd, "{\"id\":1,\"ok\":true,\"data\":{\"now\":\"paused\"}}");
	ck_assert_uint_eq(world.paused_s, 0);
	says(fd, "{\"id\":2,\"cmd\":\"pause\",\"args\":{\"seconds\":4294967295}}\n");
	next_line(fd);
	ck_assert_uint_eq(world.paused_s, UINT32_MAX);
	ck_assert_int_eq(world.pauses, 3);
	says(fd, "pause 60 device=tv app=netflix\n");
	next_line(fd);
	ck_assert_str_eq(world.except, "pause - tv netflix - - 60");
	says(fd, "{\"cmd\":\"pause\",\"rule\":\"a.example\",\"list\":\"ads\",\"role\":\"acr\"}\n");
	next_line(fd);
	ck_assert_str_eq(world.except, "pause a.example - - acr ads 0");
	says(fd, "block a.example seconds=5 app=max\n");
	next_line(fd);
	ck_assert_str_eq(world.except, "block a.example - max - - 5");
	says(fd, "allow a.example\n");
	next_line(fd);
	ck_assert_str_eq(world.except, "allow a.example - - - - 0");
	says(fd, "allow device=tv\n");
	expect_part(fd, "name is missing");
	ck_assert_int_eq(world.pauses, 3);
	/* A mistyped time must not pause for ever. */
	says(fd, "{\"id\":3,\"cmd\":\"pause\",\"second\":5}\n");
	expect_error(fd, "bad_argument");
	says(fd, "pause 5m\n");
	expect_error(fd, "bad_argument");
	says(fd, "pause 4294967296\n");
	expect_error(fd, "bad_argument");
	says(fd, "pause -1\n");
	expect_error(fd, "bad_argument");
	ck_assert_int_eq(world.pauses, 3);
	says(fd, "resume\n");
	expect(fd, "{\"ok\":true,\"data\":{\"now\":\"resumed\"}}");
	says(fd, "resume a.example device=tv\n");
	expect(fd, "{\"ok\":true,\"data\":{\"now\":\"resumed one\"}}");
	says(fd, "resume nobody.example\n");
	expect_error(fd, "bad_argument");
	world.resumes--;
	/* An operation without data. */
	says(fd, "reload\n");
	expect(fd, "{\"ok\":true}");
	ck_assert_int_eq(world.resumes + world.reloads, 2);
	says(fd, "stats\n");
	expect_part(fd, "\"socket\":\"control\"");
	close(fd);
}
END_TEST

START_TEST(test_failures)
{
	int fd = greeted(control_path, "\n");

	world.fail = -EINVAL;
	says(fd, "{\"id\":1,\"cmd\":\"reload\"}\n");
	expect(fd, "{\"id\":1,\"ok\":false,\"error\":{\"key\":\"bad_argument\",\"message\":"
		   "\"tacet.conf:3: no such key\"}}");
	world.fail = -EIO;
	says(fd, "reload\nstats\nmetrics\nexplain a.b\nflows\n");
	expect(fd,
	       "{\"ok\":false,\"error\":{\"key\":\"failed\",\"message\":\"tacet.conf:3: no such "
	       "key\"}}");
	for (int i = 0; i < 4; i++)
		expect(fd, "{\"ok\":false,\"error\":{\"key\":\"failed\",\"message\":\"Input/output "
			   "error\"}}");
	close(fd);
}
END_TEST

/* Whoever waits for a reload waits alone, in order, and is answered once. */
START_TEST(test_late_answers)
{
	int first = greeted(control_path, "\n"), second = greeted(control_path, "\n");
	int other = greeted(stats_path, "\n"), gone = greeted(control_path, "\n");
	struct text data = { 0 };
	struct error e = { "" };

	world.ticket = 1;
	says(first, "{\"id\":\"a\",\"cmd\":\"reload\",\"force\":1}\nexplain a.example\n");
	ck_assert(world.forced);
	says(gone, "reload\n");
	close(gone);
	pump(10);
	world.ticket = 2;
	says(second, "reload\n");
	ck_assert(!world.forced);
	ck_assert_int_eq(world.reloads, 3);
	/* What it says meanwhile waits, others do not; no time limit ends it. */
	says(first, "resume\n");
	ck_assert_int_eq(world.resumes, 0);
	says(other, "stats\n");
	expect_part(other, "\"requests\"");
	clock_skew_ms += 100000;
	expect_silence(first);
	expect_silence(second);
	text_str(&data, "{\"now\":\"reloaded\"}");
	server_answer(server, 1, 0, &data, NULL);
	expect(first, "{\"id\":\"a\",\"ok\":true,\"data\":{\"now\":\"reloaded\"}}");
	expect_part(first, "a.example");
	expect_part(first, "resumed");
	expect_silence(second);
	error_set(&e, -EIO, "lists: killed");
	server_answer(server, 2, -EIO, NULL, &e);
	expect(second, "{\"ok\":false,\"error\":{\"key\":\"failed\",\"message\":\"lists: "
		       "killed\"}}");
	server_answer(server, 2, 0, &data, NULL);
	expect_silence(second);
	text_done(&data);
	close(first);
	close(second);
	close(other);
}
END_TEST

/* The end of what is said, as by nc -N, and then the answer. */
START_TEST(test_late_answer_after_the_end)
{
	int fd = greeted(control_path, "\n");
	struct text data = { 0 };

	world.ticket = 1;
	says(fd, "reload\n");
	ck_assert_int_eq(shutdown(fd, SHUT_WR), 0);
	pump(10);
	text_str(&data, "{}");
	server_answer(server, 1, 0, &data, NULL);
	expect(fd, "{\"ok\":true,\"data\":{}}");
	expect_closed(fd);
	text_done(&data);
	close(fd);
}
END_TEST

START_TEST(test_trouble)
{
	int fd = greeted(stats_path, "{\"id\":3,\"cmd\":\"trouble\",\"device\":\"living room\"}\n");

	expect(fd, "{\"id\":3,\"ok\":true,\"more\":true,\"data\":{\"type\":\"refusal\","
		   "\"device\":\"living room\"}}");
	expect(fd, "{\"id\":3,\"ok\":true,\"more\":false}");
	says(fd, "trouble\n");
	expect(fd, "{\"ok\":true,\"more\":true,\"data\":{\"type\":\"refusal\"}}");
	expect(fd, "{\"ok\":true,\"more\":false}");
	says(fd, "trouble tv app=x\n");
	expect_error(fd, "bad_argument");
	close(fd);
}
END_TEST

START_TEST(test_flows)
{
	int fd;

	world.flows = 3;
	fd = greeted(stats_path, "{\"id\":\"x\",\"cmd\":\"flows\"}\n");
	expect(fd, "{\"id\":\"x\",\"ok\":true,\"more\":true,\"data\":{\"id\":0}}");
	expect(fd, "{\"id\":\"x\",\"ok\":true,\"more\":true,\"data\":{\"id\":1}}");
	expect(fd, "{\"id\":\"x\",\"ok\":true,\"more\":true,\"data\":{\"id\":2}}");
	expect(fd, "{\"id\":\"x\",\"ok\":true,\"more\":false}");
	says(fd, "flows skip=1 limit=1\n");
	expect(fd, "{\"ok\":true,\"more\":true,\"data\":{\"id\":1}}");
	expect(fd, "{\"ok\":true,\"more\":false,\"left_out\":1}");
	says(fd, "flows skip=9\n");
	expect(fd, "{\"ok\":true,\"more\":false}");
	close(fd);
}
END_TEST

/* A table larger than the buffers: the answer ends in order and says what it left out. */
START_TEST(test_flows_over_the_buffer)
{
	const char *line;
	unsigned long sent = 0, left = 0;
	int fd;

	world.flows = 5000;
	world.flow_bytes = 400;
	fd = greeted(stats_path, "flows\n");
	while ((line = next_line(fd)) && strstr(line, "\"more\":true"))
		sent++;
	ck_assert_int_eq(sscanf(line, "{\"ok\":true,\"more\":false,\"left_out\":%lu}", &left), 1);
	ck_assert_uint_eq(sent + left, 5000);
	ck_assert_uint_ge(sent * 400, 90000);
	says(fd, "flows skip=4998\n");
	expect_part(fd, "{\"id\":4998,");
	expect_part(fd, "{\"id\":4999,");
	expect(fd, "{\"ok\":true,\"more\":false}");
	close(fd);
}
END_TEST

START_TEST(test_long_answers)
{
	int fd;

	world.flows = 1;
	world.flow_bytes = 70000;
	fd = greeted(stats_path, "flows\n");
	/* A flow that no line holds is left out like one without room. */
	expect(fd, "{\"ok\":true,\"more\":false,\"left_out\":1}");
	world.explain_bytes = 60000;
	says(fd, "explain a.b\n");
	ck_assert_uint_gt(strlen(next_line(fd)), 60000);
	world.explain_bytes = 65536;
	says(fd, "explain a.b\n");
	expect(fd, "{\"ok\":false,\"error\":{\"key\":\"failed\",\"message\":\"the answer is "
		   "longer than a line may be\"}}");
	world.metrics_bytes = 80000;
	says(fd, "metrics\n");
	ck_assert_uint_gt(strlen(next_line(fd)), 80000);
	close(fd);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	tcase_add_checked_fixture(t, begin, peer_end);
	tcase_add_test(t, test_greeting);
	tcase_add_test(t, test_ids);
	tcase_add_test(t, test_long_id);
	tcase_add_test(t, test_bare_words);
	tcase_add_test(t, test_bad_requests);
	tcase_add_test(t, test_error_in_full);
	tcase_add_test(t, test_nul_byte);
	tcase_add_test(t, test_deep_nesting);
	tcase_add_test(t, test_many_arguments);
	tcase_add_test(t, test_control_commands);
	tcase_add_test(t, test_failures);
	tcase_add_test(t, test_late_answers);
	tcase_add_test(t, test_late_answer_after_the_end);
	tcase_add_test(t, test_trouble);
	tcase_add_test(t, test_flows);
	tcase_add_test(t, test_flows_over_the_buffer);
	tcase_add_test(t, test_long_answers);
	return suite_end(t, "control/request");
}
