/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a record says whose household it was. */
#ifndef DAEMON_ANONYMIZE_H
#define DAEMON_ANONYMIZE_H

#include "engine/record.h"

/* Remembers which device has which number, from one record and capture to the next. May be used
 * by several threads. */
struct anonymizer;
struct anonymizer *anonymizer_new(void);    /* NULL without memory */
void anonymizer_free(struct anonymizer *a); /* accepts NULL */

/* Names of the local network, of reverse DNS and addresses become a word for what they are. */
void anonymize_name(struct name *n);

enum { ANONYM_MAX = 24 };
/* Takes addresses, ports of clients, MACs, host names and the names of devices, of the local
 * network and of reverse DNS out of a copy of a record, and rules that name addresses or clients;
 * the device becomes "device-3". buf keeps that as long as the record is used. */
void anonymize_flow(struct anonymizer *a, struct flow_record *r, char buf[static ANONYM_MAX]);
void anonymize_dns(struct anonymizer *a, struct dns_record *r, char buf[static ANONYM_MAX]);

#endif
