/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SOCKS requests as the client sends them; what the proxy answers is not needed. */
#include "dissect/socks.h"

enum {
	VERSION_4 = 4,
	VERSION_5 = 5,
	VERSION_LOGIN = 1, /* of the user name and password exchange (RFC 1929, 2) */
	METHOD_LAST = 9,   /* assigned so far; from 0x80 on they are private */
	METHOD_PRIVATE = 0x80,
	COMMAND_BIND_4 = 2,
	COMMAND_UDP = 3,
	TEXT_MAX = 255,
};

enum address_type { ADDRESS_V4 = 1, ADDRESS_NAME = 3, ADDRESS_V6 = 4 };

static enum outcome conclude(const char *text, size_t n, struct name *out)
{
	struct name name;

	if (!name_from_text(text, n, &name) || name_is_address(name.text))
		return OUTCOME_ABSENT;
	*out = name;
	return OUTCOME_FOUND;
}

/* Text up to a NUL. */
static bool read_text(struct reader *r, char text[static TEXT_MAX], size_t *out_n)
{
	uint8_t c;

	for (*out_n = 0; read_u8(r, &c); text[(*out_n)++] = (char)c) {
		if (!c)
			return true;
		if (*out_n == TEXT_MAX)
			return reader_bad(r);
	}
	return false;
}

/* Behind the version byte. An address 0.0.0.x says that a name follows (4a). */
static enum outcome read_request_4(struct reader *r, struct name *out)
{
	char text[TEXT_MAX];
	uint8_t command;
	uint16_t port;
	uint32_t address;
	size_t n;

	if (!read_u8(r, &command))
		return reader_outcome(r);
	if (!command || command > COMMAND_BIND_4)
		return OUTCOME_MALFORMED;
	if (!read_u16(r, &port) || !read_u32(r, &address) || !read_text(r, text, &n))
		return reader_outcome(r);
	if (!address || address > 255)
		return OUTCOME_ABSENT;
	return read_text(r, text, &n) ? conclude(text, n, out) : reader_outcome(r);
}

static bool skip_methods(struct reader *r)
{
	struct reader methods;
	uint8_t method;

	if (!read_vec8(r, &methods))
		return false;
	if (reader_done(&methods))
		return reader_bad(r);
	while (read_u8(&methods, &method))
		if (method > METHOD_LAST && method < METHOD_PRIVATE)
			return reader_bad(&methods) || reader_bad(r);
	return true;
}

static bool skip_login(struct reader *r)
{
	struct reader user, password;

	return read_vec8(r, &user) && read_vec8(r, &password);
}

static enum outcome read_request_5(struct reader *r, struct name *out)
{
	struct reader host = *r;
	uint8_t command, reserved, type;
	uint16_t port;
	bool ok = false;

	if (!read_u8(r, &command) || !read_u8(r, &reserved) || !read_u8(r, &type))
		return reader_outcome(r);
	if (!command || command > COMMAND_UDP || reserved)
		return OUTCOME_MALFORMED;
	switch (type) {
	case ADDRESS_V4:
		ok = read_sub(r, 4, &host);
		break;
	case ADDRESS_V6:
		ok = read_sub(r, 16, &host);
		break;
	case ADDRESS_NAME:
		ok = read_vec8(r, &host);
		break;
	default:
		return OUTCOME_MALFORMED;
	}
	if (!ok || !read_u16(r, &port))
		return reader_outcome(r);
	if (type != ADDRESS_NAME)
		return OUTCOME_ABSENT;
	return conclude((const char *)host.at, reader_left(&host), out);
}

enum outcome socks_target(struct reader *r, struct name *out)
{
	uint8_t version;

	if (!read_u8(r, &version))
		return reader_outcome(r);
	if (version == VERSION_4)
		return read_request_4(r, out);
	if (version != VERSION_5)
		return OUTCOME_MALFORMED;
	if (!skip_methods(r) || !read_u8(r, &version))
		return reader_outcome(r);
	/* What the proxy chose is not seen: the next message tells by its first byte. */
	if (version == VERSION_LOGIN && (!skip_login(r) || !read_u8(r, &version)))
		return reader_outcome(r);
	return version == VERSION_5 ? read_request_5(r, out) : OUTCOME_MALFORMED;
}
