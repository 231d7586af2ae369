/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a flow costs: it is paid [limits] flows times, on routers with 64 MB. */
#include "dissect/quic.h"
#include "engine/internal.h"
#include "suite.h"

/* Bytes on a machine of 64 bits. Of a flow, besides its name, which it shares with others. */
enum {
	DECIDED_MAX = 160,   /* what is known of it */
	UNDECIDED_MAX = 256, /* that, and its place in the table */
	HANDLE = sizeof(UT_hash_handle),
};

START_TEST(a_flow)
{
	if (sizeof(void *) < 8)
		return;
	ck_assert_uint_le(sizeof(struct flow) - HANDLE, DECIDED_MAX);
	ck_assert_uint_le(sizeof(struct flow), UNDECIDED_MAX);
	/* The place in the table is uthash's. */
	ck_assert_uint_le(HANDLE, 56);
}
END_TEST

/* What collects a hello that is spread over packets, until the decision. */
START_TEST(a_hello)
{
	ck_assert_uint_le(STREAM_SMALL, 4096);
	ck_assert_uint_le(sizeof(struct quic_assembly), 20480);
}
END_TEST

SUITE("engine/sizes", a_flow, a_hello)
