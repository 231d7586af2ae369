/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a watcher wants to see. */
#ifndef CONTROL_FILTER_H
#define CONTROL_FILTER_H

#include <stdbool.h>

#include "base/error.h"
#include "control/query.h"
#include "control/server.h"

struct filter;

/* One wanted value for each argument; none at all lets everything through. 0, -EINVAL with e
 * for a key or value that can match nothing, -ENOMEM. */
int filter_new(const struct arguments *wanted, struct filter **out, struct error *e);
void filter_free(struct filter *f); /* accepts NULL */
/* All keys have to match; what an event does not say matches no key. */
bool filter_passes(const struct filter *f, const struct server_event *ev);

#endif
