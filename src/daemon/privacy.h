/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a record may leave the daemon, by the privacy level of tacet.conf(5). */
#ifndef DAEMON_PRIVACY_H
#define DAEMON_PRIVACY_H

#include <stdbool.h>

#include "engine/engine.h"
#include "engine/record.h"

enum { PSEUDONYM_MAX = 16 };

/* Takes from a copy of the record what the level forbids. False: nothing of it may be told.
 * buf keeps the pseudonym, as long as the record is used. */
bool privacy_flow(unsigned level, struct flow_record *r, char buf[static PSEUDONYM_MAX]);
bool privacy_dns(unsigned level, struct dns_record *r, char buf[static PSEUDONYM_MAX]);
/* Sessions are told in which a tracker appeared, and trackers that were blocked or would have been.
 * now_ns: whose day the pseudonym is of. */
bool privacy_session(unsigned level, struct session_record *r, char buf[static PSEUDONYM_MAX]);
bool privacy_companion(unsigned level, struct companion_record *r, char buf[static PSEUDONYM_MAX]);
bool privacy_device(unsigned level, struct device_record *r, int64_t now_ns,
		    char buf[static PSEUDONYM_MAX]);
bool privacy_suspect(unsigned level, struct suspect *s);
bool privacy_refusal(unsigned level, struct refusal *r, char buf[static PSEUDONYM_MAX]);

#endif
