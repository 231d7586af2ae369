/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions asked on: the same name and type, until they are answered, within five seconds. */
#include "engine/relays.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "suite.h"

#define SECOND 1000000000LL

static struct name name_of(const char *text)
{
	struct name name;

	ck_assert(name_from_text(text, strlen(text), &name));
	return name;
}

START_TEST(until_answered_for_five_seconds)
{
	struct relays *r = relays_new();
	struct name film = name_of("film.example"), other = name_of("other.example");

	hash_seed();
	ck_assert(!relays_has(r, &film, 1, 0));
	relays_note(r, &film, 1, 10 * SECOND);
	ck_assert(relays_has(r, &film, 1, 10 * SECOND));
	ck_assert(relays_has(r, &film, 1, 15 * SECOND - 1));
	ck_assert(!relays_has(r, &film, 1, 15 * SECOND));
	ck_assert(!relays_has(r, &film, 1, 10 * SECOND - 1));
	ck_assert(!relays_has(r, &film, 28, 10 * SECOND));
	ck_assert(!relays_has(r, &other, 1, 10 * SECOND));
	relays_note(r, &film, 1, 15 * SECOND); /* once more */
	ck_assert(relays_has(r, &film, 1, 16 * SECOND));
	relays_end(r, &film, 28);
	relays_end(r, &other, 1);
	ck_assert(relays_has(r, &film, 1, 16 * SECOND));
	relays_end(r, &film, 1);
	ck_assert(!relays_has(r, &film, 1, 16 * SECOND));
	relays_free(r);
	relays_free(NULL);
}
END_TEST

/* A storm of names makes it forget, and never mistake one for another. */
START_TEST(it_forgets)
{
	struct relays *r = relays_new();
	unsigned known = 0;
	char text[32];

	hash_seed();
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "n%u.example", i);
		struct name name = name_of(text);
		ck_assert(!relays_has(r, &name, 1, SECOND));
		relays_note(r, &name, 1, SECOND);
		ck_assert(relays_has(r, &name, 1, SECOND));
	}
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "n%u.example", i);
		struct name name = name_of(text);
		known += relays_has(r, &name, 1, SECOND);
	}
	ck_assert(known > 256 && known <= 512);
	relays_free(r);
}
END_TEST

SUITE("engine/relays", until_answered_for_five_seconds, it_forgets)
