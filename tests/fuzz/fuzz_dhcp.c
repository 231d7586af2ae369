/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: dissect */
/* DHCP of both families: no cut gets another answer, and a name is a label. */
#include "dissect/dhcp.h"

#include "fuzz/fuzz.h"

static void check(enum outcome (*parse)(struct reader *, struct dhcp_label *), const uint8_t *data,
		  size_t size, size_t cut)
{
	struct dhcp_label whole = { .len = 0 }, part = { .len = 0 };
	struct reader r = reader_whole(data, size);
	enum outcome last = parse(&r, &whole), o;

	FUZZ_CHECK(last != OUTCOME_MORE);
	FUZZ_CHECK((last == OUTCOME_FOUND) == (whole.len > 0) && whole.len <= DHCP_LABEL_MAX);
	FUZZ_CHECK(strlen(whole.text) == whole.len && !memchr(whole.text, '.', whole.len));
	r = reader_truncated(data, cut, size - cut);
	o = parse(&r, &part);
	fuzz_check_prefix(o, last);
	FUZZ_CHECK(o != OUTCOME_FOUND || !memcmp(&part, &whole, sizeof part));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut;

	if (!fuzz_take_cut(&data, &size, &cut))
		return 0;
	check(dhcp4_hostname, data, size, cut);
	check(dhcp6_hostname, data, size, cut);
	return 0;
}
