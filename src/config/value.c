/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The text of one value into its field, and back. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/keys.h"

static void *field(const struct config_key *k, void *base)
{
	return (char *)base + k->offset;
}

static const void *field_const(const struct config_key *k, const void *base)
{
	return (const char *)base + k->offset;
}

static bool is_word_of(const char *words, const char *text, size_t len)
{
	for (const char *w = words; *w; w += *w == ' ') {
		size_t n = strcspn(w, " ");

		if (n == len && !memcmp(w, text, n))
			return true;
		w += n;
	}
	return false;
}

/* "a, b or c" */
static void words_text(const char *words, struct text *out)
{
	for (const char *w = words; *w;) {
		size_t n = strcspn(w, " ");

		text_put(out, w, n);
		w += n;
		if (*w)
			text_str(out, strchr(w + 1, ' ') ? ", " : " or ");
		w += *w == ' ';
	}
}

static int check_word(const struct config_key *k, const char *text, struct error *e)
{
	struct text allowed = { 0 };

	if (is_word_of(k->words, text, strlen(text)))
		return 0;
	words_text(k->words, &allowed);
	error_set(e, -EINVAL, "%s: must be %s, not '%s'%s", k->info.key,
		  allowed.failed ? k->words : allowed.at, text,
		  strpbrk(text, "#;") ? "; a comment needs a line of its own" : "");
	text_done(&allowed);
	return -EINVAL;
}

static int set_bool(const struct config_key *k, const char *text, bool *out, struct error *e)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on", "0", "1" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcasecmp(text, words[i]))
			continue;
		*out = i & 1;
		return 0;
	}
	return error_set(e, -EINVAL, "%s: '%s' is neither yes nor no", k->info.key, text);
}

/* Decimal digits and, for sizes, one suffix. False if it is anything else; too big is
 * UINT64_MAX. */
static bool number_parse(const char *text, bool size, uint64_t *out)
{
	uint64_t value = 0;
	unsigned shift = 0;
	const char *p = text;

	for (; *p >= '0' && *p <= '9'; p++)
		value = value > UINT32_MAX ? value : value * 10 + (uint64_t)(*p - '0');
	if (p == text)
		return false;
	if (size && (*p == 'k' || *p == 'K'))
		shift = 10, p++;
	else if (size && (*p == 'M' || *p == 'm'))
		shift = 20, p++;
	if (*p)
		return false;
	*out = value > UINT32_MAX ? UINT64_MAX : value << shift;
	return true;
}

static int set_number(const struct config_key *k, const char *text, uint32_t *out, struct error *e)
{
	bool size = k->type == KEY_SIZE;
	const char *unit = k->info.unit ? k->info.unit : "";
	uint64_t value;

	if (number_parse(text, size, &value) && value >= k->min && value <= k->max) {
		*out = (uint32_t)value;
		return 0;
	}
	return error_set(e, -EINVAL, "%s: '%s' is not a %s from %" PRIu32 " to %" PRIu32 "%s%s%s",
			 k->info.key, text, size ? "size" : "whole number", k->min, k->max,
			 *unit ? " " : "", unit, size ? " (k and M may follow)" : "");
}

/* The marks are small numbers inside the mask: its bits must be adjacent, and four. */
static int set_mask(const struct config_key *k, const char *text, uint32_t *out, struct error *e)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (text[0] < '0' || text[0] > '9' || *end || errno || value > UINT32_MAX)
		return error_set(e, -EINVAL, "%s: '%s' is not a 32-bit mask like 0x0f000000",
				 k->info.key, text);
	if (value) {
		uint64_t low = value >> __builtin_ctzll(value);

		if (!(low & (low + 1)) && low >= 0xf) {
			*out = (uint32_t)value;
			return 0;
		}
	}
	return error_set(e, -EINVAL, "%s: '%s' is not at least four adjacent bits, like 0x0f000000",
			 k->info.key, text);
}

static int no_memory(struct error *e)
{
	return error_set(e, -ENOMEM, "%s", strerror(ENOMEM));
}

/* dir in front of a relative path. */
static int set_text(const struct config_key *k, const char *text, const char *dir, char **out,
		    struct error *e)
{
	size_t room = strlen(dir) + 1 + strlen(text) + 1;
	char *copy;

