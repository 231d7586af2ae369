/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a flow costs: it is paid [limits] flows times, on routers with 64 MB. */
#include "dissect/quic.h"
#include "engine/internal.h"
#include "suite.h"

/* Bytes on a machine of 64 bits, besides the name, which is shared: what is known of a flow, and
 * its place in the table. */
enum { DECIDED_MAX = 160, UNDECIDED_MAX = 256 };

START_TEST(a_flow)
{
	struct flow_options o = { .max = 40000 }; /* not near a power of two from above */
	struct flow_table *t = flow_table_new(&o, NULL, NULL, NULL);

	ck_assert_ptr_nonnull(t);
	if (sizeof(void *) == 8)
		ck_assert_uint_le(flow_table_bytes(t), DECIDED_MAX);
	flow_table_free(t);
	/* An undecided flow is no larger, and has a buffer from a pool if its hello is spread. */
	ck_assert_uint_le(DECIDED_MAX, UNDECIDED_MAX);
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
