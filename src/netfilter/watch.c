/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cgroup sends is known by its sockets; what comes back, by the connection mark that the
 * first packet left. One chain, at the end of mangle's OUTPUT and INPUT. */
#include "netfilter/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netfilter/backend.h"

enum { COPY_BYTES = 65535 };

struct watch {
	struct watch_options o;
	bool installed[2]; /* IPv4, IPv6 */
};

static void put_rules(const struct watch_options *o, const char *cgroup, struct text *out)
{
	const char *log = "-j NFLOG --nflog-group";

	text_printf(out, "*mangle\n:TACET-W%u - [0:0]\n:TACET-V%u - [0:0]\n", o->id, o->id);
	text_printf(out, "-A TACET-W%u -m cgroup --path \"%s\" -j CONNMARK --set-xmark 0x%x/0x%x\n",
		    o->id, cgroup, o->mark, o->mark_mask);
	text_printf(out, "-A TACET-W%u -m cgroup --path \"%s\" %s %u --nflog-size %d --nflog-threshold 1\n",
		    o->id, cgroup, log, o->group, COPY_BYTES);
	/* Both ends of a connection over lo would be told twice: what left was told. */
	text_printf(out, "-A TACET-V%u ! -i lo -m connmark --mark 0x%x/0x%x %s %u --nflog-size %d "
			 "--nflog-threshold 1\n",
		    o->id, o->mark, o->mark_mask, log, o->group, COPY_BYTES);
	text_printf(out, "-A OUTPUT -j TACET-W%u\n-A INPUT -j TACET-V%u\nCOMMIT\n", o->id, o->id);
}

static void put_removal(const struct watch_options *o, struct text *out)
{
	text_printf(out, "*mangle\n-D OUTPUT -j TACET-W%u\n-D INPUT -j TACET-V%u\n", o->id, o->id);
	text_printf(out, "-F TACET-W%u\n-F TACET-V%u\n-X TACET-W%u\n-X TACET-V%u\nCOMMIT\n", o->id,
		    o->id, o->id, o->id);
}

static int restore(int family, const struct text *rules, struct error *e)
{
	const char *const args[] = { family == 4 ? "iptables-restore" : "ip6tables-restore",
				     "--wait=5", "--noflush", NULL };
	struct text err = { .max = 400 };
	int rc = rules->failed ? -ENOMEM : tool_run(args, rules->at, NULL, &err);

	if (rc == -ENOENT)
		error_set(e, rc, "audit: %s: no such program; install iptables", args[0]);
	else if (rc < 0)
		error_set(e, rc, "audit: %s: %s", args[0], strerror(-rc));
	else if (rc > 0 && err.at && strstr(err.at, "ermitted"))
		rc = error_set(e, -EPERM, "audit: %s: needs CAP_NET_ADMIN: run as root", args[0]);
	else if (rc > 0)
		rc = error_set(e, -EOPNOTSUPP, "audit: %s: %.*s", args[0],
			       err.at ? (int)strcspn(err.at, "\n") : 0, err.at ? err.at : "");
	text_done(&err);
	return rc;
}

static int install(struct watch *w, const char *cgroup, int family, struct error *e)
{
	struct text t = { 0 };
	int rc;

	put_rules(&w->o, cgroup, &t);
	rc = restore(family, &t, e);
	text_done(&t);
	w->installed[family == 6] = !rc;
	return rc;
}

int watch_install(const struct watch_options *o, struct watch **out, struct error *e)
{
	struct watch *w = calloc(1, sizeof *w);
	int rc;

	if (!w)
		return error_set(e, -ENOMEM, "audit: out of memory");
	w->o = *o;
	w->o.cgroup = NULL;
	rc = install(w, o->cgroup, 4, e);
	if (!rc && machine_has_ipv6())
		rc = install(w, o->cgroup, 6, e);
	if (rc) {
		watch_remove(w);
		return rc;
	}
	*out = w;
	return 0;
}

void watch_remove(struct watch *w)
{
	struct text t = { 0 };

	if (!w)
		return;
	put_removal(&w->o, &t);
	for (int six = 0; six < 2; six++)
		if (w->installed[six])
			restore(six ? 6 : 4, &t, NULL);
	text_done(&t);
	free(w);
}
