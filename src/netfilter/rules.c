// SPDX-License-Identifier: GPL-2.0-or-later
/* The rules' face: checks the options, chooses the back end, keeps the generation. */
#include "netfilter/rules.h"

#include <ctype.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "netfilter/backend.h"
#include "netfilter/conntrack.h"
#include "netfilter/watch.h"

static const struct rules_ops *const all_ops[] = { &rules_ops_nft, &rules_ops_xtables };
enum { OPS = sizeof(all_ops) / sizeof(*all_ops) };

/* The name becomes a word of a rule, in two languages. */
static bool ifname_is_sound(const char *name)
{
	size_t n = strnlen(name, RULES_IFNAME_MAX);

	if (!n || n == RULES_IFNAME_MAX || !isalnum((unsigned char)*name))
		return false;
	for (const char *p = name; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr("._-@:+", *p))
			return false;
	}
	return true;
}

static int mask_check(uint32_t mask, struct error *e)
{
	uint32_t low = mask & -mask;

	if (!mask || (mask & (mask + low)) || __builtin_popcount(mask) < 4)
		return error_set(e, -EINVAL,
				 "rules: mark_mask: 0x%08x: needs four adjacent bits at least, "
				 "as in 0x0f000000",
				 mask);
	return 0;
}

static int options_check(const struct rules_options *o, struct error *e)
{
	int err = mask_check(o->mark_mask, e);

	if (err)
		return err;
	if (!o->forward && !o->local)
		return error_set(e, -EINVAL, "rules: nothing to watch: set forward or local");
	if (o->lan_count > RULES_IFACES_MAX || o->wan_count > RULES_IFACES_MAX)
		return error_set(e, -EINVAL, "rules: more than %d interfaces", RULES_IFACES_MAX);
	for (size_t i = 0; i < o->lan_count + o->wan_count; i++) {
		const char *name = i < o->lan_count ? o->lan[i] : o->wan[i - o->lan_count];

		if (!ifname_is_sound(name))
			return error_set(e, -EINVAL, "rules: interface: %.15s: not a name of one",
					 name);
	}
	return 0;
}

static void options_complete(struct rules_options *o)
{
	if (!o->forward || o->lan_count || o->wan_count)
		return;
	o->wan_count = routes_default_now(o->wan);
	for (size_t i = 0; i < o->wan_count; i++) {
		if (!ifname_is_sound(o->wan[i])) {
			log_warning("rules: interface: %s: cannot be named in a rule", o->wan[i]);
			memmove(o->wan[i], o->wan[i + 1],
				(o->wan_count - i - 1) * sizeof(o->wan[0]));
			o->wan_count--;
			i--;
		}
	}
	if (!o->wan_count)
		log_warning("rules: no default route: every interface counts as the household's; "
			    "set lan under [network]");
}

/* Decisions of an earlier run must not keep flows of this one. */
static void forget_marks(const struct rules_options *o, unsigned value, uint32_t among)
{
	struct error e = { "" };
	uint32_t mask = among ? mark_at(o->mark_mask, among) : o->mark_mask;

	if (conntrack_clear(o->mark_mask, mark_at(o->mark_mask, value), mask, &e) < 0)
		log_debug("%s", e.text);
}

/* An interrupted tacet may have used either back end. */
static int remove_leftovers(const struct rules_options *o, bool check, struct error *e)
{
	int first = 0;

	for (size_t i = 0; check && i < OPS; i++) {
		int err = all_ops[i]->check_other(o, e);
		if (err == -EBUSY)
			return err;
	}
	for (size_t i = 0; i < OPS; i++) {
		int err = all_ops[i]->remove(first ? NULL : e);
		if (err && !first)
			first = err;
	}
	return first;
}

static int install(struct rules *r, struct error *e)
{
	static const struct rules_ops *const choices[3][2] = {
		[RULES_AUTO] = { &rules_ops_nft, &rules_ops_xtables },
		[RULES_NFT] = { &rules_ops_nft },
		[RULES_XTABLES] = { &rules_ops_xtables },
	};
	struct error why = { "" };
	int err = -EOPNOTSUPP;

	for (size_t i = 0; i < 2 && choices[r->o.backend][i]; i++) {
		struct error before = why;

		r->ops = choices[r->o.backend][i];
		err = r->ops->install(r, &why);
		if (!err)
			return 0;
		if (i == 1)
			return error_set(e, err, "%.240s; and %.240s", before.text, why.text);
		if (err != -EOPNOTSUPP && err != -ENOENT)
			break;
		log_debug("%s", why.text);
	}
	return error_set(e, err, "%s", why.text);
}

/* libnftables complains on standard error by itself; so it is not asked in vain. */
static int privilege_check(struct error *e)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { { 0 } };

	if (syscall(SYS_capget, &head, data) == 0 && !(data[0].effective & 1U << CAP_NET_ADMIN))
		return error_set(e, -EPERM, "rules: needs CAP_NET_ADMIN: run as root");
	return 0;
}

int rules_install(const struct rules_options *o, struct rules **out, struct error *e)
{
	int err = options_check(o, e);
	struct rules *r;

	if (!err)
		err = privilege_check(e);
	if (err)
		return err;
	r = calloc(1, sizeof(*r));
	if (!r)
		return error_set(e, -ENOMEM, "rules: out of memory");
	r->o = *o;
	options_complete(&r->o);
	err = remove_leftovers(&r->o, true, e);
	if (!err) {
		forget_marks(&r->o, MARK_KEEP, MARK_KEEP);
		err = install(r, e);
	}
	if (err) {
		free(r);
		return err;
	}
	*out = r;
	return 0;
}

void rules_serve(struct rules *r, int fd, void (*serve)(void *ctx), void *ctx)
{
	r->meanwhile = (struct meanwhile){ fd, serve, ctx };
}

int rules_next_generation(struct rules *r, struct error *e)
{
	unsigned next = (r->generation + 1) % GENERATIONS;
	int err;

	/* Numbers come round: a flow that slept since that generation must not be taken for one
	 * of the new. */
	forget_marks(&r->o, MARK_KEEP + next, 0);
	err = r->ops->set_generation(r, next, e);
	if (!err)
		r->generation = next;
	return err;
}

void rules_remove(struct rules *r)
{
	struct error e = { "" };

	if (!r)
		return;
	if (r->ops->remove(&e) < 0)
		log_error("%s", e.text);
	/* The marks stay: their figures may still be asked for. The next start clears them. */
	free(r);
}

int rules_cleanup(const struct rules_options *o, struct error *e)
{
	int err = mask_check(o->mark_mask, e);

	if (!err)
		err = privilege_check(e);
	if (!err)
		err = remove_leftovers(o, false, e);
	if (!err)
		err = watch_cleanup(e);
	if (!err)
		forget_marks(o, MARK_KEEP, MARK_KEEP);
	return err;
}

const char *rules_backend_name(const struct rules *r)
{
	return r->ops->name;
}

unsigned rules_generation(const struct rules *r)
{
	return r->generation;
}

uint32_t rules_mark_mask(const struct rules *r)
{
	return r->o.mark_mask;
}

uint32_t rules_mark_before(const struct rules *r)
{
	return mark_at(r->o.mark_mask, MARK_KEEP + (r->generation + GENERATIONS - 1) % GENERATIONS);
}

uint32_t rules_mark(const struct rules *r, uint32_t old, enum rules_mark value)
{
	unsigned v = value == MARK_KEEP ? MARK_KEEP + r->generation : value;

	return (old & ~r->o.mark_mask) | mark_at(r->o.mark_mask, v);
}
