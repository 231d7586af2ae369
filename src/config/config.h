/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tacet.conf(5): every key in one table, defaults that work with no file at all. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/error.h"
#include "base/name.h"
#include "base/schedule.h"
#include "base/text.h"

/* Numbers mean what they mean in the rooms they go to; config includes none of those. Words
 * (mode, how, backend, format) are kept as checked text. */
struct config_policy {	/* what sections of several kinds may say; empty and 0: nothing */
	char action[8]; /* allow log block; of lists: that of config_list */
	char dns[12], tcp[12], udp[12];
	uint32_t answer_ttl_s;
	struct schedule when;
	char *only; /* names of devices and groups, with commas */
};

struct config_section { /* [group NAME], [app NAME], [role NAME], [name DOMAIN] */
	const char *kind;
	char *name;
	struct config_policy policy;
	unsigned line;
};

struct config_list { /* [list NAME] */
	char *name, *file, *role;
	char format[12]; /* auto hosts domains adblock ...: tacet-lists(5) */
	char action[8];	 /* block allow */
	bool enabled, log_only;
	struct config_policy policy;
	char **urls; /* where `lists update` fetches it: the first that answers; file is its copy */
	size_t url_count;
	char *sha256;		 /* 64 hexadecimal digits, an address that says them, or NULL */
	uint32_t shrink_percent; /* a download that lost more of its rules is refused */
	uint32_t refresh_h;
	unsigned line; /* where the section starts */
};

struct config_device { /* [device NAME] */
	char *name;
	struct mac mac;
	struct addr_prefix address;
	char *group;
	struct config_policy policy;
	unsigned line;
};

struct config {
	/* [tacet] */
	char mode[8];	   /* enforce monitor */
	char log_level[8]; /* error warning info debug */
	char *data_dir;	   /* catalogue.tsv and the bundled lists */
	bool bundled;	   /* use the bundled lists */
	/* [network] */
	char backend[8];  /* auto nft xtables */
	char lan[16][16]; /* interfaces */
	size_t lan_count;
	bool forward, local, between_lan, processes;
	uint32_t mark_mask;
	/* [queue] */
	uint32_t queue_number, queue_length, queue_copy_bytes, queue_batch;
	/* [block] */
	char dns[12], tcp[12], udp[12];
	uint32_t answer_ttl_s;
	bool ech;    /* DNS answers keep their keys of Encrypted ClientHello */
	bool bypass; /* keep from ways around DNS: the list encrypted-dns is on */
	/* [limits] */
	uint32_t max_flows, max_names, max_questions, max_refused, max_hellos, max_devices,
		max_sessions, tcp_idle_s, udp_idle_s;
	/* [household] */
	char *leases;  /* "auto", "none", or paths with spaces between */
	char *vendors; /* oui.txt */
	/* [sockets] */
	char *stats_socket, *control_socket, *group;
	uint32_t max_clients, client_buffer_bytes, client_idle_s;
	/* [privacy] */
	uint32_t privacy_level;
	/* [rules]: allow = NAME..., block = NAME...; "=name" is exact, else name and below */
	char **allow, **block;
	size_t allow_count, block_count;
	/* [lists] */
	char *lists_dir, *cache_dir;
	uint32_t list_max_bytes, list_connect_s, list_stall_s, list_total_s;
	struct config_list *lists;
	size_t list_count;
	struct config_device *devices;
	size_t device_count;
	struct config_section
		*sections; /* as in the file; several may be for one app, role or name */
	size_t section_count;
};

/* Defaults alone. data_dir: where the bundled data is when the file does not say. */
int config_default(const char *data_dir, struct config **out, struct error *e);
/* path NULL: like config_default. Every error has "FILE:LINE: " ("FILE: " where the file cannot
 * be read), an unknown key names the nearest known one. The first error ends it; *out is
 * untouched then. Relative paths start at the directory of the file. Returns 0, -EINVAL for what
 * the file says, else -errno.
 *
 * The bundled lists that exist in data_dir stand in front of the file's own; a [list ads]
 * without `file` changes the bundled one. encrypted-dns is among them where `bypass` says so, and
 * must exist then. A list with `url` and no `file` has DIR/NAME.list for its file, there or not. */
int config_load(const char *path, const char *data_dir, struct config **out, struct error *e);
void config_free(struct config *c); /* accepts NULL */

/* Everything as text that config_load reads to the same effect, with the bundled lists spelled
 * out: `tacet run --show-config`. */
void config_show(const struct config *c, struct text *out);

/* The key table, for lint (tacet.conf.5) and `tacet run --show-config`. Returns NULL past the
 * end. section "list", "device", "group", "app", "role" and "name" are the repeated ones. */
struct config_key_info {
	const char *section, *key, *type, *fallback, *unit;
};
const struct config_key_info *config_key(size_t i);

#endif
