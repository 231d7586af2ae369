/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parsers of the several formats share. */
#ifndef CLASSIFY_LIST_LINE_H
#define CLASSIFY_LIST_LINE_H

#include "base/addr.h"
#include "classify/lists.h"
#include "classify/span.h"

/* Where rules go. */
struct sink {
	void (*each)(void *ctx, const struct rule *r);
	void *ctx;
};

/* What every parser answers when the line gave a rule; else an enum list_skip. */
enum { PARSED = -1 };
/* Not of this format: let another one look. */
enum { NOT_MINE = -2 };

void line_emit(const struct sink *to, const struct name *name, enum rule_match match,
	       enum rule_action action);
/* PARSED and the name (U-labels converted, no '*'), or why not. */
int line_name(struct span s, struct name *out);
bool line_address(struct span word, struct addr *out);
/* 0.0.0.0, 127.0.0.0/8, :: and ::1 stand for "nowhere"; any other is an answer. */
bool line_is_nowhere(const struct addr *a);
/* localhost and the like, which hosts files give to the machine itself. */
bool line_is_local_name(const struct name *n);

int line_adblock(struct span s, const struct sink *to);
/* Without slashes. */
int line_regex(struct span s, enum rule_action action, const struct sink *to);
int line_dnsmasq(struct span s, const struct sink *to);
int line_unbound(struct span s, const struct sink *to);
int line_rpz(struct span s, const struct sink *to);
int line_v2fly(struct span s, const struct sink *to);
/* Addresses, prefixes, ranges "a-b", "what:a-b". counted: also "address number". */
int line_network(struct span s, bool counted, const struct sink *to);

#endif
