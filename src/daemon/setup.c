/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Turns the words and numbers of tacet.conf into what the rooms take. */
#include "daemon/setup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

/* BUILD may be a folder of the source tree or a folder below one. */
static bool build_tree_data(char *buf, size_t n)
{
	char exe[512], probe[1024];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);

	if (len <= 0)
		return false;
	exe[len] = '\0';
	for (int up = 0; up < 3; up++) {
		char *slash = strrchr(exe, '/');

		if (!slash)
			return false;
		*slash = '\0';
		snprintf(probe, sizeof probe, "%s/blocklists/catalogue.tsv", exe);
		if (!access(probe, R_OK))
			return (size_t)snprintf(buf, n, "%s/blocklists", exe) < n;
	}
	return false;
}

const char *setup_data_dir(char *buf, size_t n)
{
	if (!build_tree_data(buf, n))
		snprintf(buf, n, "%s", TACET_DATADIR);
	return buf;
}

const char *setup_config_path(const char *path)
{
	static const char fallback[] = TACET_SYSCONFDIR "/tacet/tacet.conf";

	return path ? path : access(fallback, F_OK) ? NULL : fallback;
}

int setup_config(const char *path, struct config **out, struct error *e)
{
	char data_dir[512];

	setup_data_dir(data_dir, sizeof data_dir);
	return config_load(setup_config_path(path), data_dir, out, e);
}

static int load_lists(const struct config *c, struct lists **out, struct error *e)
{
	struct list_source *sources = calloc(c->list_count + 1, sizeof *sources);
	size_t n = 0;
	int rc;

	if (!sources)
		return error_set(e, -ENOMEM, "lists: out of memory");
	for (size_t i = 0; i < c->list_count; i++) {
		const struct config_list *l = &c->lists[i];
		enum list_format format = LIST_AUTO;

		if (!l->enabled)
			continue;
		if (l->url_count && access(l->file, F_OK)) {
			log_warning("list %s: not fetched yet: `tacet lists update` does; "
				    "going on without it",
				    l->name);
			continue;
		}
		list_format_parse(l->format, &format);
		sources[n++] = (struct list_source){
			.name = l->name,
			.path = l->file,
			.role = l->role,
			.format = format,
			.action = strcmp(l->action, "allow") ? RULE_BLOCK : RULE_ALLOW,
			.log_only = l->log_only,
		};
	}
	rc = lists_load(sources, n, out, e);
	free(sources);
	return rc;
}

/* "=name" is the name alone, else the name and everything below it. */
static int add_user_rules(struct index_builder *b, char *const *names, size_t count,
			  enum rule_action action, struct error *e)
{
	for (size_t i = 0; i < count; i++) {
		struct rule r = { .action = action, .match = RULE_SUFFIX, .line = (uint32_t)i + 1 };
		const char *text = names[i];

		if (*text == '=') {
			r.match = RULE_EXACT;
			text++;
		}
		if (!name_from_text(text, strlen(text), &r.name))
			return error_set(e, -EINVAL, "[rules] %s: %s: not a host name",
					 action == RULE_ALLOW ? "allow" : "block", names[i]);
		if (!index_builder_add(b, &r))
			return error_set(e, -ENOMEM, "[rules]: out of memory");
	}
	return 0;
}

static int load_user(const struct config *c, struct index **out, struct error *e)
{
	struct index_builder *b = index_builder_new();
	int rc = -ENOMEM;

	if (!b)
		return error_set(e, -ENOMEM, "[rules]: out of memory");
	rc = add_user_rules(b, c->allow, c->allow_count, RULE_ALLOW, e);
	if (!rc)
		rc = add_user_rules(b, c->block, c->block_count, RULE_BLOCK, e);
	if (!rc) {
		rc = index_builder_finish(b, out);
		if (rc)
			error_set(e, rc, "[rules]: %s", strerror(-rc));
	}
	index_builder_free(b);
	return rc;
}

/* The names of encrypted resolvers, to show them for what they are; NULL where data_dir has none.
 */
