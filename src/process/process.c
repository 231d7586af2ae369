/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First what the kernel noted, then what its sockets say. */
#include "process/process.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "process/cgroup.h"
#include "process/internal.h"
#include "process/tracer.h"

enum { USERS_MAX = 64 };

struct user {
	uint32_t uid;
	char name[PROCESS_USER_MAX];
};

struct processes {
	struct tracer *tracer;	 /* NULL: this kernel notes nothing */
	struct sockets *sockets; /* NULL: no netlink */
	struct cgroups *cgroups; /* NULL: no cgroup2 */
	struct search search;
	struct user users[USERS_MAX];
	unsigned user_count;
	struct process_counters counters;
};

struct processes *processes_new(struct error *why)
{
	struct processes *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	tracer_open(&p->tracer, why);
	p->sockets = sockets_new();
	p->cgroups = cgroups_new();
	return p;
}

void processes_free(struct processes *p)
{
	if (!p)
		return;
	tracer_close(p->tracer);
	sockets_free(p->sockets);
	cgroups_free(p->cgroups);
	free(p);
}

bool processes_traces(const struct processes *p)
{
	return p->tracer;
}

bool processes_may_find(const struct processes *p)
{
	return !p->tracer || tracer_may_find(p->tracer);
}

/* /etc/passwd alone: a directory service would have to be waited for. */
static void read_user(struct user *u)
{
	FILE *f = fopen("/etc/passwd", "re");
	struct passwd *entry;

	snprintf(u->name, sizeof u->name, "%u", u->uid);
	while (f && (entry = fgetpwent(f)))
		if (entry->pw_uid == u->uid) {
			snprintf(u->name, sizeof u->name, "%s", entry->pw_name);
			break;
		}
	if (f)
		fclose(f);
}

/* A full table begins anew. */
static const char *user_of(struct processes *p, uint32_t uid)
{
	struct user *u;

	for (unsigned i = 0; i < p->user_count; i++)
		if (p->users[i].uid == uid)
			return p->users[i].name;
	if (p->user_count == USERS_MAX)
		p->user_count = 0;
	u = &p->users[p->user_count++];
	u->uid = uid;
	read_user(u);
	return u->name;
}

static void describe(struct processes *p, uint64_t cgroup, struct process *out)
{
	snprintf(out->user, sizeof out->user, "%s", user_of(p, out->uid));
	*out->cgroup = '\0';
	if (p->cgroups && out->pid)
		snprintf(out->cgroup, sizeof out->cgroup, "%s",
			 cgroups_path(p->cgroups, cgroup, out->pid));
}

static bool find_traced(struct processes *p, const struct process_flow *f, bool local,
			struct process *out)
{
	struct traced t;

	if (!p->tracer || !tracer_find(p->tracer, f, local, &t))
		return false;
	*out = (struct process){ .pid = t.pid, .uid = t.uid };
	memcpy(out->comm, t.comm, sizeof out->comm);
	out->comm[sizeof out->comm - 1] = '\0';
	describe(p, t.cgroup, out);
	p->counters.traced++;
	return true;
}

/* Sockets that are older than the tracer, and all where there is none. */
static bool find_socket(struct processes *p, const struct process_flow *f, struct process *out)
{
	struct socket_owner o;

	if (!p->sockets || !sockets_find(p->sockets, f, &o))
		return false;
	*out = (struct process){ .uid = o.uid };
	if (o.inode && search_inode(&p->search, &o, &out->pid))
		search_comm(out->pid, out->comm);
	describe(p, 0, out);
	if (*out->comm)
		p->counters.searched++;
	else
		p->counters.user_only++;
	return true;
}

bool processes_find(struct processes *p, const struct process_flow *f, bool local,
		    struct process *out)
{
	if (find_traced(p, f, local, out) || (local && find_socket(p, f, out)))
		return true;
	p->counters.unknown += local;
	return false;
}

void processes_counters(const struct processes *p, struct process_counters *out)
{
	*out = p->counters;
}

static bool is_unit(const char *at, size_t n)
{
	return (n > 8 && !memcmp(at + n - 8, ".service", 8)) ||
	       (n > 6 && !memcmp(at + n - 6, ".scope", 6));
}

const char *process_unit(const struct process *p, unsigned *out_len)
{
	const char *unit = NULL;

	for (const char *at = p->cgroup; *at;) {
		size_t n = strcspn(at, "/");

		if (is_unit(at, n)) {
			unit = at;
			*out_len = (unsigned)n;
		}
		at += n + (at[n] == '/');
	}
	return unit;
}
