/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one key table: parsing, defaults, --show-config and the lint of tacet.conf(5) read it. */
#include <ctype.h>
#include <string.h>

#include "config/keys.h"

#define AT(field)   offsetof(struct config, field)
#define LIST(field) offsetof(struct config_list, field)
#define DEV(field)  offsetof(struct config_device, field)
#define SEC(field)  offsetof(struct config_section, field)

/* The server's max_line: a buffer that holds less could never deliver an answer. */
#define BUFFER_MIN 65536
#define LONG_PATH  4000
#define SUN_PATH   107 /* sockaddr_un, without the NUL */

/* What a list may say its names do. The same words as classify's roles, but those that keep a
 * film running: a blocklist does not hold them. tests/lint/lint.sh compares. */
#define ROLES "telemetry analytics ads acr crash experiment identity bypass"

#define DNS_WORDS "nxdomain null nodata refused stall drop"
#define TCP_WORDS "reset unreach stall drop"
#define UDP_WORDS "unreach stall drop"

#define WORD(section, key, type, field, fallback, words)                                           \
	{                                                                                          \
		{ section, key, "word", fallback, NULL }, KEY_WORD, offsetof(type, field), 0, 0,   \
			sizeof(((type *)0)->field), words                                          \
	}
#define BOOL(section, key, where, fallback)                                                        \
	{                                                                                          \
		{ section, key, "yes/no", fallback, NULL }, KEY_BOOL, where, 0, 0, 0, NULL         \
	}
#define NUMBER(section, key, where, fallback, unit, min, max)                                      \
	{                                                                                          \
		{ section, key, "number", fallback, unit }, KEY_NUMBER, where, 0, min, max, NULL   \
	}
#define SIZE(section, key, where, fallback, min, max)                                              \
	{                                                                                          \
		{ section, key, "size", fallback, "bytes" }, KEY_SIZE, where, 0, min, max, NULL    \
	}
#define PATH(section, key, where, fallback, max)                                                   \
	{                                                                                          \
		{ section, key, "path", fallback, NULL }, KEY_PATH, where, 0, 1, max, NULL         \
	}
#define OTHER(section, key, where, fallback, type, text, min, max)                                 \
	{                                                                                          \
		{ section, key, text, fallback, NULL }, type, where, 0, min, max, NULL             \
	}
#define MANY(section, key, where, count, fallback, type, text, max)                                \
	{                                                                                          \
		{ section, key, text, fallback, NULL }, type, where, count, 0, max, NULL           \
	}
#define IFACES(section, key, where, count, fallback, max)                                          \
	{                                                                                          \
		{ section, key, "interfaces", fallback, NULL }, KEY_IFACES, where, count, 0, max,  \
			NULL                                                                       \
	}
#define ROLE(section, key, where, words)                                                           \
	{                                                                                          \
		{ section, key, "word", NULL, NULL }, KEY_TEXT, where, 0, 1, 32, words             \
	}
#define TIMES(section, where)                                                                      \
	{                                                                                          \
		{ section, "when", "times", NULL, NULL }, KEY_TIMES, where, 0, 0, 0, NULL          \
	}
#define DEVICES(section, where)                                                                    \
	{                                                                                          \
		{ section, "only", "devices", NULL, NULL }, KEY_NOTE, where, 0, 1, 190, NULL       \
	}
/* How a block of what the section speaks of fails. */
#define FAILURES(section, type)                                                                    \
	WORD(section, "dns", type, policy.dns, NULL, DNS_WORDS),                                   \
		WORD(section, "tcp", type, policy.tcp, NULL, TCP_WORDS),                           \
		WORD(section, "udp", type, policy.udp, NULL, UDP_WORDS),                           \
		NUMBER(section, "answer_ttl_s", offsetof(type, policy.answer_ttl_s), NULL,         \
		       "seconds", 1, 86400)