static int load_bypass(const struct config *c, struct index **out, struct error *e)
{
	char path[1024];
	struct list_source source = { .name = "encrypted-dns", .path = path };
	struct index_builder *b;
	int rc;

	snprintf(path, sizeof path, "%s/encrypted-dns.txt", c->data_dir);
	if (access(path, F_OK))
		return 0;
	b = index_builder_new();
	if (!b)
		return error_set(e, -ENOMEM, "lists: out of memory");
	rc = list_read(&source, 0, b, NULL, NULL, NULL, e);
	if (!rc) {
		rc = index_builder_finish(b, out);
		if (rc)
			error_set(e, rc, "lists: %s", strerror(-rc));
	}
	index_builder_free(b);
	return rc;
}

static enum policy_action action_of_word(const char *word)
{
	return !strcmp(word, "allow")	? POLICY_ALLOW
	       : !strcmp(word, "log")	? POLICY_LOG
	       : !strcmp(word, "block") ? POLICY_BLOCK
					: POLICY_OPEN;
}

/* The words were checked when they were read. */
static enum verdict_how how_of_word(const char *word)
{
	enum verdict_how how = HOW_NONE;

	if (*word)
		verdict_how_parse(word, &how);
	return how;
}

static bool add_section(struct policy *p, enum policy_kind kind, const char *name,
			const char *group, const struct config_policy *c)
{
	struct policy_section s = {
		.kind = kind,
		.name = name,
		.group = group,
		.only = c->only,
		.when = c->when,
		.action = action_of_word(c->action),
		.dns = how_of_word(c->dns),
		.tcp = how_of_word(c->tcp),
		.udp = how_of_word(c->udp),
		.answer_ttl_s = c->answer_ttl_s,
	};

	return policy_add_section(p, &s);
}

bool setup_knows_app(const struct catalogue *c, const char *app)
{
	for (size_t i = 0; i < catalogue_rows(c); i++) {
		const struct catalogue_row *row = catalogue_row(c, i);

		if (row->app && !strcmp(row->app, app))
			return true;
	}
	return false;
}

static enum policy_kind kind_of_section(const char *kind)
{
	return !strcmp(kind, "group")  ? POLICY_GROUP
	       : !strcmp(kind, "app")  ? POLICY_APP
	       : !strcmp(kind, "name") ? POLICY_NAME
				       : POLICY_ROLE;
}

static int add_sections(const struct config *c, struct policy *p, struct error *e)
{
	bool ok = true;

	for (size_t i = 0; i < c->section_count; i++) {
		const struct config_section *s = &c->sections[i];

		if (!strcmp(s->kind, "app") && !setup_knows_app(policy_catalogue(p), s->name))
			return error_set(e, -EINVAL,
					 "line %u: [app %s]: the catalogue has no such app",
					 s->line, s->name);
		ok = ok && add_section(p, kind_of_section(s->kind), s->name, NULL, &s->policy);
	}
	for (size_t i = 0; i < c->device_count; i++)
		ok = ok && add_section(p, POLICY_DEVICE, c->devices[i].name, c->devices[i].group,
				       &c->devices[i].policy);
	for (size_t i = 0; i < c->list_count; i++)
		ok = ok && add_section(p, POLICY_LIST, c->lists[i].name, NULL, &c->lists[i].policy);
	return ok ? 0 : error_set(e, -ENOMEM, "policy: out of memory");
}

/* How blocks of some names fail so that their app survives: sections [name DOMAIN] of a
 * configuration that comes with the catalogue. */
static int add_presets(const struct config *c, struct policy *p, struct error *e)
{
	struct config *presets = NULL;
	char path[1024];
	bool ok = true;
	int rc;

	snprintf(path, sizeof path, "%s/failures.conf", c->data_dir);
	rc = config_load(path, c->data_dir, &presets, e);
	if (rc)
		return rc == -ENOENT ? 0 : rc;
	for (size_t i = 0; i < presets->section_count; i++)
		ok = ok && add_section(p, POLICY_PRESET, presets->sections[i].name, NULL,
				       &presets->sections[i].policy);
	config_free(presets);
	return ok ? 0 : error_set(e, -ENOMEM, "policy: out of memory");
}

