/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The builder's inside: rules as records, and groups of rules of one key. */
#ifndef INDEX_BUILDER_H
#define INDEX_BUILDER_H

#include "index/index.h"
#include "index/format.h"
#include "index/runs.h"
#include "index/intern.h"

/* What the first byte of a record's key says; records come in this order. */
enum record_kind { RECORD_NAME, RECORD_NET4, RECORD_NET6, RECORD_PATTERN, RECORD_REGEX };
enum { PAYLOAD_BYTES = 8, PAYLOAD_BADFILTER = 0x80 };

struct index_builder {
	struct runs *runs;
	struct intern modifiers; /* NUL-terminated; number 0 is "" */
	struct intern payloads;	 /* PAYLOAD_BYTES, as in the file, but modifiers by number */
	struct text lists, list_strings; /* as in the file, but strings by their place here */
	uint32_t list_count;
	int error;
	/* the group at hand */
	struct record next;
	bool has_next;
	uint8_t key[RECORD_KEY_MAX];
	size_t key_len;
	struct member {
		uint64_t order; /* the payload's bytes */
		uint32_t payload, line;
	} * members;
	size_t member_count, member_cap;
};

/* All rules of the next key that remain once equal ones and those that $badfilter takes out are
 * gone: at least one. 1, 0 at the end, -errno. */
int group_begin(struct index_builder *b);
int group_next(struct index_builder *b);

#endif