/* Fallback NULL: nothing, or what only the start knows (data_dir). */
static const struct config_key keys[] = {
	WORD("tacet", "mode", struct config, mode, "enforce", "enforce monitor"),
	WORD("tacet", "log_level", struct config, log_level, "info", "error warning info debug"),
	PATH("tacet", "data_dir", AT(data_dir), NULL, LONG_PATH),
	BOOL("tacet", "bundled_lists", AT(bundled), "yes"),

	WORD("network", "backend", struct config, backend, "auto", "auto nft xtables"),
	IFACES("network", "lan", AT(lan), AT(lan_count), "auto", 16),
	BOOL("network", "forward", AT(forward), "yes"),
	BOOL("network", "local", AT(local), "yes"),
	BOOL("network", "between_lan", AT(between_lan), "no"),
	BOOL("network", "processes", AT(processes), "yes"),
	OTHER("network", "mark_mask", AT(mark_mask), "0x0f000000", KEY_MASK, "mask", 0, 0),

	NUMBER("queue", "number", AT(queue_number), "4780", NULL, 0, 65535),
	NUMBER("queue", "length", AT(queue_length), "4096", "packets", 64, 1048576),
	SIZE("queue", "copy_bytes", AT(queue_copy_bytes), "4096", 576, 65535),
	NUMBER("queue", "batch", AT(queue_batch), "64", "packets", 1, 1024),

	WORD("block", "dns", struct config, dns, "nxdomain", DNS_WORDS),
	WORD("block", "tcp", struct config, tcp, "reset", TCP_WORDS),
	WORD("block", "udp", struct config, udp, "unreach", UDP_WORDS),
	NUMBER("block", "answer_ttl_s", AT(answer_ttl_s), "60", "seconds", 0, 86400),
	BOOL("block", "bypass", AT(bypass), "no"),
	BOOL("block", "ech", AT(ech), "yes"),

	NUMBER("limits", "flows", AT(max_flows), "16384", "flows", 64, 1048576),
	NUMBER("limits", "names", AT(max_names), "16384", "addresses", 64, 1048576),
	NUMBER("limits", "questions", AT(max_questions), "1024", "questions", 16, 65536),
	NUMBER("limits", "refused", AT(max_refused), "1024", "names", 16, 65536),
	NUMBER("limits", "hellos", AT(max_hellos), "256", "handshakes", 8, 16384),
	NUMBER("limits", "devices", AT(max_devices), "512", "devices", 16, 65536),
	NUMBER("limits", "sessions", AT(max_sessions), "1024", "sessions", 16, 65536),
	NUMBER("limits", "tcp_idle_s", AT(tcp_idle_s), "300", "seconds", 10, 86400),
	NUMBER("limits", "udp_idle_s", AT(udp_idle_s), "60", "seconds", 5, 86400),

	OTHER("household", "leases", AT(leases), "auto", KEY_NOTE, "files", 1, LONG_PATH),
	PATH("household", "vendors", AT(vendors), "/usr/share/ieee-data/oui.txt", LONG_PATH),

	PATH("sockets", "stats", AT(stats_socket), "/run/tacet/stats.sock", SUN_PATH),
	PATH("sockets", "control", AT(control_socket), "/run/tacet/control.sock", SUN_PATH),
	OTHER("sockets", "group", AT(group), "tacet", KEY_TEXT, "text", 0, 32),
	NUMBER("sockets", "clients", AT(max_clients), "32", "connections", 1, 1024),
	SIZE("sockets", "client_buffer_bytes", AT(client_buffer_bytes), "256k", BUFFER_MIN,
	     16777216),
	NUMBER("sockets", "client_idle_s", AT(client_idle_s), "30", "seconds", 1, 3600),

	NUMBER("privacy", "level", AT(privacy_level), "2", NULL, 0, 3),

	MANY("rules", "allow", AT(allow), AT(allow_count), NULL, KEY_NAMES, "names",
	     CONFIG_NAMES_MAX),
	MANY("rules", "block", AT(block), AT(block_count), NULL, KEY_NAMES, "names",
	     CONFIG_NAMES_MAX),

	PATH("lists", "dir", AT(lists_dir), "/var/lib/tacet", LONG_PATH),
	PATH("lists", "cache", AT(cache_dir), "/var/cache/tacet", LONG_PATH),
	SIZE("lists", "max_bytes", AT(list_max_bytes), "64M", 1024, 268435456),
	NUMBER("lists", "connect_s", AT(list_connect_s), "15", "seconds", 1, 300),
	NUMBER("lists", "stall_s", AT(list_stall_s), "30", "seconds", 1, 600),
	NUMBER("lists", "total_s", AT(list_total_s), "600", "seconds", 1, 86400),

	PATH("list", "file", LIST(file), NULL, LONG_PATH),
	WORD("list", "format", struct config_list, format, "auto",
	     "auto hosts domains adblock dnsmasq unbound rpz regex ip v2fly disconnect"),
	WORD("list", "action", struct config_list, action, "block", "block allow"),
	ROLE("list", "role", LIST(role), ROLES),
	BOOL("list", "enabled", LIST(enabled), "yes"),
	BOOL("list", "log", LIST(log_only), "no"),
	TIMES("list", LIST(policy.when)),
	DEVICES("list", LIST(policy.only)),
	FAILURES("list", struct config_list),
	MANY("list", "url", LIST(urls), LIST(url_count), NULL, KEY_URLS, "addresses", 16),
	OTHER("list", "sha256", LIST(sha256), NULL, KEY_SHA256, "checksum", 1, 190),
	NUMBER("list", "shrink_percent", LIST(shrink_percent), "50", "percent", 0, 100),
	NUMBER("list", "refresh_h", LIST(refresh_h), "24", "hours", 1, 720),

	OTHER("device", "mac", DEV(mac), NULL, KEY_MAC, "mac", 0, 0),
	OTHER("device", "address", DEV(address), NULL, KEY_PREFIX, "prefix", 0, 0),
	OTHER("device", "group", DEV(group), NULL, KEY_NOTE, "group", 1, 63),
	WORD("device", "action", struct config_device, policy.action, NULL, "allow log"),
	TIMES("device", DEV(policy.when)),
	FAILURES("device", struct config_device),

	WORD("group", "action", struct config_section, policy.action, NULL, "allow log"),
	TIMES("group", SEC(policy.when)),
	FAILURES("group", struct config_section),

	WORD("app", "action", struct config_section, policy.action, NULL, "allow log block"),
	TIMES("app", SEC(policy.when)),
	DEVICES("app", SEC(policy.only)),
	FAILURES("app", struct config_section),

	WORD("role", "action", struct config_section, policy.action, NULL, "allow log block"),
	TIMES("role", SEC(policy.when)),
	DEVICES("role", SEC(policy.only)),
	FAILURES("role", struct config_section),

	TIMES("name", SEC(policy.when)),
	DEVICES("name", SEC(policy.only)),
	FAILURES("name", struct config_section),
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]) };
_Static_assert((int)KEYS <= (int)CONFIG_KEYS_MAX, "a parser remembers a line for every key");

