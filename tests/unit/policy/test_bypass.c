/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Ways round DNS that no list names: flows known as encrypted DNS, and from whom keys of Encrypted
 * ClientHello are kept. */
#include <errno.h>
#include <string.h>

#include "policy/policy.h"
#include "suite.h"

static struct policy *policy;
static struct verdict verdict;

static void begin(struct policy_options o)
{
	o.tcp = HOW_RESET;
	o.udp = HOW_UNREACH;
	policy = policy_new(&o, NULL, NULL, NULL);
	ck_assert_ptr_nonnull(policy);
}

static void add(struct policy_section s)
{
	ck_assert(policy_add_section(policy, &s));
	policy_tick(policy, 1000000000);
}

/* A flow to an address; is_resolver: by its port or ALPN. */
static enum verdict_kind flow(const char *text, bool is_resolver)
{
	static const uint8_t bytes[4] = { 203, 0, 113, 7 };
	struct addr server = addr_v4(bytes);
	struct name name = { .len = 0 };

	if (*text)
		ck_assert(name_from_text(text, strlen(text), &name));
	policy_decide(policy,
		      &(struct policy_query){ .name = &name,
					      .via = POLICY_TCP,
					      .server = &server,
					      .device = "tv",
					      .is_resolver = is_resolver },
		      &verdict);
	return verdict.kind;
}

START_TEST(encrypted_dns_has_its_role)
{
	begin((struct policy_options){ .enforce = true });
	ck_assert_int_eq(flow("", true), VERDICT_ALLOW);
	ck_assert_int_eq(verdict.role, ROLE_BYPASS);
	ck_assert_int_eq(flow("odd.example", true), VERDICT_ALLOW);
	ck_assert_int_eq(verdict.role, ROLE_BYPASS);
	ck_assert_int_eq(flow("", false), VERDICT_ALLOW);
	ck_assert_int_eq(verdict.role, ROLE_NONE);
	/* The role's section speaks of it, with a name or without. */
	add((struct policy_section){
		.kind = POLICY_ROLE, .name = "bypass", .action = POLICY_BLOCK });
	ck_assert_int_eq(flow("", true), VERDICT_BLOCK);
	ck_assert_int_eq(flow("odd.example", true), VERDICT_BLOCK);
	ck_assert_int_eq(verdict.how, HOW_RESET);
	ck_assert_int_eq(flow("", false), VERDICT_ALLOW);
	ck_assert_int_eq(flow("odd.example", false), VERDICT_ALLOW);
	policy_free(policy);
}
END_TEST

START_TEST(bypass_can_be_prevented)
{
	struct policy_exception allow = { .action = RULE_ALLOW, .until_ns = INT64_MAX };

	begin((struct policy_options){ .enforce = true, .prevent_bypass = true });
	ck_assert_int_eq(flow("", true), VERDICT_BLOCK);
	ck_assert_str_eq(verdict.list, "[block] bypass");
	ck_assert_int_eq(flow("odd.example", true), VERDICT_BLOCK);
	ck_assert_int_eq(flow("odd.example", false), VERDICT_ALLOW);
	ck_assert_int_eq(flow("", false), VERDICT_ALLOW);
	/* The user's own word is above it, and so is a section that allows. */
	ck_assert(name_from_text("odd.example", 11, &allow.name));
	ck_assert_int_eq(policy_except(policy, &allow), 0);
	ck_assert_int_eq(flow("odd.example", true), VERDICT_ALLOW);
	add((struct policy_section){
		.kind = POLICY_ROLE, .name = "bypass", .action = POLICY_ALLOW });
	ck_assert_int_eq(flow("", true), VERDICT_ALLOW);
	policy_free(policy);
	begin((struct policy_options){ .enforce = false, .prevent_bypass = true });
	ck_assert_int_eq(flow("", true), VERDICT_LOG);
	ck_assert_int_eq(verdict.reason, REASON_MONITOR);
	policy_free(policy);
}
END_TEST

/* Where no name is known the address of a known resolver tells. */
START_TEST(resolvers_are_known_by_address)
{
	static const uint8_t bytes[4] = { 203, 0, 113, 7 };
	struct rule r = { .match = RULE_NETWORK, .action = RULE_BLOCK, .line = 1 };
	struct index_builder *b = index_builder_new();
	struct index *known = NULL;

	begin((struct policy_options){ .enforce = true });
	r.net.base = addr_v4(bytes);
	r.net.bits = 32;
	ck_assert(index_builder_add(b, &r));
	ck_assert_int_eq(index_builder_finish(b, &known), 0);
	index_builder_free(b);
	policy_set_bypass(policy, known);
	ck_assert_int_eq(flow("", false), VERDICT_ALLOW);
	ck_assert_int_eq(verdict.role, ROLE_BYPASS);
	ck_assert_int_eq(flow("odd.example", false), VERDICT_ALLOW);
	ck_assert_int_eq(verdict.role, ROLE_BYPASS);
	policy_free(policy);
}
END_TEST

static bool withholds(const char *device, const char *text)
{
	struct name name;

	ck_assert(name_from_text(text, strlen(text), &name));
	return policy_withholds_ech(policy,
				    &(struct policy_query){ .name = &name, .device = device });
}

/* As a block would be reported alone, so keys are left: in mode monitor, for devices, in a pause,
 * of whatever scope. */
START_TEST(from_whom_keys_are_kept)
{
	struct policy_exception pause = { .is_pause = true, .until_ns = INT64_MAX };

	begin((struct policy_options){ .enforce = true });
	ck_assert(!withholds("tv", "film.example"));
	policy_free(policy);
	begin((struct policy_options){ .enforce = false, .withhold_ech = true });
	ck_assert(!withholds("tv", "film.example"));
	policy_free(policy);

	begin((struct policy_options){ .enforce = true, .withhold_ech = true });
	ck_assert(withholds("tv", "film.example"));
	ck_assert(withholds(NULL, "film.example"));
	policy_pause(policy, INT64_MAX);
	ck_assert(!withholds("tv", "film.example"));
	policy_pause(policy, 0);

	strcpy(pause.device, "tv");
	ck_assert_int_eq(policy_except(policy, &pause), 0);
	ck_assert(!withholds("tv", "film.example"));
	ck_assert(withholds("tablet", "film.example"));
	policy_resume(policy);
	pause.device[0] = '\0';
	ck_assert(name_from_text("film.example", 12, &pause.name));
	ck_assert_int_eq(policy_except(policy, &pause), 0);
	ck_assert(!withholds("tv", "www.film.example"));
	ck_assert(withholds("tv", "other.example"));
	policy_resume(policy);
	/* A pause of one list is about what that list blocks. */
	pause.name.len = 0;
	strcpy(pause.list, "ads");
	ck_assert_int_eq(policy_except(policy, &pause), 0);
	ck_assert(withholds("tv", "film.example"));
	policy_resume(policy);

	add((struct policy_section){ .kind = POLICY_DEVICE, .name = "tv", .action = POLICY_LOG });
	ck_assert(!withholds("tv", "film.example"));
	ck_assert(withholds("tablet", "film.example"));
	policy_free(policy);
}
END_TEST

SUITE("policy/bypass", encrypted_dns_has_its_role, bypass_can_be_prevented,
      resolvers_are_known_by_address, from_whom_keys_are_kept)
