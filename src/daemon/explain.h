/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A decision told: what a name would get, which rules spoke, which won. */
#ifndef DAEMON_EXPLAIN_H
#define DAEMON_EXPLAIN_H

#include "base/text.h"
#include "policy/policy.h"

/* For that device and in the session of that app, NULL = none; at the time that p was told. One
 * JSON object: name, device, verdict, how, reason, app, role, list, section, rule, line, and with
 * `candidates` what comes back on the wire, every rule that matched, what breaks and the evidence.
 * A text that is neither a host
 * name nor an address has "error". Returns the verdict. */
enum verdict_kind explain_json(const struct policy *p, const char *name, const char *device,
			       const char *app, bool candidates, struct text *out);

#endif
