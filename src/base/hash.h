/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SipHash-1-3 with a key drawn at start: table positions that a remote host cannot predict.
 * For uthash, define HASH_FUNCTION through this header: include it instead of <uthash.h>. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* Draws the process's key from getrandom(2), once; later calls do nothing. Tests and audits
 * never print anything that depends on it. */
void hash_seed(void);
uint64_t hash_bytes(const void *p, size_t n);
/* The same function under a key of the caller (SipHash-1-3, for tests and for the index). */
uint64_t hash_bytes_keyed(uint64_t k0, uint64_t k1, const void *p, size_t n);

#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = (unsigned)hash_bytes((keyptr), (keylen)))
#define HASH_NONFATAL_OOM		     1
#include <uthash.h>

#endif
