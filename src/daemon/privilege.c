/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Once every socket is open tacet needs CAP_NET_ADMIN (verdicts, rules) and, for the programs
 * that change the rules, CAP_NET_RAW; nothing else. */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "daemon/daemon.h"

#if WITH_CAPNG
#include <cap-ng.h>

int privilege_drop(struct error *e)
{
	capng_clear(CAPNG_SELECT_BOTH);
	if (capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_BOUNDING_SET,
			  CAP_NET_ADMIN, CAP_NET_RAW, -1) ||
	    capng_apply(CAPNG_SELECT_BOTH))
		return error_set(e, -EPERM, "privileges: cannot be dropped");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set(e, -errno, "privileges: no_new_privs: %s", strerror(errno));
	return 0;
}
#else
int privilege_drop(struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set(e, -errno, "privileges: no_new_privs: %s", strerror(errno));
	return 0;
}
#endif
