/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was decided lately and may pass: a film's names are asked for again and again, and nothing
 * about them changes until the policy does. Blocked names are in refused.h. */
#ifndef ENGINE_DECIDED_H
#define ENGINE_DECIDED_H

#include "policy/policy.h"

struct decided;
struct decided *decided_new(void);    /* NULL without memory */
void decided_free(struct decided *d); /* accepts NULL */

/* policy_decide, or what it said of the same question under the same generation of the policy, if
 * no rule and no section had a part in it. */
void decided_ask(struct decided *d, const struct policy *p, uint32_t generation,
		 const struct policy_query *q, struct verdict *out);

#endif
