/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The key table of tacet.conf(5) and what to do with the text of one value. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "base/error.h"
#include "base/text.h"
#include "config/config.h"

enum key_type {
	KEY_WORD, /* one of `words`, into char[] */
	KEY_BOOL,
	KEY_NUMBER, /* decimal, min..max */
	KEY_SIZE,   /* bytes, min..max, with k or M behind it */
	KEY_MASK,   /* adjacent bits, four at least */
	KEY_TEXT,   /* heap, may be empty (NULL) */
	KEY_PATH,   /* heap, at most max bytes */
	KEY_IFACES, /* "auto" or interfaces */
	KEY_NAMES,  /* domain names; more of them with every line */
	KEY_URLS,   /* http:, https: and file: addresses; more of them with every line */
	KEY_SHA256, /* heap: 64 hexadecimal digits, or an address */
	KEY_MAC,
	KEY_PREFIX,
	KEY_NOTE,  /* heap, at most max bytes */
	KEY_TIMES, /* struct schedule; more of them with every line */
};

struct config_key {
	struct config_key_info info;
	enum key_type type;
	size_t offset, count_offset; /* into the struct of the section */
	uint32_t min, max;
	const char *words; /* joined by spaces */
};

enum { CONFIG_KEYS_MAX = 128, CONFIG_NAMES_MAX = 65536 };

/* NULL past the end. */
const struct config_key *config_key_at(size_t i);
const struct config_key *config_key_find(const char *section, const char *key, size_t *out_number);
bool config_section_known(const char *section);
/* The key of the section most like text; never NULL for a known section. */
const struct config_key *config_key_nearest(const char *section, const char *text);
const char *config_section_nearest(const char *text);

/* Of a section of which there may be many, with a name. */
bool config_section_repeats(const char *section);
/* Sets the field of base (struct config, config_list, config_device or config_section). dir: what
 * relative paths start with, "" for none. 0, -ENOMEM or -EINVAL, e has the reason without file and
 * line. */
int config_value_set(const struct config_key *k, void *base, const char *text, const char *dir,
		     struct error *e);
/* "key = value" lines; nothing where the field is not set. */
void config_value_show(const struct config_key *k, const void *base, struct text *out);
/* Frees what the field holds. */
void config_value_done(const struct config_key *k, void *base);

/* config_load after the file was read: bundled lists, and what only the whole can tell.
 * path: for messages. */
int config_finish(struct config *c, const char *path, struct error *e);
/* Every field of the section's struct at its default. */
int config_defaults(const char *section, void *base, struct error *e);
/* config_load without config_finish. */
int config_parse(const char *path, struct config *c, struct error *e);

struct config_list *config_add_list(struct config *c);
struct config_device *config_add_device(struct config *c);
struct config_section *config_add_section(struct config *c);

#endif
