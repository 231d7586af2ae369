/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A flow or dns record of tacet-records(7), as far as screens look at it. */
#ifndef VIEW_RECORD_H
#define VIEW_RECORD_H

#include <stdbool.h>
#include <stdint.h>

enum record_type { RECORD_OTHER, RECORD_FLOW, RECORD_DNS, RECORD_LOST };
enum record_verdict { RECORD_NO_VERDICT, RECORD_ALLOW, RECORD_LOG, RECORD_BLOCK };

/* Texts are NUL-terminated, "" where the record does not say; longer ones are cut. */
struct view_record {
	enum record_type type;
	enum record_verdict verdict;
	bool is_open;
	uint64_t id;	  /* of a flow */
	uint32_t repeats; /* not 0: the record stands for so many questions, or lost records */
	uint64_t bytes_out, bytes_in;
	char device[64]; /* its name, else its address: whom the screen lists it under */
	char app[48], role[16], how[16], list[64], rule[256];
	char name[256]; /* name, qname, or the other side's address */
};

/* line: one JSON object. False if it is none; RECORD_OTHER for other types. */
bool view_record_parse(const char *line, struct view_record *out);
const char *view_verdict_name(enum record_verdict v); /* NULL for RECORD_NO_VERDICT */
enum record_verdict view_verdict_parse(const char *text);

#endif
