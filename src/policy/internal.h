/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a policy is made of; for no other room. */
#ifndef POLICY_INTERNAL_H
#define POLICY_INTERNAL_H

#include "policy/sections.h"

struct policy {
	struct policy_options options;
	struct lists *lists;
	struct catalogue *catalogue;
	struct index *user;
	struct index *bypass;
	struct sections sections;
	struct exceptions exceptions;
	bool lists_limited; /* some are not for everybody, or not at all times */
	int64_t now_ns, paused_until_ns;
};

/* What verdicts say in the place of a list. */
extern const char policy_user_list[], policy_now_list[];

struct exception_query policy_exception_query(const struct policy *p, const struct policy_query *q,
					      const struct verdict *v);

#endif
