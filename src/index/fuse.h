/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary fuse filter (Graf and Lemire, arXiv:2201.01174): 9 bits a key say "not in the set" of
 * 255 in 256 others, and are never wrong about a member. Large sets are cut into parts by their
 * hash, so that building takes memory for one part only.
 *
 * Layout: u32 parts; for each u32 seed, u32 offset in the section, u8 log2 of the segment
 * length, u24 segments; then the fingerprints. */
#ifndef INDEX_FUSE_H
#define INDEX_FUSE_H

#include "base/text.h"
#include "index/format.h"

enum { FUSE_PART_KEYS = 1 << 17 };

/* Reorders hashes; equal ones count once. Failure (memory) shows in out. */
void fuse_build(uint64_t *hashes, size_t count, struct text *out);
/* False if the parts do not fit the section. */
bool fuse_check(struct bytes s);
/* Of a checked section: where the answer lies, on its way from memory; and the answer. */
struct fuse_probe {
	const uint8_t *at[3];
	uint8_t fingerprint;
};
struct fuse_probe fuse_probe(struct bytes s, uint64_t hash);

static inline bool fuse_has(const struct fuse_probe *p)
{
	return p->at[0] && (*p->at[0] ^ *p->at[1] ^ *p->at[2]) == p->fingerprint;
}

#endif
