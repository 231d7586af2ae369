/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sorted runs: multikey quicksort in memory, a merge by binary heap from the file. */
#include "index/runs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index/format.h"

/* A record lies as u32 payload, u32 line, u16 length, key. */
enum { RECORD_HEAD = 10, READ_BYTES = 32 * 1024, AHEAD = 16 };

/* A run that is being read. */
struct run {
	uint64_t at, end; /* in the file, behind what is in buf */
	uint8_t *buf;	  /* READ_BYTES */
	size_t start, fill;
	struct record now;
};

struct runs {
	size_t memory;
	uint8_t *bytes; /* records not yet in the file */
	size_t used, cap;
	uint32_t *order; /* where each begins */
	size_t count, order_cap, next;
	FILE *file;
	uint64_t file_size;
	struct run *runs;
	uint32_t *heap; /* runs that have a record, the least first */
	size_t run_count, heap_count;
	bool advance; /* the first of the heap was handed out */
};

struct runs *runs_new(size_t memory)
{
	struct runs *r = calloc(1, sizeof *r);

	if (r)
		r->memory = memory ? memory : SIZE_MAX;
	return r;
}

static void memory_drop(struct runs *r)
{
	free(r->bytes);
	free(r->order);
	r->bytes = NULL;
	r->order = NULL;
	r->used = r->cap = r->count = r->order_cap = 0;
}

void runs_free(struct runs *r)
{
	if (!r)
		return;
	memory_drop(r);
	for (size_t i = 0; i < r->run_count; i++)
		free(r->runs[i].buf);
	free(r->runs);
	free(r->heap);
	if (r->file)
		fclose(r->file);
	free(r);
}

static struct record record_at(const uint8_t *p)
{
	return (struct record){ p + RECORD_HEAD, get_u16(p + 8), get_u32(p), get_u32(p + 4) };
}

/* The byte of a key at `depth` + 1, 0 behind its end. */
static inline unsigned byte_at(const uint8_t *bytes, uint32_t where, size_t depth)
{
	const uint8_t *p = bytes + where;

	return depth < get_u16(p + 8) ? p[RECORD_HEAD + depth] + 1U : 0;
}

static int compare_from(const uint8_t *bytes, uint32_t a, uint32_t b, size_t depth)
{
	struct record x = record_at(bytes + a), y = record_at(bytes + b);
	size_t n = x.len < y.len ? x.len : y.len;
	int rc = n > depth ? memcmp(x.key + depth, y.key + depth, n - depth) : 0;

	if (!rc)
		rc = x.len < y.len ? -1 : x.len > y.len;
	/* As they were added: records lie one behind the other. */
	return rc ? rc : a < b ? -1 : 1;
}

static void insertion_sort(const uint8_t *bytes, uint32_t *order, size_t n, size_t depth)
{
	for (size_t i = 1; i < n; i++) {
		uint32_t x = order[i];
		size_t j = i;
		for (; j && compare_from(bytes, x, order[j - 1], depth) < 0; j--)
			order[j] = order[j - 1];
		order[j] = x;
	}
}