	if (k->words && check_word(k, text, e))
		return -EINVAL;
	if (k->type == KEY_PATH && (*text == '"' || *text == '\''))
		return error_set(e, -EINVAL,
				 "%s: %s starts with a quotation mark; write it without",
				 k->info.key, text);
	copy = malloc(room);
	if (!copy)
		return no_memory(e);
	snprintf(copy, room, "%s%s%s", dir, *dir && dir[strlen(dir) - 1] != '/' ? "/" : "", text);
	if (strlen(copy) > k->max) {
		error_set(e, -EINVAL, "%s: longer than %" PRIu32 " bytes", k->info.key, k->max);
		free(copy);
		return -EINVAL;
	}
	free(*out);
	*out = copy;
	return 0;
}

static int set_times(const struct config_key *k, const char *text, struct schedule *out,
		     struct error *e)
{
	if (!schedule_parse(text, out))
		return error_set(e, -EINVAL,
				 "%s: '%s' is no times like mon-fri 20:00-22:00, sat sun "
				 "9:00-12:00 (at most %d)",
				 k->info.key, text, SCHEDULE_SLOTS);
	return 0;
}

static int set_group(const struct config_key *k, const char *text, char **out, struct error *e)
{
	for (const char *p = text; *p; p++)
		if (*p == ' ' || *p == ':' || *p == '/')
			return error_set(e, -EINVAL, "%s: '%s' is not a group", k->info.key, text);
	if (*text)
		return set_text(k, text, "", out, e);
	free(*out);
	*out = NULL;
	return 0;
}

static const char *next_item(const char **at, size_t *out_len)
{
	const char *item = *at + strspn(*at, " \t,");

	*out_len = strcspn(item, " \t,");
	*at = item + *out_len;
	return *out_len ? item : NULL;
}

/* The names end up in the text of kernel rules: nothing but what interfaces are called. */
static bool is_iface(const char *s, size_t n)
{
	if (n > 15)
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		bool plain =
			(c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!plain && (i == 0 || !strchr("._-@:", c)))
			return false;
	}
	return true;
}

static int set_ifaces(const struct config_key *k, const char *text, char (*out)[16], size_t *count,
		      struct error *e)
{
	const char *at = text, *item;
	size_t n = 0, len;

	if (!strcmp(text, "auto")) {
		*count = 0;
		return 0;
	}
	while ((item = next_item(&at, &len))) {
		if (!is_iface(item, len))
			return error_set(e, -EINVAL, "%s: '%.*s' is not the name of an interface",
					 k->info.key, (int)len, item);
		if (n == k->max)
			return error_set(e, -EINVAL, "%s: more than %" PRIu32 " interfaces",
					 k->info.key, k->max);
		memset(out[n], 0, sizeof(out[n]));
		memcpy(out[n++], item, len);
	}
	*count = n;
	return 0;
}

/* One more text of n bytes behind `head`. Room doubles at powers of two, so that the count alone
 * tells it. */
static int append(char ***out, size_t *count, const char *head, const char *text, size_t n,
		  struct error *e)
{
	size_t before = strlen(head);
	char *copy = malloc(before + n + 1);

	if (copy && !(*count & (*count - 1))) {
		char **more = realloc(*out, (*count ? 2 * *count : 1) * sizeof(**out));

		if (!more) {
			free(copy);
			copy = NULL;
		} else {
			*out = more;
		}
	}
	if (!copy)
		return no_memory(e);
	memcpy(copy, head, before);
	memcpy(copy + before, text, n);
	copy[before + n] = '\0';
	(*out)[(*count)++] = copy;
	return 0;
}

static int add_name(const struct config_key *k, const char *item, size_t len, char ***out,
		    size_t *count, struct error *e)
{
	bool exact = *item == '=';
	struct name name;

	if (!name_from_text(item + exact, len - exact, &name) || strchr(name.text, '*')) {
		const char *mend = "";

		if (memchr(item, '*', len))
			mend = "; a name covers everything below it, '=name' does not";
		else if (memchr(item, '/', len) || memchr(item, ':', len))
			mend = "; a name stands alone, without scheme, port and path";
		for (size_t i = 0; i < len; i++)
			if (item[i] & 0x80)
				mend = "; write its xn-- form";
		return error_set(e, -EINVAL, "%s: '%.*s' is not a domain name%s", k->info.key,
				 (int)len, item, mend);
	}
	if (*count == k->max)
		return error_set(e, -EINVAL, "%s: more than %" PRIu32 " names; use a [list NAME]",
				 k->info.key, k->max);
	return append(out, count, exact ? "=" : "", name.text, name.len, e);
}