int setup_policy(const struct config *c, struct lists *lists, struct catalogue *catalogue,
		 struct policy **out, struct error *e)
{
	struct policy_options o = { .enforce = !strcmp(c->mode, "enforce"),
				    .answer_ttl_s = c->answer_ttl_s,
				    .withhold_ech = !c->ech,
				    .prevent_bypass = c->bypass };
	struct index *user = NULL, *bypass = NULL;
	char path[1024];
	int rc = 0;

	if (!verdict_how_parse(c->dns, &o.dns) || !verdict_how_parse(c->tcp, &o.tcp) ||
	    !verdict_how_parse(c->udp, &o.udp)) {
		lists_free(lists);
		catalogue_free(catalogue);
		return error_set(e, -EINVAL, "[block]: a word that is no way to refuse");
	}
	snprintf(path, sizeof path, "%s/catalogue.tsv", c->data_dir);
	if (!catalogue)
		rc = catalogue_load(path, &catalogue, e);
	if (!rc && !lists)
		rc = load_lists(c, &lists, e);
	if (!rc)
		rc = load_user(c, &user, e);
	if (!rc)
		rc = load_bypass(c, &bypass, e);
	if (!rc) {
		*out = policy_new(&o, lists, catalogue, user);
		if (*out) {
			policy_set_bypass(*out, bypass);
			rc = add_sections(c, *out, e);
			if (!rc)
				rc = add_presets(c, *out, e);
			if (rc) {
				policy_free(*out);
				*out = NULL;
			}
			return rc;
		}
		rc = error_set(e, -ENOMEM, "policy: out of memory");
	}
	index_free(bypass);
	index_free(user);
	lists_free(lists);
	catalogue_free(catalogue);
	return rc;
}

struct device_config *setup_devices(const struct config *c)
{
	struct device_config *devices = calloc(c->device_count + 1, sizeof *devices);

	for (size_t i = 0; devices && i < c->device_count; i++) {
		snprintf(devices[i].name, sizeof devices[i].name, "%s", c->devices[i].name);
		devices[i].mac = c->devices[i].mac;
		devices[i].prefix = c->devices[i].address;
	}
	return devices;
}

int setup_engine(const struct config *c, bool live, const struct record_sink *sink,
		 struct engine **out, struct error *e)
{
	struct engine_options o = {
		.max_flows = c->max_flows,
		.max_names = c->max_names,
		.max_questions = c->max_questions,
		.max_refused = c->max_refused,
		.max_hellos = c->max_hellos,
		.max_devices = c->max_devices,
		.max_addresses = 4 * c->max_devices,
		.max_sessions = c->max_sessions,
		.tcp_idle_ms = c->tcp_idle_s * 1000,
		.udp_idle_ms = c->udp_idle_s * 1000,
		.question_ms = 10000,
		.name_floor_s = 300,
		.open_records = live,
	};
	struct device_config *devices = setup_devices(c);

	if (!devices)
		return error_set(e, -ENOMEM, "devices: out of memory");
	o.devices = devices;
	o.device_count = c->device_count;
	*out = engine_new(&o, sink);
	free(devices);
	return *out ? 0
		    : error_set(e, -ENOMEM,
				"engine: out of memory; lower [limits] flows and names");
}

int setup_rules(const struct config *c, struct rules_options *out, struct error *e)
{
	*out = (struct rules_options){
		.backend = !strcmp(c->backend, "nft")	    ? RULES_NFT
			   : !strcmp(c->backend, "xtables") ? RULES_XTABLES
							    : RULES_AUTO,
		.queue = (uint16_t)c->queue_number,
		.mark_mask = c->mark_mask,
		.forward = c->forward,
		.local = c->local,
		.between_lan = c->between_lan,
		.lan_count = c->lan_count,
	};
	if (!c->forward && !c->local)
		return error_set(e, -EINVAL,
				 "[network]: forward and local are both 'no': "
				 "there is nothing to watch");
	memcpy(out->lan, c->lan, sizeof out->lan);
	return 0;
}
