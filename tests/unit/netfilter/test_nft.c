// SPDX-License-Identifier: GPL-2.0-or-later
/* The nftables rules against the kernel. Where the kernel has no nft queue, a mark set in the
 * rule's place stands for the verdict that would set it: everything around it is as installed. */
#define _GNU_SOURCE
#include "unit/netfilter/household.h"

#include "netfilter/backend.h"
#include "suite.h"

static char *replaced(const char *text, const char *what, const char *with)
{
	size_t n = strlen(text), count = 0;

	for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
		count++;
	char *out = malloc(n + count * strlen(with) + 1), *to = out;
	for (const char *p; (p = strstr(text, what)); text = p + strlen(what)) {
		to = mempcpy(to, text, (size_t)(p - text));
		to = stpcpy(to, with);
	}
	strcpy(to, text);
	return out;
}

static void nft_load(const char *text)
{
	const char *const args[] = { "nft", "-f", "-", NULL };
	struct text err = { 0 };
	int result = tool_run(args, text, NULL, &err);

	ck_assert_msg(result == 0, "%d: %s\n%s", result, err.len ? err.at : "", text);
	text_done(&err);
}

/* Installs the rules with `verdict` in the place of the queue. */
static void nft_rules(const struct rules_options *o, unsigned generation, bool whole,
		      const char *verdict)
{
	struct text t = { 0 };

	if (whole)
		rules_text_nft(o, generation, &t);
	else
		rules_text_nft_generation(o, generation, &t);
	char *rules = replaced(t.at, "queue num 7 bypass", verdict);
	ns_enter(rig.router);
	nft_load(rules);
	free(rules);
	text_done(&t);
}

static unsigned counted(void)
{
	const char *at_;
	char *out;
	unsigned n, sum = 0, rules = 0;

	ns_enter(rig.router);
	out = sh_output("nft list chain inet tacet undecided");
	for (at_ = out; (at_ = strstr(at_, "counter packets ")); at_++, rules++) {
		ck_assert_int_eq(sscanf(at_, "counter packets %u", &n), 1);
		sum += n;
	}
	ck_assert_uint_eq(rules, 3);
	free(out);
	return sum;
}

static void setup(void)
{
	rig_up();
	ns_enter(rig.router);
	rules_remove(rig.rules);
	rig.rules = NULL;
}

START_TEST(only_payload_goes_up_and_kept_flows_stay)
{
	struct rules_options o = options();
	char verdict[128];

	snprintf(verdict, sizeof(verdict),
		 "counter meta mark set meta mark & 0x%08x | 0x%08x accept", ~MASK,
		 mark_at(MASK, MARK_KEEP));
	nft_rules(&o, 0, true, verdict);
	struct pair p = tcp_pair(_i);
	ck_assert_uint_eq(counted(), 0);
	for (int i = 0; i < 20; i++) {
		say(p.client, "1");
		UNTIL(got(p.server, "1"));
		say(p.server, "to the client");
		UNTIL(got(p.client, "to the client"));
	}
	ck_assert_uint_eq(counted(), 1);
	/* The next generation asks again, and once. */
	snprintf(verdict, sizeof(verdict),
		 "counter meta mark set meta mark & 0x%08x | 0x%08x accept", ~MASK,
		 mark_at(MASK, MARK_KEEP + 1));
	nft_rules(&o, 1, false, verdict);
	ck_assert_uint_eq(counted(), 0);
	for (int i = 0; i < 5; i++) {
		say(p.client, "2");
		UNTIL(got(p.server, "2"));
	}
	ck_assert_uint_eq(counted(), 1);
	/* Decided otherwise since: what is only received is acknowledged in sight. */
	say(p.server, "quietly");
	UNTIL(got(p.client, "quietly"));
	ck_assert_uint_eq(counted(), 1);
	sh("conntrack -U -p tcp -f ipv%d --mark %u/%u >/dev/null 2>&1", FAMILY(_i) ? 6 : 4,
	   mark_at(MASK, MARK_CHANGED), MASK);
	say(p.server, "more");
	UNTIL(got(p.client, "more") && counted() == 2);
	struct pair u = udp_pair(_i, 4000);
	for (int i = 0; i < 5; i++) {
		say(u.client, "3");
		UNTIL(got(u.server, "3"));
	}
	ck_assert_uint_eq(counted(), 3);
}
END_TEST

