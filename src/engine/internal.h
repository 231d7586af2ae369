/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share. */
#ifndef ENGINE_INTERNAL_H
#define ENGINE_INTERNAL_H

#include "dissect/dns.h"
#include "engine/decided.h"
#include "engine/engine.h"
#include "engine/fingerprints.h"
#include "engine/late.h"
#include "engine/refused.h"
#include "engine/relays.h"
#include "flow/flow.h"
#include "flow/fragments.h"
#include "flow/memory.h"
#include "flow/stream.h"
#include "forge/forge.h"

/* How long a refusal by `stall` is silent: libraries ask again after five seconds (glibc's
 * resolver), and before they give up they hear that it is in vain. */
#define STALL_NS 4000000000LL

struct questions;
struct hellos;
struct talks;

struct engine {
	struct engine_options options;
	struct device_table *devices;
	struct record_sink sink;
	struct policy *policy;
	uint32_t generation; /* of the policy */
	struct names *names;
	struct flow_table *flows;
	struct memory *memory;
	struct sessions *sessions;
	struct suspects *suspects;
	struct questions *questions;
	struct hellos *hellos;
	struct fingerprints *fingerprints; /* NULL: nobody shows them */
	struct fragments *fragments;
	struct talks *talks;
	struct late *late;
	struct refused_table *refused;
	struct decided *decided;
	struct relays *relays;
	struct engine_counters counters;
	int64_t now_ns;
	struct packet said;	    /* by a flow before it turned out to be no DNS */
	struct dns_message message; /* scratch: too large for the stack of a router */
	uint8_t reply[FORGE_MAX], to_server[FORGE_MAX];
};

/* devices.c: the configured name of a device, and what it calls itself; NULL = none. */
const char *engine_device_name(const struct engine *e, const struct mac *mac,
			       const struct addr *addr);
/* What is asked of the policy when that client wants name; qtype is the caller's to add. */
struct policy_query engine_query(const struct engine *e, const struct name *name,
				 enum policy_via via, const struct mac *mac,
				 const struct addr *client);
const char *engine_device_hostname(const struct engine *e, const struct mac *mac,
				   const struct addr *addr);
/* The names of a server's address: what this client was told, else what its device was at
 * another of its addresses (asked over IPv4, gone to over IPv6). Returns how many. */
unsigned engine_names_of(struct engine *e, const struct addr *client, const struct addr *server,
			 struct name out[static MEMORY_NAMES]);
/* Takes the host name out of a packet to a DHCP server; others are passed over. */
void engine_dhcp(struct engine *e, const struct packet *p);
void engine_devices_count(const struct engine *e, struct engine_counters *out);
void engine_count_verdict(struct engine *e, const struct verdict *v);

/* habits.c. The decision, and where it is of a tracker that is no app's own, the app in whose
 * session it is; q->client is needed. */
void engine_decide(const struct engine *e, struct policy_query *q, const struct mac *mac,
		   int64_t at_ns, struct verdict *out);
/* Sessions and suspects learn of a question, of a decided flow, of the next payload of one that
 * its device sends, of its bytes so far and at its end. */
void engine_habit_question(struct engine *e, const struct dns_record *r);
void engine_habit_flow(struct engine *e, struct flow *f, const struct verdict *v);
void engine_habit_payload(struct engine *e, struct flow *f, int64_t now_ns);
void engine_habit_bytes(struct engine *e, const struct flow *f, bool ended);
/* Is it on no list, and little for its age? */
bool engine_habit_hears(const struct flow *f);
bool engine_habits_new(struct engine *e);
void engine_habits_count(const struct engine *e, struct engine_counters *out);

/* flows.c: TCP, and UDP that is not DNS on port 53. */
struct action engine_flow_packet(struct engine *e, const struct frame *f, const struct packet *p);
/* The way to refuse p of f, as far as it fits it. */
struct action engine_refuse(struct engine *e, const struct flow *f, enum verdict_how how,
			    const struct packet *p);
/* A flow as a record, as it stands now. */
void engine_flow_record(const struct engine *e, const struct flow *f, struct flow_record *out);
void engine_flow_gone(void *ctx, struct flow *f);

