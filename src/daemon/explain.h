/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A decision told: what a name would get, which rules spoke, which won. */
#ifndef DAEMON_EXPLAIN_H
#define DAEMON_EXPLAIN_H

#include "base/text.h"
#include "policy/policy.h"

/* One JSON object: name, verdict, how, reason, app, role, list, rule, line, and with
 * `candidates` every rule that matched, what breaks and the evidence. A text that is no host
 * name has "error". Returns the verdict. */
enum verdict_kind explain_json(const struct policy *p, const char *name, bool candidates,
			       struct text *out);

#endif