static bool is_url(const char *text, size_t n)
{
	static const char *const schemes[] = { "https://", "http://", "file:/" };

	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t len = strlen(schemes[i]);

		if (n > len && !strncasecmp(text, schemes[i], len))
			return true;
	}
	return false;
}

static int add_urls(const struct config_key *k, const char *text, char ***out, size_t *count,
		    struct error *e)
{
	const char *at = text;
	size_t n;

	/* A comma may stand in an address: blanks alone part them. */
	for (; at += strspn(at, " \t"), *at; at += n) {
		int rc;

		n = strcspn(at, " \t");
		if (!is_url(at, n))
			return error_set(e, -EINVAL,
					 "%s: '%.*s' is no https:, http: or file: address",
					 k->info.key, (int)n, at);
		if (*count == k->max)
			return error_set(e, -EINVAL, "%s: more than %" PRIu32 " addresses",
					 k->info.key, k->max);
		rc = append(out, count, "", at, n, e);
		if (rc)
			return rc;
	}
	return 0;
}

static int set_sha256(const struct config_key *k, const char *text, char **out, struct error *e)
{
	size_t n = strlen(text);

	if (!is_url(text, n) && (n != 64 || strspn(text, "0123456789abcdefABCDEF") != n))
		return error_set(e, -EINVAL,
				 "%s: '%s' is neither 64 hexadecimal digits nor the address of a "
				 "file that says them",
				 k->info.key, text);
	return set_text(k, text, "", out, e);
}

static int add_names(const struct config_key *k, const char *text, char ***out, size_t *count,
		     struct error *e)
{
	const char *at = text, *item;
	size_t len;

	while ((item = next_item(&at, &len))) {
		int rc = add_name(k, item, len, out, count, e);

		if (rc)
			return rc;
	}
	return 0;
}

static int set_mac(const struct config_key *k, const char *text, struct mac *out, struct error *e)
{
	struct mac mac;

	if (!mac_parse(text, &mac) || mac_is_zero(&mac) || (mac.bytes[0] & 1))
		return error_set(e, -EINVAL,
				 "%s: '%s' is not the hardware address of a device, like "
				 "00:00:5e:00:53:01",
				 k->info.key, text);
	*out = mac;
	return 0;
}

static int set_prefix(const struct config_key *k, const char *text, struct addr_prefix *out,
		      struct error *e)
{
	if (!addr_prefix_parse(text, out))
		return error_set(e, -EINVAL,
				 "%s: '%s' is neither an IP address nor a prefix without host bits",
				 k->info.key, text);
	return 0;
}

int config_value_set(const struct config_key *k, void *base, const char *text, const char *dir,
		     struct error *e)
{
	void *at = field(k, base);
	size_t *count = (size_t *)(void *)((char *)base + k->count_offset);

	if (!*text && (k->type != KEY_TEXT || k->min))
		return error_set(e, -EINVAL, "%s: no value", k->info.key);
	switch (k->type) {
	case KEY_WORD:
		if (check_word(k, text, e))
			return -EINVAL;
		snprintf(at, k->max, "%s", text);
		return 0;
	case KEY_BOOL:
		return set_bool(k, text, at, e);
	case KEY_NUMBER:
	case KEY_SIZE:
		return set_number(k, text, at, e);
	case KEY_MASK:
		return set_mask(k, text, at, e);
	case KEY_TEXT:
		return k->words ? set_text(k, text, "", at, e) : set_group(k, text, at, e);
	case KEY_PATH:
		return set_text(k, text, *text == '/' ? "" : dir, at, e);
	case KEY_IFACES:
		return set_ifaces(k, text, at, count, e);
	case KEY_NAMES:
		return add_names(k, text, at, count, e);
	case KEY_URLS:
		return add_urls(k, text, at, count, e);
	case KEY_SHA256:
		return set_sha256(k, text, at, e);
	case KEY_MAC:
		return set_mac(k, text, at, e);
	case KEY_PREFIX:
		return set_prefix(k, text, at, e);
	case KEY_NOTE:
		return set_text(k, text, "", at, e);
	case KEY_TIMES:
		return set_times(k, text, at, e);
	}
	return -EINVAL;
}

