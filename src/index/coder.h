/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted keys into blocks: once to count what follows what, once more to write. */
#ifndef INDEX_CODER_H
#define INDEX_CODER_H

#include "base/text.h"
#include "index/model.h"

struct index_coder;
struct index_coder *coder_new(void);
void coder_free(struct index_coder *c); /* accepts NULL */
/* Counting. classes: of every key, in order, by falling frequency. */
void coder_count(struct index_coder *c, const uint8_t *key, size_t len);
void coder_count_classes(struct index_coder *c, const uint32_t *classes, size_t count);
/* Ends counting: the models as sections. False if it failed. */
bool coder_models(struct index_coder *c, struct text *chars, struct text *shared,
		  struct text *classes);
/* Writing the same keys again. */
void coder_write(struct index_coder *c, const uint8_t *key, size_t len, uint32_t class);
bool coder_end(struct index_coder *c, struct text *groups, struct text *separators,
	       struct text *blocks);

#endif