const struct config_key *config_key_at(size_t i)
{
	return i < KEYS ? &keys[i] : NULL;
}

const struct config_key_info *config_key(size_t i)
{
	return i < KEYS ? &keys[i].info : NULL;
}

const struct config_key *config_key_find(const char *section, const char *key, size_t *out_number)
{
	for (size_t i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].info.section, section) || strcmp(keys[i].info.key, key))
			continue;
		*out_number = i;
		return &keys[i];
	}
	return NULL;
}

bool config_section_known(const char *section)
{
	for (size_t i = 0; i < KEYS; i++)
		if (!strcmp(keys[i].info.section, section))
			return true;
	return false;
}

bool config_section_repeats(const char *section)
{
	static const char *const names[] = { "list", "device", "group", "app", "role", "name" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(section, names[i]))
			return true;
	return false;
}

static bool same(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Levenshtein's distance; what is past `MOST` characters of a mistyped word says nothing. */
static unsigned distance(const char *a, const char *b)
{
	enum { MOST = 48 };
	size_t na = strnlen(a, MOST), nb = strnlen(b, MOST);
	unsigned row[MOST + 1];

	/* "queue_length" for "length": whole words in common tell more than edits. */
	if (nb >= 3 && na > nb && strstr(a, b))
		return 1;
	if (na >= 3 && nb > na && strstr(b, a))
		return 1;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned before = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned best = before + !same(a[i - 1], b[j - 1]);

			before = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[nb];
}

const struct config_key *config_key_nearest(const char *section, const char *text)
{
	const struct config_key *best = NULL;
	unsigned least = 0;

	for (size_t i = 0; i < KEYS; i++) {
		unsigned d;

		if (strcmp(keys[i].info.section, section))
			continue;
		d = distance(text, keys[i].info.key);
		if (!best || d < least) {
			best = &keys[i];
			least = d;
		}
	}
	return best;
}

const char *config_section_nearest(const char *text)
{
	const char *best = keys[0].info.section;
	unsigned least = distance(text, best);

	for (size_t i = 1; i < KEYS; i++) {
		unsigned d = distance(text, keys[i].info.section);

		if (d < least) {
			best = keys[i].info.section;
			least = d;
		}
	}
	return best;
}
