/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Once every socket is open tacet needs CAP_NET_ADMIN (verdicts, rules) and, for the programs
 * that change the rules, CAP_NET_RAW; on kernels that want it for reading what they noted of
 * processes CAP_BPF; nothing else. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "daemon/daemon.h"
#include "process/process.h"

static int no_new_privileges(struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set(e, -errno, "privileges: no_new_privs: %s", strerror(errno));
	return 0;
}

#if WITH_CAPNG
#include <cap-ng.h>

enum { BPF = 39 /* CAP_BPF, which older headers do not have */ };

/* CAP_BPF out of effect, which shows whether it is needed; then back, or given up. */
static int settle_bpf(const struct processes *p)
{
	if (processes_may_find(p))
		capng_update(CAPNG_DROP, CAPNG_PERMITTED, BPF);
	else
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE, BPF);
	return capng_apply(CAPNG_SELECT_CAPS);
}

int privilege_drop(const struct processes *p, struct error *e)
{
	bool has_bpf = p && processes_traces(p) && !capng_get_caps_process() &&
		       capng_have_capability(CAPNG_PERMITTED, BPF);

	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
			  CAP_NET_ADMIN, CAP_NET_RAW, -1) ||
	    (has_bpf && capng_update(CAPNG_ADD, CAPNG_PERMITTED, BPF)) ||
	    capng_apply(CAPNG_SELECT_BOTH) || (has_bpf && settle_bpf(p)))
		return error_set(e, -EPERM, "privileges: cannot be dropped");
	return no_new_privileges(e);
}
#else
int privilege_drop(const struct processes *p, struct error *e)
{
	(void)p;
	return no_new_privileges(e);
}
#endif
