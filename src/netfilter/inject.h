/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sends whole IP packets that tacet forged, from addresses that are not ours. */
#ifndef NETFILTER_INJECT_H
#define NETFILTER_INJECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct injector;
/* Raw sockets, IPv4 and IPv6 (a machine without IPv6 does without). */
int injector_open(struct injector **out, struct error *e);
void injector_close(struct injector *i); /* accepts NULL */
/* ip: a whole IP packet; mark: SO_MARK of it. Never blocks. 0 or -errno. */
int injector_send(struct injector *i, const uint8_t *ip, size_t n, uint32_t mark);

#endif
