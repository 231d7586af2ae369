/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From tacet.conf to the parts that it configures. */
#ifndef DAEMON_SETUP_H
#define DAEMON_SETUP_H

#include "base/error.h"
#include "config/config.h"
#include "engine/engine.h"
#include "netfilter/rules.h"
#include "policy/policy.h"

/* The bundled lists and the catalogue: beside a tacet that runs from its build tree, else
 * where it was installed. buf holds n bytes; returns buf. */
const char *setup_data_dir(char *buf, size_t n);

/* path NULL: SYSCONFDIR/tacet/tacet.conf if it exists, else defaults. */
int setup_config(const char *path, struct config **out, struct error *e);

/* Where the configuration is read from: path, else the default if it exists, else NULL. */
const char *setup_config_path(const char *path);

/* Takes lists and catalogue; what of them is NULL it reads itself, all or nothing. */
int setup_policy(const struct config *c, struct lists *lists, struct catalogue *catalogue,
		 struct policy **out, struct error *e);

/* Does any row name that app? */
bool setup_knows_app(const struct catalogue *c, const char *app);

/* live: open records, short time-outs; else those of an audit. */
int setup_engine(const struct config *c, bool live, const struct record_sink *sink,
		 struct engine **out, struct error *e);

/* The devices that c names; free() them. NULL without memory. */
struct device_config *setup_devices(const struct config *c);

int setup_rules(const struct config *c, struct rules_options *out, struct error *e);

#endif
