/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dnsmasq:  EXPIRY MAC ADDRESS HOSTNAME CLIENT-ID        (of DHCPv6: IAID in place of the MAC)
 * odhcpd:   # IFACE DUID IAID HOSTNAME EXPIRY ASSIGNED LENGTH ADDRESS/BITS...
 *           (of IPv4 the word "ipv4" in place of the IAID, and the MAC in hex for the DUID)
 * ISC:      lease ADDRESS { ... hardware ethernet MAC; ... client-hostname "NAME"; ... }
 * networkd: {"Leases":[{"Address":[192,0,2,7],"HardwareAddress":[2,0,...],"Hostname":"NAME"}]} */
#include "device/leases.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 16, LINE_MAX_BYTES = 1024 };

struct parser {
	void (*each)(void *ctx, const struct lease *l);
	void *ctx;
	unsigned count;
	bool in_block;	    /* of ISC */
	struct lease block; /* the one that is open */
};

static void give(struct parser *p, const struct lease *l)
{
	if (!*l->hostname || (mac_is_zero(&l->mac) && !l->addr.family) || p->count == LEASES_MAX)
		return;
	p->count++;
	p->each(p->ctx, l);
}

/* dnsmasq puts the type of the hardware in front where it is not Ethernet: no MAC then. */
static bool take_mac(const char *text, struct mac *out)
{
	return mac_parse(text, out) && !mac_is_zero(out);
}

static void take_hostname(const char *text, struct lease *out)
{
	if (!device_hostname(text, strlen(text), out->hostname))
		*out->hostname = '\0';
}

static void line_of_dnsmasq(struct parser *p, char *word[static WORDS], unsigned n)
{
	struct lease l = { .addr.family = 0 };

	if (n < 4 || !addr_parse(word[2], &l.addr) || !strcmp(word[3], "*"))
		return;
	if (l.addr.family == 4 && !take_mac(word[1], &l.mac))
		l.mac = (struct mac){ { 0 } };
	take_hostname(word[3], &l);
	give(p, &l);
}

static bool mac_of_hex(const char *text, struct mac *out)
{
	char colons[MAC_TEXT_MAX];

	if (strlen(text) != 12)
		return false;
	for (int i = 0; i < 6; i++) {
		memcpy(colons + 3 * i, text + 2 * i, 2);
		colons[3 * i + 2] = i < 5 ? ':' : '\0';
	}
	return take_mac(colons, out);
}

/* "broken\x20" in front: odhcpd did not like the name, and neither do we. */
static void line_of_odhcpd(struct parser *p, char *word[static WORDS], unsigned n)
{
	struct lease l = { .addr.family = 0 };

	if (n < 8 || !strcmp(word[4], "-"))
		return;
	take_hostname(word[4], &l);
	if (!strcmp(word[3], "ipv4") && mac_of_hex(word[2], &l.mac) && n == 8)
		give(p, &l);
	for (unsigned i = 8; i < n; i++) {
		char *slash = strchr(word[i], '/');

		if (slash)
			*slash = '\0';
		if (addr_parse(word[i], &l.addr))
			give(p, &l);
	}
}

/* Statements of a block, one a line, as dhcpd writes them. */
static void line_of_isc(struct parser *p, char *word[static WORDS], unsigned n)
{
	char *last = word[n - 1];
	size_t len = strlen(last);

	if (!strcmp(word[0], "}")) {
		give(p, &p->block);
		p->in_block = false;
		return;
	}
	if (len && last[len - 1] == ';')
		last[len - 1] = '\0';
	if (n == 3 && !strcmp(word[0], "hardware") && !strcmp(word[1], "ethernet")) {
		if (!take_mac(word[2], &p->block.mac))
			p->block.mac = (struct mac){ { 0 } };
	} else if (n == 2 && !strcmp(word[0], "client-hostname")) {
		len = strlen(last);
		if (len < 2 || *last != '"' || last[len - 1] != '"')
			return;
		last[len - 1] = '\0';
		take_hostname(last + 1, &p->block);
	}
}

static void line(struct parser *p, char *text)
{
	char *word[WORDS] = { NULL }, *save = NULL;
	unsigned n = 0;

	for (char *w = strtok_r(text, " \t\r", &save); w && n < WORDS;
	     w = strtok_r(NULL, " \t\r", &save))
		word[n++] = w;
	if (!n)
		return;
	if (n == 3 && !strcmp(word[0], "lease") && !strcmp(word[2], "{")) {
		p->block = (struct lease){ .addr.family = 0 };
		p->in_block = addr_parse(word[1], &p->block.addr);
	} else if (p->in_block) {
		line_of_isc(p, word, n);
	} else if (!strcmp(word[0], "#")) {
		line_of_odhcpd(p, word, n);
	} else if (isdigit((unsigned char)*word[0])) {
		line_of_dnsmasq(p, word, n);
	}
}

/* A line that is too long, or has a NUL, is none. */
static void lines(struct parser *p, const char *text, size_t n)
{
	char copy[LINE_MAX_BYTES];

	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;

		if (len < sizeof copy && !memchr(text, '\0', len)) {
			memcpy(copy, text, len);
			copy[len] = '\0';
			line(p, copy);
		}
		len += end != NULL;
		text += len;
		n -= len;
	}
}

static bool take_bytes(const json_t *array, size_t n, uint8_t *out)
{
	if (json_array_size(array) != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		json_int_t v = json_integer_value(json_array_get(array, i));

		if (v < 0 || v > 255)
			return false;
		out[i] = (uint8_t)v;
	}
	return true;
}

static void json_leases(struct parser *p, const char *text, size_t n)
{
	json_t *root = json_loadb(text, n, 0, NULL);
	const json_t *all = json_object_get(root, "Leases");

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *o = json_array_get(all, i);
		const char *hostname = json_string_value(json_object_get(o, "Hostname"));
		struct lease l = { .addr.family = 0 };
		uint8_t addr[4];

		if (!hostname)
			continue;
		if (take_bytes(json_object_get(o, "Address"), 4, addr))
			l.addr = addr_v4(addr);
		take_bytes(json_object_get(o, "HardwareAddress"), 6, l.mac.bytes);
		take_hostname(hostname, &l);
		give(p, &l);
	}
	json_decref(root);
}

void leases_parse(const char *text, size_t n, void (*each)(void *ctx, const struct lease *l),
		  void *ctx)
{
	struct parser p = { .each = each, .ctx = ctx };
	size_t first = 0;

	while (first < n && isspace((unsigned char)text[first]))
		first++;
	if (first < n && text[first] == '{')
		json_leases(&p, text, n);
	else
		lines(&p, text, n);
}