/* To who is silent: seen on their way, they get the mark again that the verdict here gives. */
START_TEST(datagrams_of_a_flow_decided_otherwise_are_seen_on_their_way)
{
	struct rules_options o = options();
	char verdict[128];

	snprintf(verdict, sizeof(verdict), "meta mark set meta mark & 0x%08x | 0x%08x accept",
		 ~MASK, mark_at(MASK, MARK_KEEP));
	nft_rules(&o, 0, true, verdict);
	struct pair p = udp_pair(_i, 4000);
	meet(p);
	ns_enter(rig.router);
	for (unsigned mark = MARK_KEEP + 1; mark > 0;
	     mark = mark > MARK_CHANGED ? MARK_CHANGED : 0) {
		sh("conntrack -U -p udp -f ipv%d --mark %u/%u >/dev/null 2>&1", FAMILY(_i) ? 6 : 4,
		   mark_at(MASK, mark), MASK);
		say(p.server, "pushed");
		UNTIL(got(p.client, "pushed"));
		sh("conntrack -L -p udp -f ipv%d 2>/dev/null | grep -q mark=%u", FAMILY(_i) ? 6 : 4,
		   mark_at(MASK, mark == MARK_CHANGED ? MARK_KEEP : mark));
	}
}
END_TEST

START_TEST(forged_answers_are_not_tracked)
{
	struct rules_options o = options();
	uint8_t answer[128] = { 0x45, [8] = 64, [9] = IPPROTO_UDP };
	struct pair p = udp_pair(0, DNS);
	struct sockaddr_in me;
	socklen_t len = sizeof(me);

	nft_rules(&o, 0, true, "counter accept");
	ck_assert_int_eq(getsockname(p.client, (struct sockaddr *)&me, &len), 0);
	inet_pton(AF_INET, hosts[0].server, answer + 12);
	memcpy(answer + 16, &me.sin_addr, 4);
	put16(answer + 20, DNS);
	memcpy(answer + 22, &me.sin_port, 2);
	put16(answer + 24, 8 + 6);
	memcpy(answer + 28, "forged", 6);
	finish(answer, 34, IPPROTO_UDP, 6);
	ck_assert_int_eq(injector_send(rig.injector, answer, 34, mark_at(MASK, MARK_ANSWER)), 0);
	UNTIL(got(p.client, "forged"));
	ns_enter(rig.router);
	char *list = sh_output("conntrack -L 2>/dev/null");
	ck_assert_msg(strstr(list, "sport=53 ") == NULL, "%s", list);
	free(list);
}
END_TEST

START_TEST(a_kernel_without_the_queue_is_told_from_one_with)
{
	struct rules_options o = options();
	struct error e = { "" };
	struct rules *r = NULL;

	ns_enter(rig.router);
	bool has = system("nft -c 'add table inet x; add chain inet x y; add rule inet x y queue "
			  "num 1' "
			  "2>/dev/null") == 0;
	o.backend = RULES_NFT;
	int err = rules_install(&o, &r, &e);
	ck_assert_int_eq(err, has ? 0 : -EOPNOTSUPP);
	if (has) {
		ck_assert_str_eq(rules_backend_name(r), "nft");
		ck_assert_int_eq(rules_next_generation(r, &e), 0);
		rules_remove(r);
	} else {
		ck_assert_ptr_nonnull(strstr(e.text, "this kernel has no nft queue"));
		o.backend = RULES_AUTO;
		ck_assert_int_eq(rules_install(&o, &r, &e), 0);
		ck_assert_str_eq(rules_backend_name(r), "xtables");
		rules_remove(r);
	}
	char *list = sh_output("nft list tables");
	ck_assert_ptr_null(strstr(list, "tacet"));
	free(list);
}
END_TEST

/* What a tacet of the other back end left goes as well. */
START_TEST(leftovers_of_nft_are_removed)
{
	struct rules_options o = options();
	struct error e = { "" };

	nft_rules(&o, 0, true, "counter accept");
	ck_assert_msg(rules_cleanup(&o, &e) == 0, "%s", e.text);
	char *list = sh_output("nft list tables");
	ck_assert_ptr_null(strstr(list, "inet tacet"));
	free(list);
	nft_rules(&o, 0, true, "counter accept");
	install(&o);
	list = sh_output("nft list tables");
	ck_assert_ptr_null(strstr(list, "inet tacet"));
	free(list);
}
END_TEST

int main(void)
{
	TCase *t = suite_begin();

	if (!rig_possible() || system("unshare -n nft list tables >/dev/null 2>&1") != 0) {
		puts("needs root, network namespaces, iptables and nft");
		return 77;
	}
	log_init(LOG_LEVEL_WARNING);
	tcase_add_checked_fixture(t, setup, rig_down);
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, only_payload_goes_up_and_kept_flows_stay, 0, 4);
	/* What comes to this machine itself passes no rule that would note its mark. */
	for (int i = 0; i < 4; i += 2)
		tcase_add_loop_test(t, datagrams_of_a_flow_decided_otherwise_are_seen_on_their_way,
				    i, i + 1);
	tcase_add_test(t, forged_answers_are_not_tracked);
	tcase_add_test(t, a_kernel_without_the_queue_is_told_from_one_with);
	tcase_add_test(t, leftovers_of_nft_are_removed);
	return suite_end(t, "netfilter/nft");
}
