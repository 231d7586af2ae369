/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One rule of the matcher in reference.h: its text in parts, and what it matches. */
#ifndef TEST_CLASSIFY_REFERENCE_RULE_H
#define TEST_CLASSIFY_REFERENCE_RULE_H

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { REF_TEXT = 256 };

struct ref_query {
	const char *name, *type, *client, *client_name; /* NULL: not known */
};

/* A rule's text in its parts. */
struct ref_rule {
	bool allow, important, badfilter, exact, rewrites;
	char body[REF_TEXT], dnstype[REF_TEXT], client[REF_TEXT], denyallow[REF_TEXT];
	char answer[REF_TEXT]; /* of $dnsrewrite, in the short form */
};

/* "NXDOMAIN;;" and "NOERROR;A;1.2.3.4" say what "NXDOMAIN" and "1.2.3.4" do. */
static inline void ref_answer(struct ref_rule *r, const char *value)
{
	if (!strncmp(value, "NOERROR;A;", 10))
		value += 10;
	sprintf(r->answer, "%.*s", (int)strcspn(value, ";"), value);
	r->rewrites = true;
}

static inline bool ref_is_host_name(const char *s)
{
	for (const char *label = s;; label++) {
		size_t n = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-");
		if (!n || label[0] == '-' || label[n - 1] == '-')
			return false;
		label += n;
		if (!*label)
			return true;
		if (*label != '.')
			return false;
	}
}

static inline void ref_take(struct ref_rule *r, const char *modifier)
{
	if (!strcmp(modifier, "important"))
		r->important = true;
	else if (!strcmp(modifier, "badfilter"))
		r->badfilter = true;
	else if (!strncmp(modifier, "dnstype=", 8))
		strcpy(r->dnstype, modifier + 8);
	else if (!strncmp(modifier, "client=", 7))
		strcpy(r->client, modifier + 7);
	else if (!strncmp(modifier, "denyallow=", 10))
		strcpy(r->denyallow, modifier + 10);
	else if (!strncmp(modifier, "dnsrewrite", 10))
		ref_answer(r, modifier[10] ? modifier + 11 : "");
}

static inline void ref_parse(const char *text, struct ref_rule *r)
{
	char copy[REF_TEXT], *body = copy, *modifiers;

	memset(r, 0, sizeof *r);
	snprintf(copy, sizeof copy, "%s", text);
	if (!strncmp(body, "0.0.0.0 ", 8) || ref_is_host_name(body)) {
		r->exact = true;
		strcpy(r->body, *body == '0' && strchr(body, ' ') ? body + 8 : body);
		return;
	}
	if (!strncmp(body, "@@", 2)) {
		r->allow = true;
		body += 2;
	}
	modifiers = *body == '/' ? strstr(body, "/$") : strchr(body, '$');
	if (modifiers) {
		modifiers += *body == '/';
		*modifiers++ = '\0';
		for (char *save, *m = strtok_r(modifiers, ",", &save); m;
		     m = strtok_r(NULL, ",", &save))
			ref_take(r, m);
	}
	strcpy(r->body, body);
}

/* The rest of a mask against the rest of a name. */
static inline bool ref_glob(const char *p, const char *s)
{
	if (!*p)
		return true;
	if (*p == '^' || (*p == '|' && !p[1]))
		return !*s;
	if (*p == '*')
		return ref_glob(p + 1, s) || (*s && ref_glob(p, s + 1));
	return *s == *p && ref_glob(p + 1, s + 1);
}

static inline bool ref_mask(const char *mask, const char *name)
{
	if (mask[0] == '|' && mask[1] != '|')
		return ref_glob(mask + 1, name);
	bool labels = mask[0] == '|';
	for (const char *at = name; *at; at++) {
		if ((!labels || at == name || at[-1] == '.') && ref_glob(mask + 2 * labels, at))
			return true;
	}
	return false;
}

static inline bool ref_expression(const char *body, const char *name)
{
	char text[REF_TEXT];
	regex_t re;
	bool is;

	snprintf(text, sizeof text, "%.*s", (int)(strlen(body) - 2), body + 1);
	if (regcomp(&re, text, REG_EXTENDED | REG_NOSUB | REG_ICASE))
		return false;
	is = !regexec(&re, name, 0, NULL, 0);
	regfree(&re);
	return is;
}

static inline bool ref_under(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);

	return n >= d && !strcmp(name + n - d, domain) && (n == d || name[n - d - 1] == '.');
}

/* Clients are "10.0.0.7" or a name, prefixes end in ".0/24". */
static inline bool ref_is_client(const char *value, const struct ref_query *q)
{
	const char *slash = strstr(value, ".0/24");

	if (slash && q->client)
		return !strncmp(q->client, value, (size_t)(slash - value) + 1);
	return (q->client && !strcmp(value, q->client)) ||
	       (q->client_name && !strcmp(value, q->client_name));
}

/* "a|b", "~a|~b": one of those; none of those. With some to include, others say nothing. */
static inline bool ref_values(const char *values, bool client, const struct ref_query *q)
{
	bool some = false, in = false, out = false;
	char copy[REF_TEXT];

	snprintf(copy, sizeof copy, "%s", values);
	for (char *save, *v = strtok_r(copy, "|", &save); v; v = strtok_r(NULL, "|", &save)) {
		const char *value = *v == '~' ? v + 1 : v;
		bool is = client ? ref_is_client(value, q) : !strcmp(value, q->type);
		some |= *v != '~';
		*(*v == '~' ? &out : &in) |= is;
	}
	return some ? in : !out;
}

static inline bool ref_matches(const struct ref_rule *r, const struct ref_query *q)
{
	char copy[REF_TEXT];

	if (r->exact)
		return !strcmp(r->body, q->name);
	if (*r->dnstype && (!q->type || !ref_values(r->dnstype, false, q)))
		return false;
	if (*r->client && !ref_values(r->client, true, q))
		return false;
	snprintf(copy, sizeof copy, "%s", r->denyallow);
	for (char *save, *d = strtok_r(copy, "|", &save); d; d = strtok_r(NULL, "|", &save)) {
		if (ref_under(q->name, d))
			return false;
	}
	return *r->body == '/' ? ref_expression(r->body, q->name) : ref_mask(r->body, q->name);
}

/* What stands for itself; the dot of "*.name^" is none of the name. */
static inline size_t ref_length(const struct ref_rule *r)
{
	const char *body = r->body + strspn(r->body, "|");
	bool free = body == r->body || *body == '*';
	size_t n = 0;

	body += strspn(body, "*");
	if (free && *body == '.' && !strchr(body, '*') && body[strlen(body) - 1] == '^')
		body++;
	for (; *body; body++)
		n += strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.", *body) != NULL;
	return n;
}

#endif
