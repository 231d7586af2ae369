/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the engine reports: the records of tacet-records(7) before they become text. */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/name.h"
#include "device/device.h"
#include "dissect/dns.h"
#include "habit/sessions.h"
#include "habit/suspects.h"
#include "policy/policy.h"

struct process; /* process/process.h: filled in by who shows the record */

enum via { VIA_NONE, VIA_TLS, VIA_QUIC, VIA_HTTP, VIA_DNS, VIA_ECH, VIA_SOCKS };
const char *via_name(enum via v); /* "none", "tls", ... */

/* Pointers are valid during the call that hands the record over. */
struct flow_record {
	uint64_t id;	      /* of the flow, unique in this process */
	bool is_open;	      /* more will come: a second record follows at its end */
	uint8_t proto;	      /* IPPROTO_ */
	struct addr src, dst; /* src opened it */
	uint16_t sport, dport;
	struct mac mac;		       /* of src, or zero */
	const char *device;	       /* configured name, or NULL */
	const char *hostname;	       /* what it calls itself, or NULL */
	const struct process *process; /* whose socket src is, or NULL; never by the engine */
	struct name name;	       /* the one that decided; len 0 = not known */
	struct name outer; /* what an encrypted ClientHello showed in its place; len 0 = none */
	enum via via;
	const char *ja4; /* of its ClientHello, or NULL */
	struct verdict verdict;
	bool reached; /* the other side heard of it before the verdict: a TCP handshake or a
			 datagram */
	int64_t first_ns, last_ns;
	uint64_t packets_out, bytes_out, packets_in, bytes_in; /* IP bytes */
};

struct dns_record {
	int64_t time_ns; /* of the question, or of the answer if it was not seen */
	/* Not 0: the record stands for so many questions alike, from time_ns to until_ns. */
	uint32_t repeats;
	int64_t until_ns;
	struct addr client, server;
	struct mac mac;
	const char *device, *hostname;
	const struct process *process; /* as of a flow */
	struct name qname;
	uint16_t qtype;
	uint16_t cport, port; /* the client's, the server's */
	uint8_t proto;	      /* IPPROTO_ */
	bool answered;	      /* rcode, chain and answers hold; of a forged answer no chain */
	uint8_t rcode;
	uint8_t chain_count, addr_count;
	const struct name *chain;
	const struct dns_addr *addrs;
	struct verdict verdict;
};

/* A session of an app on a device: over, or as it stands now. */
struct session_record {
	struct mac mac;
	struct addr addr; /* where no MAC is known */
	const char *device, *hostname;
	const struct app_session *session;
};

/* A tracker in sessions of an app on a device. */
struct companion_record {
	struct mac mac;
	struct addr addr;
	const char *device, *hostname;
	const struct companion *companion;
};

enum { DEVICE_ADDRESSES = 16, DEVICE_APPS = 16 /* that are told */ };
struct device_record {
	struct mac mac;
	const char *device, *hostname;
	enum device_name_source hostname_from;
	bool is_configured; /* device is the configuration's name */
	const char *vendor; /* filled in by who shows it; or NULL */
	struct addr addrs[DEVICE_ADDRESSES];
	const char *apps[DEVICE_APPS];
	size_t addr_count, app_count;
	int64_t first_ns, last_ns;
};

/* Who gets the records. Called from engine_frame, engine_tick and engine_flush. */
struct record_sink {
	void *ctx;
	/* Does anybody listen now? NULL: always. A record that nobody wants is not made. */
	bool (*wanted)(void *ctx);
	bool fingerprints; /* flow records are to have ja4 */
	void (*flow)(void *ctx, const struct flow_record *r);
	void (*dns)(void *ctx, const struct dns_record *r);
	void (*session)(void *ctx, const struct session_record *r); /* it is over; may be NULL */
};

#endif
