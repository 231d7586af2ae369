/* SPDX-License-Identifier: GPL-2.0-or-later */
/* room: flow */
/* Streams of a small pool against a model of byte arrays: what is ready, what has a gap, whose
 * buffers are taken, what is lost. */
#include "flow/stream.h"
#include "fuzz/fuzz.h"

enum { OWNERS = 4, SMALL = 3, LARGE_MAX = 2, OPS_MAX = 64, OP_BYTES = 8 };

struct model {
	struct stream *stream; /* NULL: closed */
	int64_t base;
	uint32_t high; /* no byte is there from here on */
	unsigned used; /* order of the last use */
	bool sure, large;
	bool there[STREAM_MAX];
	uint8_t bytes[STREAM_MAX];
};

static struct model models[OWNERS];
static struct stream_pool *pool;
static struct stream_counters want;
static unsigned now, large_left;
static int expected; /* owner that the pool must take from next, or -1 */

static void taken(void *ctx, void *owner)
{
	struct model *m = owner;

	FUZZ_CHECK(ctx == &want);
	FUZZ_CHECK(expected == (int)(m - models));
	expected = -1;
}

static void model_close(struct model *m)
{
	m->stream = NULL;
	large_left += m->large;
	want.now--;
}

/* The stream idle longest of those with (or without) a large buffer, but not `but`. */
static FUZZ_OWN struct model *idlest(bool large, const struct model *but)
{
	struct model *found = NULL;

	for (int i = 0; i < OWNERS; i++) {
		struct model *m = &models[i];

		if (m->stream && m != but && (m->large || !large) &&
		    (!found || m->used < found->used))
			found = m;
	}
	return found;
}

static void model_take(struct model *m)
{
	expected = (int)(m - models);
	want.taken++;
	model_close(m);
}

static bool model_grow(struct model *m)
{
	struct model *other = large_left ? NULL : idlest(true, m);

	if (!large_left && !other)
		return false;
	if (other)
		model_take(other);
	large_left--;
	return m->large = true;
}

static bool fits(struct model *m, size_t end)
{
	return end <= (m->large ? STREAM_MAX : STREAM_SMALL) || model_grow(m);
}

/* A new island where STREAM_RANGES are already. */
static FUZZ_OWN bool is_one_too_many(const struct model *m, size_t start, size_t end)
{
	unsigned islands = 0;

	for (size_t i = 0; i < m->high; i++) {
		if (m->there[i] && (!i || !m->there[i - 1]))
			islands++;
		if (m->there[i] && i + 1 >= start && i <= end)
			return false;
	}
	return islands >= STREAM_RANGES;
}

static FUZZ_OWN bool model_move_up(struct model *m, int64_t by)
{
	if (by > STREAM_MAX - (int64_t)m->high || !fits(m, m->high + (size_t)by))
		return false;
	memmove(m->bytes + by, m->bytes, m->high);
	memmove(m->there + by, m->there, m->high * sizeof *m->there);
	memset(m->there, 0, (size_t)by * sizeof *m->there);
	if (m->high)
		m->high += (uint32_t)by;
	m->base -= by;
	return true;
}

static FUZZ_OWN bool model_add(struct model *m, int64_t offset, const uint8_t *bytes, size_t n)
{
	size_t start, room = n;

	m->used = ++now;
	if (offset < 0 && !m->sure && model_move_up(m, -offset))
		offset = 0;
	if (offset < 0) {
		if (-offset >= (int64_t)n)
			return true;
		bytes -= offset;
		room = n += (size_t)offset;
		offset = 0;
	}
	start = (size_t)offset;
	if (start >= STREAM_MAX || is_one_too_many(m, start, start + n))
		room = 0;
	else if (start + n > STREAM_MAX)
		room = STREAM_MAX - start;
	if (room && !fits(m, start + room))
		room = start < STREAM_SMALL ? STREAM_SMALL - start : 0;
	for (size_t i = start; i < start + room; i++) {
		if (!m->there[i])
			m->bytes[i] = bytes[i - start];
		m->there[i] = true;
	}
	if (room && start + room > m->high)
		m->high = (uint32_t)(start + room);
	want.lost += room < n;
	return room == n;
}

static FUZZ_OWN void model_open(struct model *m, uint32_t seq, bool sure)
{
	struct model *victim = want.now == SMALL ? idlest(false, NULL) : NULL;

	if (victim)
		model_take(victim);
	memset(m->there, 0, sizeof m->there);
	m->base = seq;
	m->sure = sure;
	m->large = false;
	m->high = 0;
	m->used = ++now;
	want.opened++;
	want.now++;
	m->stream = stream_open(pool, m, seq, sure);
	FUZZ_CHECK(m->stream);
}

static void compare(const struct model *m)
{
	const bool *gap = memchr(m->there, 0, m->high);
	size_t n, ready = gap ? (size_t)(gap - m->there) : m->high;
	const uint8_t *bytes = stream_ready(m->stream, &n);

	FUZZ_CHECK(n == ready && !memcmp(bytes, m->bytes, n));
	FUZZ_CHECK(stream_has_gap(m->stream) == (ready < m->high));
}

static void compare_counters(void)
{
	struct stream_counters got;

	FUZZ_CHECK(expected == -1);
	stream_counters(pool, &got);
	FUZZ_CHECK(got.opened == want.opened && got.taken == want.taken && got.lost == want.lost &&
		   got.now == want.now);
}

static FUZZ_OWN uint8_t *fill(uint8_t first, size_t n)
{
	uint8_t *bytes = malloc(n);

	FUZZ_CHECK(bytes);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(first + i * 7);
	return bytes;
}

/* what and whom, how far from the base (4), length (2), first byte. */
static void operate(const uint8_t op[static OP_BYTES])
{
	struct model *m = &models[op[0] % OWNERS];
	uint32_t distance =
		(uint32_t)op[1] << 24 | (uint32_t)op[2] << 16 | (uint32_t)op[3] << 8 | op[4];
	size_t n = (size_t)op[5] << 8 | op[6];
	uint32_t seq;
	uint8_t *bytes;
	bool all;

	if (op[0] >= 0xf0 && m->stream) {
		stream_close(pool, m->stream);
		model_close(m);
		return;
	}
	if (!m->stream) {
		model_open(m, distance, op[7] & 1);
		return;
	}
	if (!n)
		return;
	if (op[0] & 0x40) /* near the base, as segments mostly are */
		distance = (uint32_t)(int32_t)(int16_t)distance;
	bytes = fill(op[7], n);
	seq = (uint32_t)m->base + distance;
	all = model_add(m, (int32_t)distance, bytes, n);
	FUZZ_CHECK(stream_add(pool, m->stream, seq, bytes, n) == all);
	free(bytes);
}

/* The first byte says how many large buffers there are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	want = (struct stream_counters){ 0 };
	now = 0;
	large_left = *data++ % (LARGE_MAX + 1);
	size--;
	expected = -1;
	for (int i = 0; i < OWNERS; i++)
		models[i].stream = NULL;
	pool = stream_pool_new(SMALL, large_left, taken, &want);
	FUZZ_CHECK(pool);
	for (int i = 0; i < OPS_MAX && size >= OP_BYTES; i++) {
		operate(data);
		compare_counters();
		if (models[data[0] % OWNERS].stream)
			compare(&models[data[0] % OWNERS]);
		data += OP_BYTES;
		size -= OP_BYTES;
	}
	for (int i = 0; i < OWNERS; i++)
		if (models[i].stream)
			compare(&models[i]);
	stream_pool_free(pool);
	return 0;
}
