/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: source */
/* pcapng files: a file that breaks off brings the same frames up to there. */
#include "fuzz/fuzz.h"
#include "source/internal.h"
#include "source/pcapng.h"

enum { FRAMES = 64 };

struct seen {
	size_t count;
	struct {
		uint32_t len, wire_len, sum;
		int link;
		int64_t time_ns;
	} frames[FRAMES];
};

static int read_all(const uint8_t *bytes, size_t n, struct seen *out)
{
	struct input in;
	struct pcapng p = { .in = &in };
	struct frame f;
	int rc;

	memset(out, 0, sizeof *out);
	FUZZ_CHECK(!input_of_bytes(&in, bytes, n));
	while ((rc = pcapng_next(&p, &f)) == 1) {
		uint32_t sum = 0;

		FUZZ_CHECK(f.len <= n && f.wire_len >= f.len);
		FUZZ_CHECK(f.time_ns >= 0 && f.time_ns <= INT64_C(1) << 62);
		for (uint32_t i = 0; i < f.len; i++)
			sum = sum * 31 + f.bytes[i];
		if (out->count < FRAMES) {
			out->frames[out->count].len = f.len;
			out->frames[out->count].wire_len = f.wire_len;
			out->frames[out->count].sum = sum;
			out->frames[out->count].link = f.link;
			out->frames[out->count].time_ns = f.time_ns;
		}
		out->count++;
		FUZZ_CHECK(out->count <= n / 12);
	}
	FUZZ_CHECK(p.count <= PCAPNG_INTERFACES);
	FUZZ_CHECK(rc == 0 || p.why[0]);
	pcapng_done(&p);
	input_done(&in);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct seen whole, part;
	size_t cut, n;
	int rc;

	if (!fuzz_take_cut(&data, &size, &cut))
		return 0;
	rc = read_all(data, size, &whole);
	FUZZ_CHECK(rc || !size || whole.count <= size / 16);
	read_all(data, cut, &part);
	FUZZ_CHECK(part.count <= whole.count);
	n = part.count < FRAMES ? part.count : FRAMES;
	FUZZ_CHECK(!memcmp(part.frames, whole.frames, n * sizeof part.frames[0]));
	return 0;
}
