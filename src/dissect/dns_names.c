/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for types and response codes: stable, they stand in records. */
#include <stdio.h>
#include <string.h>

#include "dissect/dns.h"

static const struct {
	uint16_t type;
	const char *name;
} type_names[] = {
	{ 1, "A" },	  { 2, "NS" },	   { 5, "CNAME" },    { 6, "SOA" },
	{ 10, "NULL" },	  { 11, "WKS" },   { 12, "PTR" },     { 13, "HINFO" },
	{ 15, "MX" },	  { 16, "TXT" },   { 17, "RP" },      { 18, "AFSDB" },
	{ 24, "SIG" },	  { 25, "KEY" },   { 28, "AAAA" },    { 29, "LOC" },
	{ 33, "SRV" },	  { 35, "NAPTR" }, { 36, "KX" },      { 37, "CERT" },
	{ 38, "A6" },	  { 39, "DNAME" }, { 41, "OPT" },     { 42, "APL" },
	{ 43, "DS" },	  { 44, "SSHFP" }, { 46, "RRSIG" },   { 47, "NSEC" },
	{ 48, "DNSKEY" }, { 49, "DHCID" }, { 50, "NSEC3" },   { 51, "NSEC3PARAM" },
	{ 52, "TLSA" },	  { 59, "CDS" },   { 60, "CDNSKEY" }, { 61, "OPENPGPKEY" },
	{ 64, "SVCB" },	  { 65, "HTTPS" }, { 99, "SPF" },     { 249, "TKEY" },
	{ 250, "TSIG" },  { 251, "IXFR" }, { 252, "AXFR" },   { 255, "ANY" },
	{ 256, "URI" },	  { 257, "CAA" },
};

static const char *const rcode_names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
					   "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
					   "NXRRSET", "NOTAUTH", "NOTZONE" };

static const char *find_type(uint16_t type)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(*type_names); i++)
		if (type_names[i].type == type)
			return type_names[i].name;
	return NULL;
}

bool dns_type_known(uint16_t type)
{
	return find_type(type);
}

const char *dns_type_name(uint16_t type, char buf[static 12])
{
	const char *name = find_type(type);

	if (name)
		return strcpy(buf, name);
	snprintf(buf, 12, "TYPE%u", type);
	return buf;
}

const char *dns_rcode_name(uint8_t rcode, char buf[static 12])
{
	if (rcode < sizeof(rcode_names) / sizeof(*rcode_names))
		return strcpy(buf, rcode_names[rcode]);
	snprintf(buf, 12, "RCODE%u", rcode);
	return buf;
}