static void show(const struct config_key *k, const char *value, struct text *out)
{
	text_printf(out, "%s =%s%s\n", k->info.key, *value ? " " : "", value);
}

static void show_size(const struct config_key *k, uint32_t n, struct text *out)
{
	if (n && !(n & 0xfffff))
		text_printf(out, "%s = %" PRIu32 "M\n", k->info.key, n >> 20);
	else if (n && !(n & 0x3ff))
		text_printf(out, "%s = %" PRIu32 "k\n", k->info.key, n >> 10);
	else
		text_printf(out, "%s = %" PRIu32 "\n", k->info.key, n);
}

static void show_ifaces(const struct config_key *k, const char (*names)[16], size_t count,
			struct text *out)
{
	text_printf(out, "%s =%s", k->info.key, count ? "" : " auto");
	for (size_t i = 0; i < count; i++)
		text_printf(out, " %s", names[i]);
	text_str(out, "\n");
}

static void show_prefix(const struct config_key *k, const struct addr_prefix *p, struct text *out)
{
	char buf[ADDR_TEXT_MAX];

	if (p->base.family)
		text_printf(out, "%s = %s/%u\n", k->info.key, addr_format(&p->base, buf), p->bits);
}

static void show_times(const struct config_key *k, const struct schedule *s, struct text *out)
{
	struct text times = { 0 };

	/* A slot a line: a line is bounded. */
	for (unsigned i = 0; i < s->count; i++) {
		struct schedule one = { .count = 1, .slots = { s->slots[i] } };

		text_clear(&times);
		schedule_show(&one, &times);
		show(k, times.failed ? "" : times.at, out);
	}
	text_done(&times);
}

void config_value_show(const struct config_key *k, const void *base, struct text *out)
{
	const void *at = field_const(k, base);
	size_t count = *(const size_t *)(const void *)((const char *)base + k->count_offset);
	char buf[MAC_TEXT_MAX];

	switch (k->type) {
	case KEY_WORD:
		if (*(const char *)at)
			show(k, at, out);
		return;
	case KEY_BOOL:
		show(k, *(const bool *)at ? "yes" : "no", out);
		return;
	case KEY_NUMBER:
		if (k->info.fallback || *(const uint32_t *)at)
			text_printf(out, "%s = %" PRIu32 "\n", k->info.key, *(const uint32_t *)at);
		return;
	case KEY_SIZE:
		show_size(k, *(const uint32_t *)at, out);
		return;
	case KEY_MASK:
		text_printf(out, "%s = 0x%08" PRIx32 "\n", k->info.key, *(const uint32_t *)at);
		return;
	case KEY_TIMES:
		show_times(k, at, out);
		return;
	case KEY_NOTE:
	case KEY_TEXT:
	case KEY_SHA256:
	case KEY_PATH: {
		const char *s = *(const char *const *)at;

		if (s || !k->min)
			show(k, s ? s : "", out);
		return;
	}
	case KEY_IFACES:
		show_ifaces(k, at, count, out);
		return;
	case KEY_NAMES:
	case KEY_URLS:
		for (size_t i = 0; i < count; i++)
			show(k, (*(const char *const *const *)at)[i], out);
		return;
	case KEY_MAC:
		if (!mac_is_zero(at))
			show(k, mac_format(at, buf), out);
		return;
	case KEY_PREFIX:
		show_prefix(k, at, out);
		return;
	}
}

void config_value_done(const struct config_key *k, void *base)
{
	void *at = field(k, base);

	if (k->type == KEY_TEXT || k->type == KEY_PATH || k->type == KEY_NOTE ||
	    k->type == KEY_SHA256) {
		free(*(char **)at);
		*(char **)at = NULL;
	} else if (k->type == KEY_NAMES || k->type == KEY_URLS) {
		char **names = *(char ***)at;
		size_t *count = (size_t *)(void *)((char *)base + k->count_offset);

		for (size_t i = 0; i < *count; i++)
			free(names[i]);
		free(names);
		*(char ***)at = NULL;
		*count = 0;
	}
}
