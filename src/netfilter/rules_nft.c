// SPDX-License-Identifier: GPL-2.0-or-later
/* The nftables back end: through libnftables, or through nft(8) in a build without it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netfilter/backend.h"

#if WITH_NFTABLES
#include <nftables/libnftables.h>

/* 0, or the result with what nft said in said. */
static int nft_run(const char *command, bool dry, struct text *said)
{
	struct nft_ctx *nft = nft_ctx_new(NFT_CTX_DEFAULT);
	int result;

	if (!nft)
		return -ENOMEM;
	nft_ctx_set_dry_run(nft, dry);
	nft_ctx_buffer_output(nft);
	nft_ctx_buffer_error(nft);
	result = nft_run_cmd_from_buffer(nft, command);
	const char *text = result ? nft_ctx_get_error_buffer(nft) : nft_ctx_get_output_buffer(nft);
	if (text)
		text_str(said, text);
	nft_ctx_free(nft);
	return result ? 1 : 0;
}
#else
static int nft_run(const char *command, bool dry, struct text *said)
{
	const char *const args[] = { "nft", dry ? "-cf" : "-f", "-", NULL };
	struct text err = { .max = 4096 };
	int result = tool_run(args, command, said, &err);

	if (result > 0 && err.len)
		text_str(said, err.at);
	text_done(&err);
	return result;
}
#endif

/* "place: Error: reason" of the first line; the quotation below it is left out. */
static int nft_error(int result, const struct text *said, struct error *e)
{
	if (result == -ENOENT)
		return error_set(e, -ENOENT, "rules: nft: no such program; install nftables");
	if (result < 0)
		return error_set(e, result, "rules: nft: %s", strerror(-result));
	const char *why = said->len ? said->at : "failed without a word";
	const char *mark = strstr(why, "Error: ");
	if (mark)
		why = mark + strlen("Error: ");
	int n = (int)strcspn(why, "\n");
	if (strstr(why, "Operation not permitted") || strstr(why, "must be root"))
		return error_set(e, -EPERM, "rules: nft: needs CAP_NET_ADMIN: run as root");
	return error_set(e, -EOPNOTSUPP, "rules: nft: %.*s", n, why);
}

static int nft_apply(const struct text *t, bool dry, struct error *e)
{
	struct text said = { .max = 4096 };
	int result = -ENOMEM;

	if (!t->failed && t->at)
		result = nft_run(t->at, dry, &said);
	if (result)
		result = nft_error(result, &said, e);
	text_done(&said);
	return result;
}

/* A kernel may have nftables without its queue. Asked on one line, dry, for the sake of the
 * answer: over many lines nft quotes the wrong one. */
static int nft_probe(const struct rules *r, struct error *e)
{
	struct text t = { 0 };
	struct error why = { "" };
	int err;

	text_printf(&t,
		    "add table inet tacet; add chain inet tacet probe; "
		    "add rule inet tacet probe queue num %u bypass\n",
		    r->o.queue);
	err = nft_apply(&t, true, &why);
	text_done(&t);
	if (err == -EOPNOTSUPP)
		return error_set(e, err,
				 "%.300s: this kernel has no nft queue (OpenWrt: kmod-nft-queue)",
				 why.text);
	return err ? error_set(e, err, "%s", why.text) : 0;
}

static int nft_install(struct rules *r, struct error *e)
{
	struct text t = { 0 };
	int err = nft_probe(r, e);

	if (err)
		return err;
	rules_text_nft(&r->o, r->generation, &t);
	err = nft_apply(&t, false, e);
	text_done(&t);
	return err;
}

static int nft_set_generation(struct rules *r, unsigned generation, struct error *e)
{
	struct text t = { 0 };
	int err;

	rules_text_nft_generation(&r->o, generation, &t);
	err = nft_apply(&t, false, e);
	text_done(&t);
	return err;
}

static bool nft_has_table(struct text *listed)
{
	return nft_run("list table inet tacet\n", false, listed) == 0;
}

static int nft_remove(struct error *e)
{
	struct text listed = { 0 }, t = { 0 };
	int err = 0;

	if (nft_has_table(&listed)) {
		text_str(&t, "delete table inet tacet\n");
		err = nft_apply(&t, false, e);
	}
	text_done(&t);
	text_done(&listed);
	return err;
}

static int nft_check_other(const struct rules_options *o, struct error *e)
{
	struct text listed = { 0 };
	int err = 0;

	if (nft_has_table(&listed) && listed.at) {
		/* "queue flags bypass to 7" or, of older versions, "queue num 7 bypass" */
		const char *at = strstr(listed.at, "queue flags bypass to ");
		long number = -1;

		if (at)
			number = strtol(at + strlen("queue flags bypass to "), NULL, 10);
		else if ((at = strstr(listed.at, "queue num ")))
			number = strtol(at + strlen("queue num "), NULL, 10);
		if (number >= 0 && number != o->queue && queue_is_bound((unsigned)number))
			err = error_set(e, -EBUSY,
					"rules: a tacet with queue %ld runs here already; stop it",
					number);
	}
	text_done(&listed);
	return err;
}

const struct rules_ops rules_ops_nft = {
	.name = "nft",
	.install = nft_install,
	.set_generation = nft_set_generation,
	.remove = nft_remove,
	.check_other = nft_check_other,
};
