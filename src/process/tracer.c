/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Programs at the entry of tcp_connect, udp_sendmsg and udpv6_sendmsg: they run in the process that
 * connects or sends, after its port is bound and before its packet leaves. Where the kernel has
 * none of that (fentry: Linux 5.5), or refuses it, one at the tracepoint sock_send_length (Linux
 * 6.3), which comes right after a packet was handed over. What the kernel's structs look like is
 * in its BTF. */
#include "process/tracer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#if WITH_BPF
#include <fcntl.h>
#include <linux/bpf.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "process/btf.h"

enum { HOOKS = 3, CODE_MAX = 192 };

struct tracer {
	int map, programs[HOOKS], links[HOOKS];
};

/* IPv4 is mapped (RFC 4291, 2.5.5.2), as in the sockets of IPv6 that carry it. The addresses of a
 * socket that is not connected are left out, and so is its other port. */
struct key {
	uint8_t src[16], dst[16];
	uint16_t sport; /* this machine's order, as sock_common has it */
	uint16_t dport; /* network order */
	uint16_t proto, zero;
};

struct layout {
	uint32_t family, num, dport, daddr, saddr, daddr6, saddr6; /* in sock_common */
	uint32_t protocol;					   /* in sock */
	uint32_t leader, comm;					   /* in task_struct */
};

struct code {
	struct bpf_insn at[CODE_MAX];
	int n;
};

enum { R0, R1, R2, R3, R4, R6 = 6, R7, R8, R9, FP };

/* Where the program's stack keeps what. */
enum {
	KEY = -(int)sizeof(struct key),
	WORD = KEY - 8, /* scratch */
	VALUE = WORD - (int)sizeof(struct traced),
};

static void put(struct code *c, uint8_t op, unsigned dst, unsigned src, int off, int32_t imm)
{
	if (c->n < CODE_MAX)
		c->at[c->n] = (struct bpf_insn){ .code = op,
						 .dst_reg = dst & 15,
						 .src_reg = src & 15,
						 .off = (int16_t)off,
						 .imm = imm };
	c->n++;
}

static void move(struct code *c, unsigned dst, unsigned src)
{
	put(c, BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0);
}

static void add(struct code *c, unsigned dst, int32_t n)
{
	put(c, BPF_ALU64 | BPF_ADD | BPF_K, dst, 0, 0, n);
}