/* What a payload said of a name. */
struct hint {
	enum via via;
	struct name name; /* len 0: none */
	bool has_ech;	  /* the hello may hide its true name: this one may be the outer */
	bool is_sslv2;	  /* a hello without room for a name */
	bool offers_dns;  /* encrypted DNS, by its ALPN */
	bool may_change;  /* a proxy's target: what is behind it has not come yet */
	/* The whole ClientHello that was read, over TCP in its records; NULL: none. The flow's or
	 * the packet's. */
	const uint8_t *hello, *hello_end;
};

/* hello.c: a name from the payloads of a flow, in one packet or put together from several.
 * MORE, and FOUND with a name that may change: the flow is to be looked at again with its next
 * payload. Other answers give back what the flow held. */
struct hellos *hellos_new(uint32_t max);
void hellos_free(struct hellos *h);
enum outcome hello_look(struct engine *e, struct flow *f, const struct packet *p, unsigned end,
			struct hint *out);
/* No more will come: the name by what has. False if there is none. Gives back what f held. */
bool hello_finish(struct engine *e, struct flow *f, struct hint *out);
void hello_give_back(struct engine *e, struct flow *f);
struct stream_pool *hellos_streams(const struct hellos *h);
void hellos_count(const struct hellos *h, struct engine_counters *out);

/* hello_tcp.c: the bytes of a stream from its beginning; last: no more will come. */
enum outcome hello_stream(const uint8_t *bytes, size_t n, bool last, struct hint *out);
enum outcome hello_look_tcp(struct engine *e, struct flow *f, const struct packet *p,
			    struct hint *out);
/* Does the payload begin as only one of the opener does? */
bool hello_is_opener(const struct packet *p);

/* questions.c: one DNS message, in e->message, from the sender of p to its receiver. */
struct questions *questions_new(uint32_t max);
void questions_free(struct questions *q);
void engine_dns_message(struct engine *e, enum frame_hook hook, const struct packet *p,
			struct verdict *out);
/* The same for a message that is the payload of p. */
struct action engine_dns_datagram(struct engine *e, enum frame_hook hook, const struct packet *p);
/* Is e->message, in p, an answer that is to be told without keys of Encrypted ClientHello? */
bool engine_withholds_ech(const struct engine *e, enum frame_hook hook, const struct packet *p);
/* UDP port 53. *out_is_dns says whether p was DNS at all. */
struct action engine_dns_packet(struct engine *e, const struct frame *f, const struct packet *p,
				bool *out_is_dns);
void engine_questions_tick(struct engine *e, int64_t now_ns);
void engine_questions_flush(struct engine *e);

/* refusals.c: is the question in e->message, of p, one that was refused again and again? *out: as
 * then; its answer is to wait so long. */
bool engine_question_again(struct engine *e, const struct packet *p, struct verdict *out,
			   int64_t *out_delay_ns);
/* The message in e->message, of p, was refused to the device with that MAC; the flow was. */
void engine_question_refused(struct engine *e, const struct packet *p, const struct mac *mac,
			     const struct verdict *v);
void engine_flow_refused(struct engine *e, const struct flow *f, const struct verdict *v);
void engine_repeats_told(void *ctx, const struct refused *r);

/* dns_flow.c: DNS in flows: over TCP, and over UDP on other ports than 53. False: p is none of
 * that, and what follows is as of any flow; of a flow that seemed to be DNS until now, *io_p
 * becomes all that it said so far, for this packet. */
bool engine_dns_flow(struct engine *e, enum frame_hook hook, struct flow *f,
		     const struct packet **io_p, unsigned end, struct action *out);
/* The flow ends. False if it was not DNS alone: it is to have a record. */
bool engine_dns_flow_gone(struct engine *e, struct flow *f);

/* dns_talk.c: the messages of a TCP connection, put together per direction. */
struct talks *talks_new(uint32_t max);
void talks_free(struct talks *t);
enum talk_state {
	TALK_MORE, /* nothing that is complete */
	TALK_SAID, /* messages were read */
	TALK_NOT,  /* it is no DNS; *io_p is what it said, as far as it is known */
};
/* *out: the verdict on the first message that is blocked, else any that allows. */
enum talk_state talk_packet(struct engine *e, enum frame_hook hook, struct flow *f,
			    struct packet *io_p, unsigned end, struct verdict *out);
/* No more will come: what is left is read. */
void talk_end(struct engine *e, struct flow *f);

static inline struct action action_of(enum action_kind kind)
{
	return (struct action){ .kind = kind };
}

#endif
