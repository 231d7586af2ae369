/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Leases of every server, and what hostile clients have them write. */
#include "device/leases.h"

#include <stdio.h>
#include <string.h>

#include "suite.h"

static char told[4096];
static unsigned count;

static void each(void *ctx, const struct lease *l)
{
	char mac[MAC_TEXT_MAX], addr[ADDR_TEXT_MAX];

	count++;
	snprintf(told + strlen(told), sizeof told - strlen(told), "%s %s %s\n",
		 mac_is_zero(&l->mac) ? "-" : mac_format(&l->mac, mac),
		 l->addr.family ? addr_format(&l->addr, addr) : "-", l->hostname);
}

static const char *parsed(const char *text)
{
	*told = '\0';
	count = 0;
	leases_parse(text, strlen(text), each, NULL);
	return told;
}

START_TEST(dnsmasq)
{
	ck_assert_str_eq(parsed("1767225600 a0:48:1c:aa:aa:aa 192.168.1.20 living-room "
				"01:a0:48:1c:aa:aa:aa\n"
				"1767225600 a0:48:1c:bb:bb:bb 192.168.1.21 * *\n"
				"0 06-00:11:22:33:44:55 192.168.1.22 ring *\n"
				"duid 00:01:00:01:2c:aa:bb:cc:a0:48:1c:aa:aa:aa\n"
				"1767225600 477631516 2001:db8::20 tablet 00:01:00:01:2c\n"
				"1767225600 T1234 2001:db8::21 temporary 00:01:00:01:2c\r\n"),
			 "a0:48:1c:aa:aa:aa 192.168.1.20 living-room\n"
			 "- 192.168.1.22 ring\n"
			 "- 2001:db8::20 tablet\n"
			 "- 2001:db8::21 temporary\n");
}
END_TEST

START_TEST(odhcpd)
{
	ck_assert_str_eq(
		parsed("# br-lan 00010001303b674e1009f95e963b f95e963b ziggy 1761471895 a10 128 "
		       "2001:db8:c211::a10/128 fd01::a10/128\n"
		       "2001:db8:c211::a10\tziggy.lan\tziggy\n"
		       "# br-lan a0481caaaaaa ipv4 shelf 1761471895 7 32 192.168.1.7/32\n"
		       "# br-lan a0481cbbbbbb ipv4 - 1761471895 8 32 192.168.1.8/32\n"
		       "# br-lan a0481ccccccc ipv4 broken\\x20tv 1761471895 9 32 192.168.1.9/32\n"
		       "# br-lan a0481cdddddd ipv4 bare 1761471895 9 32\n"),
		"- 2001:db8:c211::a10 ziggy\n"
		"- fd01::a10 ziggy\n"
		"a0:48:1c:aa:aa:aa 192.168.1.7 shelf\n"
		"a0:48:1c:dd:dd:dd - bare\n");
}
END_TEST

START_TEST(isc)
{
	ck_assert_str_eq(parsed("# The format of this file is documented in dhcpd.leases(5).\n"
				"authoring-byte-order little-endian;\n"
				"lease 192.168.1.30 {\n"
				"  starts 4 2026/01/01 00:00:00;\n"
				"  binding state active;\n"
				"  hardware ethernet a0:48:1c:aa:aa:aa;\n"
				"  uid \"\\001\\240H\";\n"
				"  client-hostname \"bed-room\";\n"
				"}\n"
				"lease 192.168.1.31 {\n"
				"  hardware ethernet a0:48:1c:bb:bb:bb;\n"
				"}\n"
				"lease 192.168.1.32 {\n"
				"  client-hostname \"late.example\";\n"
				"}\n"
				"lease nonsense {\n"
				"  client-hostname \"none\";\n"
				"}\n"
				"lease 192.168.1.33 {\n"
				"  client-hostname \"open"),
			 "a0:48:1c:aa:aa:aa 192.168.1.30 bed-room\n"
			 "- 192.168.1.32 late\n");
}
END_TEST

START_TEST(networkd)
{
	ck_assert_str_eq(
		parsed("\n{\"BootID\":\"x\",\"Address\":[192,168,1,1],\"PrefixLength\":24,"
		       "\"Leases\":[\n"
		       "{\"ClientId\":[1,2],\"Address\":[192,168,1,40],\"Hostname\":\"den\","
		       "\"HardwareAddressType\":1,\"HardwareAddress\":[160,72,28,1,2,3]},"
		       "{\"Address\":[192,168,1,41],\"HardwareAddress\":[160,72,28,1,2,4]},"
		       "{\"Address\":[192,168,1,300],\"HardwareAddress\":[1,2],\"Hostname\":\"no\"}"
		       ","
		       "{\"Address\":[192,168,1,42],\"HardwareAddress\":[160,72,28,1,2,999],"
		       "\"Hostname\":\"hall\"}, 7, null]}"),
		"a0:48:1c:01:02:03 192.168.1.40 den\n"
		"a0:48:1c:01:02:00 192.168.1.42 hall\n");
	ck_assert_str_eq(parsed("{\"Leases\":{\"a\":1}}"), "");
	ck_assert_str_eq(parsed("{\"Leases\":[{\"Hostname\":"), "");
}
END_TEST

START_TEST(hostile_names_are_none)
{
	ck_assert_str_eq(parsed("1 a0:48:1c:aa:aa:aa 192.168.1.20 <script>alert</script> *\n"
				"1 a0:48:1c:aa:aa:aa 192.168.1.20 \x1b[31mred *\n"
				"1 a0:48:1c:aa:aa:aa 192.168.1.20 .hidden *\n"
				"1 a0:48:1c:aa:aa:aa 192.168.1.20\n"
				"1 a0:48:1c:aa:aa:aa not-an-address host *\n"
				"1\n 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n"),
			 "");
	ck_assert_uint_eq(count, 0);
}
END_TEST

START_TEST(many_and_long_ones_are_bounded)
{
	static char text[LEASES_MAX * 64 + 4096];
	size_t n = 0;

	memset(text, '7', 2000); /* one line too long */
	n = 2000;
	n += (size_t)sprintf(text + n, "\n");
	for (int i = 0; i < LEASES_MAX + 5; i++)
		n += (size_t)sprintf(text + n, "1 02:00:00:00:%02x:%02x 10.0.%d.%d h%d *\n", i >> 8,
				     i & 255, i >> 8 & 255, i & 255, i);
	parsed(text);
	ck_assert_uint_eq(count, LEASES_MAX);
}
END_TEST

SUITE("device/leases", dnsmasq, odhcpd, isc, networkd, hostile_names_are_none,
      many_and_long_ones_are_bounded)
