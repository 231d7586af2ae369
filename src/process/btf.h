/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF, the kernel's own description of its types (Documentation/bpf/btf.rst): ids of functions and
 * places of struct members. */
#ifndef PROCESS_BTF_H
#define PROCESS_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct btf;
/* bytes are in this machine's order, and the caller's while the result lives. NULL: no BTF,
 * damaged, or no memory. */
struct btf *btf_new(const uint8_t *bytes, size_t n);
void btf_free(struct btf *b); /* accepts NULL */

/* 0: there is none. */
uint32_t btf_function(const struct btf *b, const char *name);
/* Bytes from the beginning of a struct to a member, in anonymous members of it too. */
bool btf_member(const struct btf *b, const char *structure, const char *member,
		uint32_t *out_offset);

#endif
