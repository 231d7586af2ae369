/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open index: the file, its checked sections, and where lines are told. */
#ifndef INDEX_INTERNAL_H
#define INDEX_INTERNAL_H

#include "base/text.h"
#include "index/index.h"
#include "index/model.h"
#include "rule/regex.h"

/* The file of lines: magic, u32 CRC of the index it belongs to, u32 units, u32 number of the
 * first line of each unit (blocks, then networks, then texts), u32 lines in order of rules. */
#define LINES_MAGIC "TACETLNS"
enum { LINES_HEAD = 16 };
enum { LIST_BYTES = 20 }; /* of a list in SECTION_LISTS */

struct index {
	struct bytes file;
	bool mapped;
	struct bytes sections[INDEX_SECTIONS];
	struct model chars, shared, classes;
	uint32_t names, rules, labels, crc;
	struct bytes lines; /* kept in memory; or read from a file when asked */
	int lines_fd;
	struct regex **regexes; /* by number of text; NULL for masks */
	struct regex_room *room;
};

/* Takes the bytes over. 0 or -errno. */
int index_adopt(struct text *file, struct text *lines, struct index **out);
/* Checks size, magic, version, checksum and sections of `file`, and fills x. 0 or -errno. */
int index_parse(struct index *x, struct bytes file, struct error *e);

/* Can the rule still change which one decides, or which is the longest of its action? Not beside
 * one as long of its class or of its action with $important, nor a block beside such an allow. */
bool index_hit_wants(const struct index_hit *h, const struct rule *r);

/* How long the longest suffix of the name is that may have rules; 0: none of it has. */
size_t index_filter(const struct index *x, const struct name *name);

/* What is found of one name: its class, and how many bytes of the key are its name. */
struct index_match {
	uint32_t class;
	uint8_t len;
};
enum { INDEX_MATCHES = 128 };
/* Rules of the key and above it, shortest first; how many. */
size_t index_search(const struct index *x, const struct key *key,
		    struct index_match out[static INDEX_MATCHES]);
/* Where the key stands: its block, and how many rules of this block stand before it. */
bool index_locate(const struct index *x, const struct key *key, uint32_t *out_block,
		  uint32_t *out_rules);

/* Every name in order, until each() is false; -EBADMSG: the content is damaged. */
int index_each_key(const struct index *x,
		   bool (*each)(void *ctx, const uint8_t *key, size_t len, uint32_t class),
		   void *ctx);

/* Networks that hold the address, longest first. */
struct index_net {
	uint32_t class, number;
	uint8_t bits;
};
enum { INDEX_NETS = 130 };
size_t index_search_net(const struct index *x, const struct addr *a,
			struct index_net out[static INDEX_NETS]);
void index_net_prefix(const struct index *x, int family, uint32_t number, struct addr_prefix *out);

/* Masks and expressions. */
struct index_text {
	uint32_t class, number;
	const char *text;
	bool is_regex;
};
bool index_texts_open(struct index *x); /* false: no memory */
void index_texts_close(struct index *x);
/* False: there are not so many. */
bool index_text_at(const struct index *x, uint32_t number, struct index_text *out);
bool index_text_matches(const struct index *x, const struct index_text *t, const struct name *name);

/* Where the lines of all rules begin in the file of lines, 0 if there is none; one of its numbers.
 */
uint64_t index_lines_begin(const struct index *x);
bool index_lines_read(const struct index *x, uint64_t at, uint32_t *out);

/* Members of a class: 3 bytes each, none of a class that does not exist. */
struct bytes class_members(const struct index *x, uint32_t class);
/* One member as a rule without name, text, net. False: there is no such payload. */
bool payload_rule(const struct index *x, const uint8_t *member, struct rule *out);

#endif
