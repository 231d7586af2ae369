// SPDX-License-Identifier: GPL-2.0-or-later
/* The xtables back end: iptables-restore and ip6tables-restore, one run a family. */
#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "netfilter/backend.h"

static const char *restore_name(int family)
{
	return family == 4 ? "iptables-restore" : "ip6tables-restore";
}

/* The lines of a message as one, for an error text. */
static void one_line(struct text *t)
{
	while (t->len && (t->at[t->len - 1] == '\n' || t->at[t->len - 1] == ' '))
		t->at[--t->len] = '\0';
	for (size_t i = 0; i < t->len; i++) {
		if (t->at[i] == '\n')
			t->at[i] = ' ';
	}
}

static int restore_error(const char *tool, int result, struct text *err, struct error *e)
{
	if (result == -ENOENT)
		return error_set(e, -ENOENT, "rules: %s: no such program; install iptables", tool);
	if (result == -ETIMEDOUT)
		return error_set(
			e, -ETIMEDOUT,
			"rules: %s: no end in time; another program holds the xtables lock", tool);
	if (result < 0)
		return error_set(e, result, "rules: %s: %s", tool, strerror(-result));
	one_line(err);
	const char *why = err->len ? err->at : "failed without a word";
	if (strstr(why, "Permission denied") || strstr(why, "Operation not permitted") ||
	    strstr(why, "must be root"))
		return error_set(e, -EPERM, "rules: %s: needs CAP_NET_ADMIN: run as root", tool);
	return error_set(e, -EOPNOTSUPP, "rules: %s: exit status %d: %s", tool, result, why);
}

int xtables_restore(int family, const struct text *rules, const struct meanwhile *m,
		    struct error *e)
{
	const char *const args[] = { restore_name(family), "--wait=5", "--noflush", NULL };
	struct text err = { .max = 400 };
	int result = -ENOMEM;

	if (!rules->failed && rules->at)
		result = tool_run_meanwhile(args, rules->at, NULL, &err, m);
	if (result != 0)
		result = restore_error(args[0], result, &err, e);
	text_done(&err);
	return result;
}

int xtables_save(int family, struct text *out, struct error *e)
{
	const char *const args[] = { family == 4 ? "iptables-save" : "ip6tables-save", NULL };
	struct text err = { .max = 400 };
	int result = tool_run(args, NULL, out, &err);

	if (result != 0)
		result = restore_error(args[0], result, &err, e);
	else if (out->failed)
		result = error_set(e, -ENOMEM, "rules: %s: out of memory", args[0]);
	text_done(&err);
	return result;
}

int xtables_remove_chains(int family, bool (*ours)(const char *name, size_t n), struct error *e)
{
	struct text saved = { 0 }, removal = { 0 };
	int err = xtables_save(family, &saved, e);

	if (err == -ENOENT) {
		err = 0; /* no tool, no rules of ours */
	} else if (!err && saved.len) {
		rules_text_xtables_removal(saved.at, ours, &removal);
		if (removal.len)
			err = xtables_restore(family, &removal, NULL, e);
	}
	text_done(&removal);
	text_done(&saved);
	return err;
}

static int remove_family(int family, struct error *e)
{
	return xtables_remove_chains(family, xtables_is_ours, e);
}

static int xtables_remove(struct error *e)
{
	int err4 = remove_family(4, e);
	/* The second even if the first failed. */
	int err6 = machine_has_ipv6() ? remove_family(6, err4 ? NULL : e) : 0;

	return err4 ? err4 : err6;
}

static int xtables_check_other(const struct rules_options *o, struct error *e)
{
	struct text saved = { 0 };
	int err = xtables_save(4, &saved, e);

	if (err == -ENOENT)
		err = 0;
	if (!err && saved.len) {
		int number = rules_text_queue(saved.at);

		if (number >= 0 && number != o->queue && queue_is_bound((unsigned)number))
			err = error_set(e, -EBUSY,
					"rules: a tacet with queue %d runs here already; stop it",
					number);
	}
	text_done(&saved);
	return err;
}

typedef void writer(const struct rules_options *, unsigned, int, bool, struct text *);

static int write_family(const struct rules *r, unsigned generation, int family, writer *write,
			struct error *e)
{
	struct text t = { 0 };
	int err;

	write(&r->o, generation, family, !r->no_payload_match[family == 6], &t);
	err = xtables_restore(family, &t, &r->meanwhile, e);
	text_done(&t);
	return err;
}

static int install_family(struct rules *r, int family, struct error *e)
{
	struct error first = { "" };
	int err = write_family(r, r->generation, family, rules_text_xtables_all, &first);

	if (err == -EOPNOTSUPP) {
		/* xt_bpf may be missing, in the kernel or in iptables. Tables before the refused
		 * one stand already. */
		remove_family(family, NULL);
		r->no_payload_match[family == 6] = true;
		err = write_family(r, r->generation, family, rules_text_xtables_all, NULL);
		if (!err)
			log_info("%s; so without the match on payload: every TCP packet goes up "
				 "until its flow is decided",
				 first.text);
	}
	if (err) {
		remove_family(family, NULL);
		/* The first reason is the one to mend: the whole rules were refused with it. */
		return error_set(e, err, "%s", first.text);
	}
	return 0;
}

static int xtables_install(struct rules *r, struct error *e)
{
	int err = install_family(r, 4, e);

	if (err)
		return err;
	if (!machine_has_ipv6()) {
		log_info("rules: this machine has no IPv6: rules for IPv4 alone");
		return 0;
	}
	err = install_family(r, 6, e);
	if (err == -ENOENT) {
		log_warning("rules: ip6tables-restore: no such program: IPv6 passes unseen; "
			    "install ip6tables");
		return 0;
	}
	if (err)
		remove_family(4, NULL);
	return err;
}

static int xtables_set_generation(struct rules *r, unsigned generation, struct error *e)
{
	int err = write_family(r, generation, 4, rules_text_xtables_generation, e);

	if (err || !machine_has_ipv6())
		return err;
	err = write_family(r, generation, 6, rules_text_xtables_generation, e);
	if (err == -ENOENT)
		return 0;
	if (err)
		write_family(r, r->generation, 4, rules_text_xtables_generation, NULL);
	return err;
}

const struct rules_ops rules_ops_xtables = {
	.name = "xtables",
	.install = xtables_install,
	.set_generation = xtables_set_generation,
	.remove = xtables_remove,
	.check_other = xtables_check_other,
};
