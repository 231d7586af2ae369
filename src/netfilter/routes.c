// SPDX-License-Identifier: GPL-2.0-or-later
/* What /proc says of this machine's network: default routes, IPv6, bound queues. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "netfilter/backend.h"

enum {
	ROUTE_UP = 0x1,
	ROUTE_REJECT = 0x200,
	/* VPNs split the default route: 0/1 and 128/1; tunnels say 2000::/3. */
	DEFAULT_BITS_V4 = 1,
	DEFAULT_BITS_V6 = 3,
	PROC_MAX = 1 << 20,
};

static size_t name_add(char out[][RULES_IFNAME_MAX], size_t n, const char *name)
{
	if (strcmp(name, "lo") == 0)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(out[i], name) == 0)
			return n;
	}
	if (n < RULES_IFACES_MAX)
		snprintf(out[n++], RULES_IFNAME_MAX, "%s", name);
	return n;
}

/* Next line of text into line (cut where it is too long); false at the end. */
static bool line_next(const char **at, char *line, size_t size)
{
	size_t n = strcspn(*at, "\n"), keep = n < size - 1 ? n : size - 1;

	if (!**at)
		return false;
	memcpy(line, *at, keep);
	line[keep] = '\0';
	*at += n + ((*at)[n] == '\n');
	return true;
}

size_t routes_default(const char *route4, const char *route6,
		      char out[static RULES_IFACES_MAX][RULES_IFNAME_MAX])
{
	char line[256], name[RULES_IFNAME_MAX];
	uint32_t flags, mask;
	unsigned bits;
	size_t n = 0;

	while (route4 && line_next(&route4, line, sizeof(line))) {
		/* interface, destination, gateway, flags, refs, use, metric, mask; addresses as
		 * the machine's own integers */
		if (sscanf(line, "%15s %*x %*x %" SCNx32 " %*d %*u %*d %" SCNx32, name, &flags,
			   &mask) != 3 ||
		    !(flags & ROUTE_UP) || flags & ROUTE_REJECT)
			continue;
		if (__builtin_popcount(ntohl(mask)) <= DEFAULT_BITS_V4)
			n = name_add(out, n, name);
	}
	while (route6 && line_next(&route6, line, sizeof(line))) {
		/* destination, bits, source, bits, gateway, metric, refs, use, flags, interface */
		if (sscanf(line, "%*32s %x %*32s %*x %*32s %*x %*x %*x %" SCNx32 " %15s", &bits,
			   &flags, name) != 3 ||
		    !(flags & ROUTE_UP) || flags & ROUTE_REJECT)
			continue;
		if (bits <= DEFAULT_BITS_V6)
			n = name_add(out, n, name);
	}
	return n;
}

bool file_read_all(const char *path, struct text *t)
{
	char buf[4096];
	ssize_t n = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	t->max = PROC_MAX;
	while ((n = read(fd, buf, sizeof(buf))) > 0 || (n < 0 && errno == EINTR)) {
		if (n > 0)
			text_put(t, buf, (size_t)n);
	}
	close(fd);
	return n == 0 && t->at && !t->failed;
}

size_t routes_default_now(char out[static RULES_IFACES_MAX][RULES_IFNAME_MAX])
{
	struct text four = { 0 }, six = { 0 };
	bool has4 = file_read_all("/proc/net/route", &four);
	bool has6 = file_read_all("/proc/net/ipv6_route", &six);
	size_t n = routes_default(has4 ? four.at : NULL, has6 ? six.at : NULL, out);

	text_done(&four);
	text_done(&six);
	return n;
}

bool machine_has_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}

bool queue_is_bound(unsigned number)
{
	struct text t = { 0 };
	const char *at;
	char line[256];
	unsigned found;
	bool bound = false;

	if (file_read_all("/proc/net/netfilter/nfnetlink_queue", &t)) {
		for (at = t.at; !bound && line_next(&at, line, sizeof(line));)
			bound = sscanf(line, "%u", &found) == 1 && found == number;
	}
	text_done(&t);
	return bound;
}