static int compare_places(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static unsigned median(unsigned a, unsigned b, unsigned c)
{
	if (a < b)
		return b < c ? b : a < c ? c : a;
	return a < c ? a : b < c ? c : b;
}

/* Bentley and Sedgewick's multikey quicksort: three parts by one byte, and that byte is never
 * looked at again where it was equal. Recursion goes as deep as a key is long, and by halves. */
static void multikey_sort(const uint8_t *bytes, uint32_t *order, size_t n, size_t depth)
{
	while (n > 12) {
		unsigned pivot =
			median(byte_at(bytes, order[0], depth), byte_at(bytes, order[n / 2], depth),
			       byte_at(bytes, order[n - 1], depth));
		size_t low = 0, high = n, i = 0;
		while (i < high) {
			uint32_t x = order[i];
			unsigned c = byte_at(bytes, x, depth);
			if (c < pivot) {
				order[i++] = order[low];
				order[low++] = x;
			} else if (c > pivot) {
				order[i] = order[--high];
				order[high] = x;
			} else {
				i++;
			}
		}
		multikey_sort(bytes, order, low, depth);
		multikey_sort(bytes, order + high, n - high, depth);
		if (!pivot) {
			qsort(order + low, high - low, sizeof *order, compare_places);
			return;
		}
		order += low;
		n = high - low;
		depth++;
	}
	insertion_sort(bytes, order, n, depth);
}

static void memory_sort(struct runs *r)
{
	if (r->count > 1)
		multikey_sort(r->bytes, r->order, r->count, 0);
}

static int spill(struct runs *r)
{
	struct run *more = realloc(r->runs, (r->run_count + 1) * sizeof *more);
	uint64_t start = r->file_size;

	if (!more)
		return -ENOMEM;
	r->runs = more;
	if (!r->file && !(r->file = tmpfile()))
		return -errno;
	memory_sort(r);
	for (size_t i = 0; i < r->count; i++) {
		const uint8_t *p = r->bytes + r->order[i];
		size_t n = RECORD_HEAD + get_u16(p + 8);
		if (fwrite(p, 1, n, r->file) != n)
			return -(errno ? errno : EIO);
		r->file_size += n;
	}
	r->runs[r->run_count++] = (struct run){ .at = start, .end = r->file_size };
	r->used = r->count = 0;
	return 0;
}

static int room_for(struct runs *r, size_t n)
{
	if (r->count && (r->used + n + 4 * r->count > r->memory || r->used + n > UINT32_MAX)) {
		int rc = spill(r);
		if (rc)
			return rc;
	}
	if (r->used + n > r->cap) {
		size_t cap = r->cap + r->cap / 2 + n + 65536;
		uint8_t *more = realloc(r->bytes, cap);
		if (!more)
			return -ENOMEM;
		r->bytes = more;
		r->cap = cap;
	}
	if (r->count == r->order_cap) {
		size_t cap = r->order_cap + r->order_cap / 2 + 4096;
		uint32_t *more = realloc(r->order, cap * sizeof *more);
		if (!more)
			return -ENOMEM;
		r->order = more;
		r->order_cap = cap;
	}
	return 0;
}

int runs_add(struct runs *r, const struct record *rec)
{
	int rc = room_for(r, RECORD_HEAD + rec->len);
	uint8_t *p = r->bytes + r->used;

	if (rc)
		return rc;
	put_le(p, rec->payload, 4);
	put_le(p + 4, rec->line, 4);
	put_le(p + 8, (uint32_t)rec->len, 2);
	memcpy(p + RECORD_HEAD, rec->key, rec->len);
	r->order[r->count++] = (uint32_t)r->used;
	r->used += RECORD_HEAD + rec->len;
	return 0;
}

/* The next record of a run: 1, 0 at its end, -errno. */
static int run_next(struct runs *r, struct run *u)
{
	for (;;) {
		size_t left = u->fill - u->start;
		if (left >= RECORD_HEAD && left >= RECORD_HEAD + get_u16(u->buf + u->start + 8)) {
			u->now = record_at(u->buf + u->start);
			u->start += RECORD_HEAD + u->now.len;
			return 1;
		}
		if (u->at == u->end)
			return left ? -EIO : 0;
		memmove(u->buf, u->buf + u->start, left);
		size_t want = READ_BYTES - left;
		if (want > u->end - u->at)
			want = (size_t)(u->end - u->at);
		ssize_t n = pread(fileno(r->file), u->buf + left, want, (off_t)u->at);
		if (n <= 0)
			return n ? -errno : -EIO;
		u->start = 0;
		u->fill = left + (size_t)n;
		u->at += (uint64_t)n;
	}
}

static bool run_before(const struct runs *r, uint32_t a, uint32_t b)
{
	const struct record *x = &r->runs[a].now, *y = &r->runs[b].now;
	size_t n = x->len < y->len ? x->len : y->len;
	int rc = memcmp(x->key, y->key, n);

	if (!rc)
		rc = x->len < y->len ? -1 : x->len > y->len;
	return rc ? rc < 0 : a < b;
}

static void heap_sink(struct runs *r, size_t i)
{
	for (;;) {
		size_t least = i, child = 2 * i + 1;
		for (size_t c = child; c < child + 2 && c < r->heap_count; c++)
			if (run_before(r, r->heap[c], r->heap[least]))
				least = c;
		if (least == i)
			return;
		uint32_t x = r->heap[i];
		r->heap[i] = r->heap[least];
		r->heap[least] = x;
		i = least;
	}
}

static int merge_begin(struct runs *r)
{
	uint64_t start = 0;
	int rc;

	if (fflush(r->file))
		return -errno;
	if (!r->heap && !(r->heap = calloc(r->run_count, sizeof *r->heap)))
		return -ENOMEM;
	r->heap_count = 0;
	for (uint32_t i = 0; i < r->run_count; i++) {
		struct run *u = &r->runs[i];
		if (!u->buf && !(u->buf = malloc(READ_BYTES)))
			return -ENOMEM;
		u->at = start;
		u->start = u->fill = 0;
		start = u->end;
		rc = run_next(r, u);
		if (rc < 0)
			return rc;
		if (rc)
			r->heap[r->heap_count++] = i;
	}
	for (size_t i = r->heap_count; i-- > 0;)
		heap_sink(r, i);
	r->advance = false;
	return 0;
}

int runs_rewind(struct runs *r)
{
	int rc;

	if (!r->file) {
		if (!r->next)
			memory_sort(r);
		r->next = 0;
		return 0;
	}
	if (r->count && (rc = spill(r)))
		return rc;
	memory_drop(r);
	return merge_begin(r);
}

static int merge_next(struct runs *r, struct record *out)
{
	int rc;

	if (r->advance) {
		rc = run_next(r, &r->runs[r->heap[0]]);
		if (rc < 0)
			return rc;
		if (!rc)
			r->heap[0] = r->heap[--r->heap_count];
		heap_sink(r, 0);
	}
	r->advance = r->heap_count;
	if (!r->heap_count)
		return 0;
	*out = r->runs[r->heap[0]].now;
	return 1;
}

int runs_next(struct runs *r, struct record *out)
{
	if (r->file)
		return merge_next(r, out);
	if (r->next == r->count)
		return 0;
	/* In the order of their keys they lie anywhere. */
	if (r->count - r->next > AHEAD)
		__builtin_prefetch(r->bytes + r->order[r->next + AHEAD]);
	*out = record_at(r->bytes + r->order[r->next++]);
	return 1;
}
