// SPDX-License-Identifier: GPL-2.0-or-later
/* Copies of one cgroup's traffic: what its sockets send is known by the cgroup, what comes back
 * by a mark on the connection. */
#include "netfilter/watch.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "netfilter/backend.h"
#include "netfilter/conntrack.h"

enum { CHAIN_MAX = 28, CHAIN_PREFIX = 7 };
static const char chain_format[] = "TACET-W%u";

struct watch {
	struct watch_options o;
	char *cgroup; /* o.cgroup, kept */
	char chain[CHAIN_MAX];
};

static bool chain_is(const char *name, size_t n, unsigned *out_id)
{
	unsigned id = 0;

	if (n <= CHAIN_PREFIX || n > CHAIN_PREFIX + 9 ||
	    strncmp(name, chain_format, CHAIN_PREFIX) != 0)
		return false;
	for (size_t i = CHAIN_PREFIX; i < n; i++) {
		if (!isdigit((unsigned char)name[i]))
			return false;
		id = id * 10 + (unsigned)(name[i] - '0');
	}
	*out_id = id;
	return id > 0;
}

/* A watcher's chain whose process is gone. */
static bool chain_is_stale(const char *name, size_t n)
{
	unsigned id;

	return chain_is(name, n, &id) && kill((pid_t)id, 0) < 0 && errno == ESRCH;
}

int watch_cleanup(struct error *e)
{
	int err = xtables_remove_chains(4, chain_is_stale, e);

	if (!err && machine_has_ipv6())
		err = xtables_remove_chains(6, chain_is_stale, e);
	return err;
}

static void watch_text(const struct watch *w, struct text *out)
{
	const struct watch_options *o = &w->o;

	text_printf(out, "*mangle\n:%s - [0:0]\n", w->chain);
	text_printf(out, "-A %s -j CONNMARK --set-xmark 0x%x/0x%x\n", w->chain, o->mark,
		    o->mark_mask);
	text_printf(out, "-A %s -j NFLOG --nflog-group %u\n", w->chain, o->group);
	/* In front: whoever accepts or drops behind, this has been seen. */
	text_printf(out, "-I OUTPUT 1 -m cgroup --path \"%s\" -j %s\n", o->cgroup, w->chain);
	text_printf(out, "-I INPUT 1 -m connmark --mark 0x%x/0x%x -j %s\n", o->mark, o->mark_mask,
		    w->chain);
	text_str(out, "COMMIT\n");
}

/* Removal by the very rules: no other program's output has to be understood. */
static void watch_removal(const struct watch *w, struct text *out)
{
	const struct watch_options *o = &w->o;

	text_printf(out, "*mangle\n-D OUTPUT -m cgroup --path \"%s\" -j %s\n", o->cgroup, w->chain);
	text_printf(out, "-D INPUT -m connmark --mark 0x%x/0x%x -j %s\n", o->mark, o->mark_mask,
		    w->chain);
	text_printf(out, "-F %s\n-X %s\nCOMMIT\n", w->chain, w->chain);
}

static int watch_apply(const struct watch *w, int family,
		       void (*write)(const struct watch *, struct text *), struct error *e)
{
	struct text t = { 0 };
	int err;

	write(w, &t);
	err = xtables_restore(family, &t, NULL, e);
	text_done(&t);
	return err;
}

int watch_install(const struct watch_options *o, struct watch **out, struct error *e)
{
	struct watch *w;
	char *cgroup;
	int err;

	if (!*o->cgroup || strpbrk(o->cgroup, "\"\\\n") || !o->mark_mask ||
	    (o->mark & ~o->mark_mask) || !o->mark)
		return error_set(e, -EINVAL, "watch: %s: not a cgroup, or no mark", o->cgroup);
	err = watch_cleanup(e);
	if (err)
		return err;
	w = calloc(1, sizeof(*w));
	cgroup = strdup(o->cgroup);
	if (!w || !cgroup) {
		free(w);
		free(cgroup);
		return error_set(e, -ENOMEM, "watch: out of memory");
	}
	w->o = *o;
	w->o.cgroup = w->cgroup = cgroup;
	snprintf(w->chain, sizeof(w->chain), chain_format, o->id);
	err = watch_apply(w, 4, watch_text, e);
	if (!err && machine_has_ipv6()) {
		err = watch_apply(w, 6, watch_text, e);
		if (err == -ENOENT) {
			log_warning("watch: ip6tables-restore: no such program: IPv6 is not seen");
			err = 0;
		}
		if (err)
			watch_apply(w, 4, watch_removal, NULL);
	}
	if (err) {
		free(cgroup);
		free(w);
		return err;
	}
	*out = w;
	return 0;
}

void watch_remove(struct watch *w)
{
	struct error e = { "" };

	if (!w)
		return;
	if (watch_apply(w, 4, watch_removal, &e) < 0)
		log_error("%s", e.text);
	if (machine_has_ipv6() && watch_apply(w, 6, watch_removal, &e) == -EOPNOTSUPP)
		log_error("%s", e.text);
	if (conntrack_clear(w->o.mark_mask, w->o.mark, w->o.mark_mask, &e) < 0)
		log_debug("%s", e.text);
	free(w->cgroup);
	free(w);
}
