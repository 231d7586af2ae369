/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire: writes what leaves through an interface to a capture file until it is told to end, and
 * counts packets of such a file. tcpdump would do, but it changes its user, which a user namespace
 * does not allow. */
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pcap_t *capture;

static void stop(int sig)
{
	pcap_breakloop(capture);
}

static void write_one(u_char *to, const struct pcap_pkthdr *h, const u_char *bytes)
{
	pcap_dump(to, h, bytes);
	pcap_dump_flush((pcap_dumper_t *)(void *)to);
}

static int record(const char *interface, const char *path, int snap)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct pcap_stat st = { 0 };
	struct sigaction act = { .sa_handler = stop };
	pcap_dumper_t *file;

	capture = pcap_create(interface, why);
	if (!capture || pcap_set_snaplen(capture, snap) ||
	    pcap_set_buffer_size(capture, 64 << 20) || pcap_set_immediate_mode(capture, 1) ||
	    pcap_activate(capture) < 0 || pcap_setdirection(capture, PCAP_D_OUT) ||
	    !(file = pcap_dump_open(capture, path))) {
		fprintf(stderr, "wire: %s: %s\n", interface, capture ? pcap_geterr(capture) : why);
		return 1;
	}
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	fprintf(stderr, "listening\n");
	pcap_loop(capture, -1, write_one, (u_char *)file);
	pcap_stats(capture, &st);
	pcap_dump_close(file);
	pcap_close(capture);
	/* A packet that was missed could be the one that must not have left. */
	if (st.ps_drop) {
		fprintf(stderr, "wire: %s: %u packets missed\n", interface, st.ps_drop);
		return 1;
	}
	return 0;
}

static int count(const char *path, const char *filter)
{
	char why[PCAP_ERRBUF_SIZE] = "";
	struct bpf_program program;
	struct pcap_pkthdr *h;
	const u_char *bytes;
	unsigned long n = 0;
	int rc;

	capture = pcap_open_offline(path, why);
	if (!capture || pcap_compile(capture, &program, filter, 1, PCAP_NETMASK_UNKNOWN) ||
	    pcap_setfilter(capture, &program)) {
		fprintf(stderr, "wire: %s: %s\n", path, capture ? pcap_geterr(capture) : why);
		return 1;
	}
	while ((rc = pcap_next_ex(capture, &h, &bytes)) == 1)
		n++;
	if (rc == PCAP_ERROR)
		fprintf(stderr, "wire: %s: %s\n", path, pcap_geterr(capture));
	pcap_freecode(&program);
	pcap_close(capture);
	printf("%lu\n", n);
	return rc == PCAP_ERROR;
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "record"))
		return record(argv[2], argv[3], atoi(argv[4]));
	if (argc == 4 && !strcmp(argv[1], "count"))
		return count(argv[2], argv[3]);
	fprintf(stderr, "usage: wire record INTERFACE FILE BYTES-OF-A-PACKET\n"
			"       wire count FILE FILTER\n");
	return 2;
}
