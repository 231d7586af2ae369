/* SPDX-License-Identifier: GPL-2.0-or-later */
/* steps FILE [COUNT]: instructions that engine_frame takes for a frame, the mean of the last COUNT
 * (4) of a capture, counted by single steps of this processor. callgrind counts what a processor
 * without instructions for SHA-256 would do; this counts what is done here. No lists are loaded.
 * steps, without a file: bytes of a flow, undecided or decided, besides its name. */
#include <pcap/pcap.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/engine.h"
#include "flow/flow.h"

static struct engine *make(void)
{
	struct policy_options how = { .enforce = true, .tcp = HOW_RESET, .udp = HOW_UNREACH };
	struct engine_options o = {
		.max_flows = 8192,
		.max_names = 8192,
		.max_questions = 512,
		.max_hellos = 64,
		.tcp_idle_ms = 600000,
		.udp_idle_ms = 60000,
		.question_ms = 5000,
	};
	struct engine *e = engine_new(&o, &(struct record_sink){ .flow = NULL });
	struct policy *p = policy_new(&how, NULL, NULL, NULL);

	if (!e || !p)
		exit(1);
	engine_set_policy(e, p);
	return e;
}

static struct frame frame_of(const struct pcap_pkthdr *h, const uint8_t *bytes, int link)
{
	return (struct frame){
		.bytes = bytes,
		.len = h->caplen,
		.wire_len = h->len,
		.link = link,
		.time_ns = h->ts.tv_sec * 1000000000LL + h->ts.tv_usec * 1000LL,
		.uid = UINT32_MAX,
	};
}

/* The traced side: a signal before and behind what is counted; first of all, behind nothing. */
static void run(pcap_t *file, unsigned frames, unsigned count)
{
	struct engine *e = make();
	struct pcap_pkthdr *h;
	const uint8_t *bytes;

	raise(SIGUSR1);
	raise(SIGUSR1);
	for (unsigned i = 0; pcap_next_ex(file, &h, &bytes) == 1; i++) {
		struct frame f = frame_of(h, bytes, pcap_datalink(file));
		bool counted = i + count >= frames;

		if (counted)
			raise(SIGUSR1);
		engine_frame(e, &f);
		if (counted)
			raise(SIGUSR1);
	}
	/* As short as it was: the end is not looked at. */
	_exit(0);
}

/* The next stop, by a signal; 0: the process has ended. */
static int stop_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return 0;
	return WSTOPSIG(status);
}

/* Instructions from one SIGUSR1 to the next; -1: there is none. */
static long steps(pid_t pid)
{
	long n = 0;
	int stop;

	if (ptrace(PTRACE_CONT, pid, 0, 0) || stop_of(pid) != SIGUSR1)
		return -1;
	do {
		if (ptrace(PTRACE_SINGLESTEP, pid, 0, 0))
			return -1;
		stop = stop_of(pid);
		n++;
	} while (stop == SIGTRAP);
	return stop == SIGUSR1 ? n : -1;
}

static pcap_t *file_open(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *file = pcap_open_offline(path, why);

	if (!file) {
		fprintf(stderr, "steps: %s\n", why);
		exit(1);
	}
	return file;
}

static unsigned frames_of(const char *path)
{
	pcap_t *file = file_open(path);
	struct pcap_pkthdr *h;
	const uint8_t *bytes;
	unsigned n = 0;

	while (pcap_next_ex(file, &h, &bytes) == 1)
		n++;
	pcap_close(file);
	return n;
}

static int flow_bytes(void)
{
	struct flow_options o = { .max = 16384 }; /* as [limits] flows */
	struct flow_table *t = flow_table_new(&o, NULL, NULL, NULL);

	if (!t)
		return 1;
	printf("%zu\n", flow_table_bytes(t));
	flow_table_free(t);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned count = argc > 2 ? (unsigned)atoi(argv[2]) : 4, frames;
	long nothing, n, sum = 0;
	pcap_t *file;
	pid_t pid;

	if (argc < 2)
		return flow_bytes();
	if (!count)
		return 2;
	frames = frames_of(argv[1]);
	file = file_open(argv[1]);
	pid = fork();
	if (!pid) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(1);
		raise(SIGSTOP);
		run(file, frames, count);
	}
	pcap_close(file);
	if (pid < 0 || stop_of(pid) != SIGSTOP)
		return 1;
	nothing = steps(pid);
	for (unsigned i = 0; i < count; i++) {
		n = steps(pid);
		if (nothing < 0 || n < 0) {
			fprintf(stderr, "steps: %s: fewer than %u frames, or no single steps\n",
				argv[1], count);
			kill(pid, SIGKILL);
			return 1;
		}
		sum += n - nothing;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	printf("%ld\n", sum / (long)count);
	return 0;
}