static void call(struct code *c, int helper)
{
	put(c, BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}

/* n bytes at (register from) + offset to the stack. */
static void copy(struct code *c, int to, int n, unsigned from, uint32_t offset)
{
	move(c, R1, FP);
	add(c, R1, to);
	put(c, BPF_ALU64 | BPF_MOV | BPF_K, R2, 0, 0, n);
	move(c, R3, from);
	add(c, R3, (int32_t)offset);
	call(c, BPF_FUNC_probe_read_kernel);
}

static void map_and_key(struct code *c, int map)
{
	put(c, BPF_LD | BPF_DW | BPF_IMM, R1, BPF_PSEUDO_MAP_FD, 0, map);
	put(c, 0, 0, 0, 0, 0);
	move(c, R2, FP);
	add(c, R2, KEY);
}

/* A jump to the place that land() is called at. */
static int jump(struct code *c, uint8_t condition, unsigned reg, int32_t value)
{
	put(c, BPF_JMP | condition | BPF_K, reg, 0, 0, value);
	return c->n - 1;
}

static void land(struct code *c, int from)
{
	if (c->n <= CODE_MAX)
		c->at[from].off = (int16_t)(c->n - from - 1);
}

static void code_end(struct code *c)
{
	put(c, BPF_ALU64 | BPF_MOV | BPF_K, R0, 0, 0, 0);
	put(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

#define KEY_AT(member)	 (KEY + (int)offsetof(struct key, member))
#define VALUE_AT(member) (VALUE + (int)offsetof(struct traced, member))

/* The addresses of a connected socket, which is in R7. */
static void code_addresses(struct code *c, const struct layout *l)
{
	int is_v4, done;

	copy(c, WORD, 2, R7, l->family);
	put(c, BPF_LDX | BPF_MEM | BPF_H, R8, FP, WORD, 0);
	is_v4 = jump(c, BPF_JEQ, R8, AF_INET);
	copy(c, KEY_AT(src), 16, R7, l->saddr6);
	copy(c, KEY_AT(dst), 16, R7, l->daddr6);
	done = jump(c, BPF_JA, 0, 0);
	land(c, is_v4);
	put(c, BPF_ST | BPF_MEM | BPF_H, FP, 0, KEY_AT(src[10]), 0xffff);
	put(c, BPF_ST | BPF_MEM | BPF_H, FP, 0, KEY_AT(dst[10]), 0xffff);
	copy(c, KEY_AT(src[12]), 4, R7, l->saddr);
	copy(c, KEY_AT(dst[12]), 4, R7, l->daddr);
	land(c, done);
}

/* The tracepoint sees sockets of every kind: those that are not TCP or UDP end here. */
static void code_proto(struct code *c, const struct layout *l)
{
	int is_v4, is_v6, is_tcp, is_udp;

	copy(c, WORD, 2, R7, l->family);
	put(c, BPF_LDX | BPF_MEM | BPF_H, R8, FP, WORD, 0);
	is_v4 = jump(c, BPF_JEQ, R8, AF_INET);
	is_v6 = jump(c, BPF_JEQ, R8, AF_INET6);
	code_end(c);
	land(c, is_v4);
	land(c, is_v6);
	copy(c, KEY_AT(proto), 2, R7, l->protocol);
	put(c, BPF_LDX | BPF_MEM | BPF_H, R8, FP, KEY_AT(proto), 0);
	is_tcp = jump(c, BPF_JEQ, R8, IPPROTO_TCP);
	is_udp = jump(c, BPF_JEQ, R8, IPPROTO_UDP);
	code_end(c);
	land(c, is_tcp);
	land(c, is_udp);
}

/* proto 0: of whatever socket it is. */
static void code_key(struct code *c, const struct layout *l, int proto)
{
	int unconnected;

	put(c, BPF_LDX | BPF_MEM | BPF_DW, R7, R1, 0, 0); /* the first argument: sk */
	for (int at = 0; at < (int)sizeof(struct key); at += 8)
		put(c, BPF_ST | BPF_MEM | BPF_DW, FP, 0, KEY + at, 0);
	if (proto)
		put(c, BPF_ST | BPF_MEM | BPF_H, FP, 0, KEY_AT(proto), proto);
	else
		code_proto(c, l);
	copy(c, KEY_AT(sport), 2, R7, l->num);
	copy(c, KEY_AT(dport), 2, R7, l->dport);
	put(c, BPF_LDX | BPF_MEM | BPF_H, R8, FP, KEY_AT(dport), 0);
	unconnected = jump(c, BPF_JEQ, R8, 0);
	code_addresses(c, l);
	land(c, unconnected);
}

static void code_value(struct code *c, const struct layout *l)
{
	put(c, BPF_STX | BPF_MEM | BPF_W, FP, R6, VALUE_AT(pid), 0);
	call(c, BPF_FUNC_get_current_uid_gid);
	put(c, BPF_STX | BPF_MEM | BPF_W, FP, R0, VALUE_AT(uid), 0);
	call(c, BPF_FUNC_get_current_cgroup_id);
	put(c, BPF_STX | BPF_MEM | BPF_DW, FP, R0, VALUE_AT(cgroup), 0);
	/* The process's name is its first thread's: others have names for what they do. */
	call(c, BPF_FUNC_get_current_task);
	move(c, R8, R0);
	copy(c, WORD, 8, R8, l->leader);
	put(c, BPF_LDX | BPF_MEM | BPF_DW, R8, FP, WORD, 0);
	copy(c, VALUE_AT(comm), PROCESS_COMM_MAX, R8, l->comm);
}

/* One that sends again and again is noted once. */
static void code_make(struct code *c, const struct layout *l, int proto, int map)
{
	int is_new, is_other, is_same;

	c->n = 0;
	code_key(c, l, proto);
	call(c, BPF_FUNC_get_current_pid_tgid);
	put(c, BPF_ALU64 | BPF_RSH | BPF_K, R0, 0, 0, 32);
	move(c, R6, R0);
	map_and_key(c, map);
	call(c, BPF_FUNC_map_lookup_elem);
	is_new = jump(c, BPF_JEQ, R0, 0);
	put(c, BPF_LDX | BPF_MEM | BPF_W, R8, R0, offsetof(struct traced, pid), 0);
	put(c, BPF_JMP | BPF_JNE | BPF_X, R8, R6, 0, 0);
	is_other = c->n - 1;
	is_same = jump(c, BPF_JA, 0, 0);
	land(c, is_new);
	land(c, is_other);
	code_value(c, l);
	map_and_key(c, map);
	move(c, R3, FP);
	add(c, R3, VALUE);
	put(c, BPF_ALU64 | BPF_MOV | BPF_K, R4, 0, 0, BPF_ANY);
	call(c, BPF_FUNC_map_update_elem);
	land(c, is_same);
	code_end(c);
}

static int bpf(int cmd, union bpf_attr *attr)
{
	long rc = syscall(SYS_bpf, cmd, attr, sizeof *attr);

	return rc < 0 ? -errno : (int)rc;
}

static int map_create(void)
{
	union bpf_attr a;

	memset(&a, 0, sizeof a);
	a.map_type = BPF_MAP_TYPE_LRU_HASH;
	a.key_size = sizeof(struct key);
	a.value_size = sizeof(struct traced);
	a.max_entries = TRACER_FLOWS;
	memcpy(a.map_name, "tacet_flows", sizeof "tacet_flows");
	return bpf(BPF_MAP_CREATE, &a);
}

/* function 0: for a tracepoint. */
static int program_load(const struct code *c, uint32_t function)
{
	static const char license[] = "GPL";
	union bpf_attr a;

	if (c->n > CODE_MAX)
		return -E2BIG;
	memset(&a, 0, sizeof a);
	a.prog_type = function ? BPF_PROG_TYPE_TRACING : BPF_PROG_TYPE_RAW_TRACEPOINT;
	a.expected_attach_type = function ? BPF_TRACE_FENTRY : 0;
	a.attach_btf_id = function;
	a.insns = (uintptr_t)c->at;
	a.insn_cnt = (uint32_t)c->n;
	a.license = (uintptr_t)license;
	memcpy(a.prog_name, "tacet_process", sizeof "tacet_process");
	return bpf(BPF_PROG_LOAD, &a);
}

static int program_attach(int program, const char *tracepoint)
{
	union bpf_attr a;

	memset(&a, 0, sizeof a);
	a.raw_tracepoint.name = (uintptr_t)tracepoint;
	a.raw_tracepoint.prog_fd = (uint32_t)program;
	return bpf(BPF_RAW_TRACEPOINT_OPEN, &a);
}

static bool layout_read(const struct btf *b, struct layout *l)
{
	static const char sock[] = "sock_common", task[] = "task_struct";

	if (!btf_member(b, "sock", "sk_protocol", &l->protocol))
		return false;

	/* struct sock begins with its sock_common. */
	return btf_member(b, sock, "skc_family", &l->family) &&
	       btf_member(b, sock, "skc_num", &l->num) &&
	       btf_member(b, sock, "skc_dport", &l->dport) &&
	       btf_member(b, sock, "skc_daddr", &l->daddr) &&
	       btf_member(b, sock, "skc_rcv_saddr", &l->saddr) &&
	       btf_member(b, sock, "skc_v6_daddr", &l->daddr6) &&
	       btf_member(b, sock, "skc_v6_rcv_saddr", &l->saddr6) &&
	       btf_member(b, task, "group_leader", &l->leader) &&
	       btf_member(b, task, "comm", &l->comm);
}

static int hook(struct tracer *t, int i, const struct layout *l, int proto, uint32_t function,
		const char *tracepoint)
{
	struct code c;

	code_make(&c, l, proto, t->map);
	t->programs[i] = program_load(&c, function);
	if (t->programs[i] < 0)
		return t->programs[i];
	t->links[i] = program_attach(t->programs[i], tracepoint);
	return t->links[i] < 0 ? t->links[i] : 0;
}

static void unhook(struct tracer *t)
{
	for (int i = 0; i < HOOKS; i++) {
		if (t->links[i] >= 0)
			close(t->links[i]);
		if (t->programs[i] >= 0)
			close(t->programs[i]);
		t->links[i] = t->programs[i] = -1;
	}
}

static int hook_functions(struct tracer *t, const struct btf *b, const struct layout *l)
{
	static const struct {
		const char *name;
		int proto;
	} functions[HOOKS] = {
		{ "tcp_connect", IPPROTO_TCP },
		{ "udp_sendmsg", IPPROTO_UDP },
		{ "udpv6_sendmsg", IPPROTO_UDP },
	};

	for (int i = 0; i < HOOKS; i++) {
		uint32_t id = btf_function(b, functions[i].name);
		int rc = id ? hook(t, i, l, functions[i].proto, id, NULL) : -ENOENT;

		/* IPv6 may be a module, with types of its own. */
		if (rc && !(rc == -ENOENT && i == HOOKS - 1))
			return rc;
	}
	return 0;
}

/* The whole file; the caller frees it. */
static uint8_t *read_btf(size_t *out_n)
{
	size_t n = 0, room = 8 << 20;
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	uint8_t *bytes = fd < 0 ? NULL : malloc(room);
	ssize_t got = 0;

	while (bytes && n < room && (got = read(fd, bytes + n, room - n)) > 0) {
		n += (size_t)got;
		if (n == room && room < (size_t)64 << 20) {
			uint8_t *more = realloc(bytes, 2 * room);

			if (!more)
				break;
			bytes = more;
			room *= 2;
		}
	}
	if (fd >= 0)
		close(fd);
	*out_n = n;
	return bytes;
}

static int attach(struct tracer *t, const struct btf *b, struct error *e)
{
	struct layout l;
	int rc;

	if (!layout_read(b, &l))
		return error_set(e, -EOPNOTSUPP, "processes: this kernel's structs are unknown");
	t->map = map_create();
	if (t->map < 0)
		return error_set(e, t->map, "processes: BPF: map: %s", strerror(-t->map));
	if (!hook_functions(t, b, &l))
		return 0;
	unhook(t);
	rc = hook(t, 0, &l, 0, 0, "sock_send_length");
	return rc ? error_set(e, rc, "processes: BPF: program: %s", strerror(-rc)) : 0;
}

int tracer_open(struct tracer **out, struct error *e)
{
	struct tracer *t = calloc(1, sizeof *t);
	struct btf *b = NULL;
	uint8_t *bytes;
	size_t n;
	int rc;

	if (!t)
		return error_set(e, -ENOMEM, "processes: out of memory");
	t->map = -1;
	for (int i = 0; i < HOOKS; i++)
		t->programs[i] = t->links[i] = -1;
	bytes = read_btf(&n);
	if (bytes)
		b = btf_new(bytes, n);
	rc = b ? attach(t, b, e)
	       : error_set(e, -EOPNOTSUPP,
			   "processes: /sys/kernel/btf/vmlinux: cannot be read: "
			   "the kernel needs CONFIG_DEBUG_INFO_BTF");
	btf_free(b);
	free(bytes);
	if (rc)
		tracer_close(t);
	else
		*out = t;
	return rc;
}

void tracer_close(struct tracer *t)
{
	if (!t)
		return;
	unhook(t);
	if (t->map >= 0)
		close(t->map);
	free(t);
}

static void key_addr(const struct addr *a, uint8_t out[static 16])
{
	if (a->family == 6) {
		memcpy(out, a->bytes, 16);
		return;
	}
	out[10] = out[11] = 0xff;
	memcpy(out + 12, a->bytes, 4);
}

/* 0 or -errno. */
static int find(const struct tracer *t, const struct key *k, struct traced *out)
{
	union bpf_attr a;

	memset(&a, 0, sizeof a);
	a.map_fd = (uint32_t)t->map;
	a.key = (uintptr_t)k;
	a.value = (uintptr_t)out;
	return bpf(BPF_MAP_LOOKUP_ELEM, &a);
}

bool tracer_may_find(const struct tracer *t)
{
	struct key nobody = { .proto = 0 };
	struct traced out;

	return find(t, &nobody, &out) != -EPERM;
}

bool tracer_find(const struct tracer *t, const struct process_flow *f, bool local,
		 struct traced *out)
{
	struct key k = { .sport = f->sport, .dport = htons(f->dport), .proto = f->proto };

	key_addr(&f->src, k.src);
	key_addr(&f->dst, k.dst);
	if (!find(t, &k, out))
		return true;
	if (f->proto != IPPROTO_UDP || !local)
		return false;
	k = (struct key){ .sport = f->sport, .proto = f->proto };
	return !find(t, &k, out);
}
#else
int tracer_open(struct tracer **out, struct error *e)
{
	return error_set(e, -ENOSYS, "processes: this tacet was built without BPF");
}

void tracer_close(struct tracer *t)
{
}

bool tracer_find(const struct tracer *t, const struct process_flow *f, bool local,
		 struct traced *out)
{
	return false;
}

bool tracer_may_find(const struct tracer *t)
{
	return true;
}
#endif
