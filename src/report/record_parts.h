/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Members that several kinds of record share: record_json.c writes them. */
#ifndef REPORT_RECORD_PARTS_H
#define REPORT_RECORD_PARTS_H

#include "report/report.h"

/* Nothing without an address. */
void record_put_addr(struct text *t, const char *key, const struct addr *a);
/* Who it was, as far as it is known; device and hostname may be NULL. */
void record_put_device(struct text *t, const char *device, const char *hostname,
		       const struct mac *mac);

#endif
