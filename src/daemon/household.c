/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lease files are small and seldom change: they are looked at every few seconds and read whole. */
#define _GNU_SOURCE
#include "daemon/household.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "device/leases.h"

enum { VENDORS_BYTES = 64 << 20 };

/* Where Debian, OpenWrt and systemd have them; folders stand for the files in them. */
static const char *const usual[] = {
	"/var/lib/misc/dnsmasq.leases",
	"/var/lib/dnsmasq/dnsmasq.leases",
	"/tmp/dhcp.leases",
	"/tmp/hosts/odhcpd",
	"/tmp/odhcpd.leases",
	"/var/lib/dhcp/dhcpd.leases",
	"/var/lib/dhcpd/dhcpd.leases",
	"/var/lib/systemd/network/dhcp-server-lease",
	"/run/systemd/netif/dhcp-server-lease",
};

struct household {
	char *words; /* the paths of the configuration, cut up */
	const char *paths[HOUSEHOLD_FILES];
	size_t path_count;
	struct vendors *vendors; /* NULL: nobody knows them */
	int64_t next_ns;
	uint64_t seen; /* what the files and the engine's devices were when they were read */
	struct household_counters counters;
};

static char *read_whole(const char *path, size_t most, size_t *out_n)
{
	/* A pipe in the place of a file would be waited for. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat s;
	char *text = NULL;
	ssize_t got;
	size_t n = 0;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &s) && S_ISREG(s.st_mode) && s.st_size >= 0 && (size_t)s.st_size < most)
		text = malloc((size_t)s.st_size + 1);
	while (text && n < (size_t)s.st_size &&
	       (got = read(fd, text + n, (size_t)s.st_size - n)) > 0)
		n += (size_t)got;
	close(fd);
	*out_n = n;
	return text;
}

static void take_paths(struct household *h, const char *leases)
{
	char *save = NULL;

	if (!strcmp(leases, "auto")) {
		h->path_count = sizeof usual / sizeof *usual;
		memcpy(h->paths, usual, sizeof usual);
		return;
	}
	if (!strcmp(leases, "none") || !(h->words = strdup(leases)))
		return;
	for (char *w = strtok_r(h->words, " \t", &save); w && h->path_count < HOUSEHOLD_FILES;
	     w = strtok_r(NULL, " \t", &save))
		h->paths[h->path_count++] = w;
}

struct household *household_new(const struct config *c)
{
	struct household *h = calloc(1, sizeof *h);
	char *text;
	size_t n;

	if (!h)
		return NULL;
	take_paths(h, c->leases);
	text = read_whole(c->vendors, VENDORS_BYTES, &n);
	if (text)
		h->vendors = vendors_new(text, n);
	free(text);
	if (h->vendors)
		h->counters.vendors = vendors_count(h->vendors);
	return h;
}

void household_free(struct household *h)
{
	if (!h)
		return;
	vendors_free(h->vendors);
	free(h->words);
	free(h);
}

/* Calls each() for the files that path stands for. */
static void each_file(struct household *h, const char *path,
		      void (*each)(struct household *h, const char *path, void *to), void *to)
{
	char file[4352];
	struct dirent *d;
	struct stat s;
	DIR *dir;

	if (stat(path, &s))
		return;
	if (!S_ISDIR(s.st_mode)) {
		each(h, path, to);
		return;
	}
	dir = opendir(path);
	for (int i = 0; dir && i < HOUSEHOLD_FILES && (d = readdir(dir));) {
		if (*d->d_name == '.' ||
		    (size_t)snprintf(file, sizeof file, "%s/%s", path, d->d_name) >= sizeof file)
			continue;
		i++;
		each(h, file, to);
	}
	if (dir)
		closedir(dir);
}

static void add_state(struct household *h, const char *path, void *to)
{
	struct {
		uint64_t before, dev, ino, size;
		int64_t s, ns;
	} in = { .before = *(uint64_t *)to };
	struct stat s;

	if (stat(path, &s))
		return;
	in.dev = s.st_dev;
	in.ino = s.st_ino;
	in.size = (uint64_t)s.st_size;
	in.s = s.st_mtim.tv_sec;
	in.ns = s.st_mtim.tv_nsec;
	*(uint64_t *)to = hash_bytes(&in, sizeof in);
}

struct target {
	struct household *h;
	struct engine *e;
};

static void take_lease(void *ctx, const struct lease *l)
{
	const struct target *t = ctx;

	t->h->counters.leases++;
	engine_lease(t->e, l);
}

static void read_leases(struct household *h, const char *path, void *to)
{
	struct target t = { .h = h, .e = to };
	size_t n;
	char *text = read_whole(path, HOUSEHOLD_BYTES, &n);

	if (!text) {
		h->counters.refused++;
		return;
	}
	h->counters.reads++;
	leases_parse(text, n, take_lease, &t);
	free(text);
}

void household_tick(struct household *h, struct engine *e, int64_t now_ns)
{
	uint64_t state = engine_counters(e)->devices + 1;

	/* A clock that was set back does not stop it. */
	if (now_ns < h->next_ns && h->next_ns - now_ns <= HOUSEHOLD_S * (int64_t)1000000000)
		return;
	h->next_ns = now_ns + HOUSEHOLD_S * (int64_t)1000000000;
	for (size_t i = 0; i < h->path_count; i++)
		each_file(h, h->paths[i], add_state, &state);
	if (state == h->seen)
		return;
	h->seen = state;
	h->counters.leases = 0;
	for (size_t i = 0; i < h->path_count; i++)
		each_file(h, h->paths[i], read_leases, e);
}

const char *household_vendor(const struct household *h, const struct mac *mac)
{
	return h->vendors ? vendors_find(h->vendors, mac) : NULL;
}

void household_counters(const struct household *h, struct household_counters *out)
{
	*out = h->counters;
}
