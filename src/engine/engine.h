/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The pipeline: one frame in, one decision and records out. No system calls; time comes with
 * the frame. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "decode/decode.h"
#include "device/device.h"
#include "device/leases.h"
#include "engine/record.h"
#include "policy/policy.h"

/* What to do with the frame. */
enum action_kind {
	ACTION_PASS,	/* let it through; later packets of the flow are wanted */
	ACTION_KEEP,	/* let it through; the flow is decided, the kernel may keep it */
	ACTION_DROP,	/* drop it, silently */
	ACTION_RESET,	/* drop it and reset both ends: reply the client, to_server the server */
	ACTION_UNREACH, /* drop it and send reply, an ICMP error, to the client */
	ACTION_ANSWER,	/* drop it and send reply to the client */
	ACTION_LATE,	/* drop it: engine_late has the reply when it is due */
};

struct action {
	enum action_kind kind;
	/* IP packets, the engine's until the next frame; NULL = none. */
	const uint8_t *reply, *to_server;
	size_t reply_len, to_server_len;
};

struct engine_options {
	uint32_t max_flows;	/* flow table; full = the idlest is evicted */
	uint32_t max_names;	/* address-to-name memory, entries of all clients */
	uint32_t max_questions; /* DNS questions waiting for their answer */
	uint32_t max_refused;	/* names refused lately, of each device */
	uint32_t max_hellos;	/* hellos spread over packets, collected at once; of each kind */
	uint32_t tcp_idle_ms, udp_idle_ms, question_ms;
	uint32_t name_floor_s;		     /* an address keeps its name at least that long */
	bool open_records;		     /* also a record when a flow is decided (live) */
	uint32_t max_devices, max_addresses; /* device table; 0 counts as 1 */
	uint32_t max_sessions; /* of apps on devices, and hosts watched for what they are like */
	const struct device_config *devices; /* copied */
	size_t device_count;
};

/* Counters only grow. Each has a line in engine_counter_names and tacet-stats(7). */
struct engine_counters {
	uint64_t frames, bytes, decode[DECODE_RESULTS];
	uint64_t fragments, fragments_joined, fragments_evicted; /* of IP packets, in captures */
	uint64_t flows, flows_evicted, flows_now;
	uint64_t kept_packets; /* of flows, that the kernel counted and the engine did not see */
	uint64_t dns_flows; /* that ended and carried DNS alone: no flow record, but one a question
			     */
	uint64_t names, names_evicted, names_now, names_full;
	uint64_t questions, questions_evicted, relayed, answers;
	uint64_t devices, devices_evicted, devices_now;	   /* of the household, by MAC or address */
	uint64_t addresses_evicted, addresses_now;	   /* of them */
	uint64_t hostnames;				   /* told in DHCP requests */
	uint64_t sessions, sessions_evicted, sessions_now; /* of apps on devices */
	uint64_t companions_evicted, companions_now;	   /* trackers in them */
	uint64_t hosts, hosts_evicted, hosts_now; /* on no list, watched for what they are like */
	uint64_t hellos, hellos_evicted, hellos_lost, hellos_now; /* spread over packets */
	/* Where the names of decided flows came from. A flow whose name may yet come behind another
	 * protocol counts when it has, or cannot any more. */
	uint64_t tls, quic, http, socks, from_dns, ech, unnamed;
	uint64_t sslv2;	  /* flows that began with an SSLv2-style hello, which has no name */
	uint64_t repeats; /* questions answered as the same before */
	uint64_t refused_now, refused_evicted; /* names refused lately, of each device */
	uint64_t late, late_full; /* answers told later; told at once, for want of room */
	uint64_t allowed, logged, blocked, answered, reset, unreachable, dropped, by_role[ROLES];
};

struct engine;
struct engine *engine_new(const struct engine_options *o, const struct record_sink *sink);
void engine_free(struct engine *e); /* accepts NULL */

/* The policy is the caller's and must outlive its use; the engine tells it the time. A new one,
 * the same one set again, and one that changes with time re-decide every flow at its next
 * packet. */
void engine_set_policy(struct engine *e, struct policy *p);

/* Other names for devices from now on, copied; engine_set_policy is to follow. False without
 * memory: nothing is changed then. */
bool engine_set_devices(struct engine *e, const struct device_config *devices, size_t count);

/* Changes whenever open flows may be decided otherwise than they were. */
uint32_t engine_generation(const struct engine *e);

/* Never fails: what is not understood passes and is counted. */
struct action engine_frame(struct engine *e, const struct frame *f);
/* Expires flows and questions idle at now_ns; a frame does this by itself as its time advances. */
void engine_tick(struct engine *e, int64_t now_ns);
/* Ends every flow and question: records come out. */
void engine_flush(struct engine *e);
/* A reply that is due at the time of the last engine_tick, as ACTION_ANSWER; the engine's until the
 * next frame. False: none is. */
bool engine_late(struct engine *e, struct action *out);
const struct engine_counters *engine_counters(struct engine *e);

/* The flows of now, oldest first, for the stats socket. */
void engine_each_flow(const struct engine *e, void (*each)(void *ctx, const struct flow_record *r),
		      void *ctx);

/* What was refused lately: each name to each device, each type of question and connections apart.
 */
struct refusal {
	const char *device, *hostname; /* or NULL */
	struct addr client;
	struct mac mac; /* or zero */
	struct name name;
	uint16_t qtype; /* 0: connections */
	uint8_t proto;	/* IPPROTO_, of the last */
	uint64_t count;
	int64_t first_ns, last_ns;
	struct verdict verdict; /* of the policy of now */
};
/* Those unused longest first. Pointers are valid during the call. */
void engine_each_refusal(const struct engine *e, void (*each)(void *ctx, const struct refusal *r),
			 void *ctx);

/* The flows that the kernel keeps and that the policy of now would block, of the next n places of
 * the flow table from *io_place on; the first place is 0. False: there are no more. Nothing is
 * decided: that is for their next packet. */
struct engine_flow {
	uint8_t proto;
	struct addr src, dst; /* src opened it */
	uint16_t sport, dport;
};
bool engine_each_changed(struct engine *e, uint32_t *io_place, uint32_t n,
			 void (*each)(void *ctx, const struct engine_flow *f), void *ctx);

/* Devices, from the one unseen longest on; sessions: the last one of each app on each device;
 * trackers in sessions; hosts that behave like a tracker. */
void engine_each_device(const struct engine *e,
			void (*each)(void *ctx, const struct device_record *r), void *ctx);
void engine_each_session(const struct engine *e,
			 void (*each)(void *ctx, const struct session_record *r), void *ctx);
void engine_each_companion(const struct engine *e,
			   void (*each)(void *ctx, const struct companion_record *r), void *ctx);
void engine_each_suspect(const struct engine *e, void (*each)(void *ctx, const struct suspect *s),
			 void *ctx);
/* A DHCP server's lease names a device that has told no name itself. False: it was not seen. */
bool engine_lease(struct engine *e, const struct lease *l);

/* What conntrack counted for a flow that the kernel keeps. Unknown flows are ignored. True, once:
 * it is on no list and carries little; when it says something is wanted from now on, so that its
 * next payload is to come up. */
struct engine_count {
	uint8_t proto;
	struct addr src, dst; /* src opened it */
	uint16_t sport, dport;
	uint64_t packets_out, bytes_out, packets_in, bytes_in; /* all 0: nobody counted */
	bool ended;					       /* its record goes out */
};
bool engine_flow_counted(struct engine *e, const struct engine_count *c, int64_t now_ns);

#endif
