/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Devices, sessions, trackers in them and suspected hosts as JSON lines: tacet-records(7). */
#include "report/record_parts.h"

static const char *name_from(const struct device_record *r)
{
	if (r->is_configured)
		return "configuration";
	switch (r->hostname_from) {
	case DEVICE_NAME_DHCP:
		return "dhcp";
	case DEVICE_NAME_LEASE:
		return "lease";
	case DEVICE_NAME_NONE:
		break;
	}
	return NULL;
}

void report_device_json(struct text *t, const struct device_record *r)
{
	char buf[ADDR_TEXT_MAX];

	json_object_begin(t, NULL);
	json_str(t, "type", "device");
	record_put_device(t, r->device, r->hostname, &r->mac);
	json_str(t, "name_from", name_from(r));
	json_str(t, "vendor", r->vendor);
	json_array_begin(t, "addresses");
	for (size_t i = 0; i < r->addr_count; i++)
		json_str(t, NULL, addr_format(&r->addrs[i], buf));
	json_array_end(t);
	json_array_begin(t, "apps");
	for (size_t i = 0; i < r->app_count; i++)
		json_str(t, NULL, r->apps[i]);
	json_array_end(t);
	json_time(t, "first", r->first_ns);
	json_time(t, "last", r->last_ns);
	json_object_end(t);
}

void report_session_json(struct text *t, const struct session_record *r, uint64_t seq)
{
	const struct app_session *s = r->session;

	json_object_begin(t, NULL);
	if (seq)
		json_u64(t, "seq", seq);
	json_str(t, "type", "session");
	if (s->is_open)
		json_str(t, "state", "open");
	record_put_addr(t, "src", &r->addr);
	record_put_device(t, r->device, r->hostname, &r->mac);
	json_str(t, "app", s->app);
	json_u64(t, "number", s->number);
	json_time(t, "first", s->first_ns);
	json_time(t, "last", s->last_ns);
	json_u64(t, "contacts", s->contacts);
	json_u64(t, "trackers", s->trackers);
	json_object_end(t);
}

void report_companion_json(struct text *t, const struct companion_record *r)
{
	const struct companion *c = r->companion;

	json_object_begin(t, NULL);
	json_str(t, "type", "companion");
	json_str(t, "name", c->name.text);
	record_put_addr(t, "src", &r->addr);
	record_put_device(t, r->device, r->hostname, &r->mac);
	if (*c->app) {
		json_str(t, "app", c->app);
		json_u64(t, "sessions", c->sessions);
		json_u64(t, "of", c->of);
	}
	json_u64(t, "contacts", c->contacts);
	json_time(t, "first", c->first_ns);
	json_time(t, "last", c->last_ns);
	json_object_end(t);
}

void report_suspect_json(struct text *t, const struct suspect *s)
{
	json_object_begin(t, NULL);
	json_str(t, "type", "suspect");
	json_str(t, "name", s->name.text);
	json_array_begin(t, "why");
	if (s->is_periodic)
		json_str(t, NULL, "periodic");
	if (s->is_shared)
		json_str(t, NULL, "shared");
	json_array_end(t);
	json_u64(t, "bursts", s->bursts);
	if (s->period_ms) {
		json_u64(t, "period_ms", s->period_ms);
		json_u64(t, "regular_permille", s->regular_permille);
	}
	json_u64(t, "devices", s->devices);
	json_array_begin(t, "apps");
	for (int i = 0; i < SUSPECT_APPS && *s->app[i]; i++)
		json_str(t, NULL, s->app[i]);
	json_array_end(t);
	json_u64(t, "flows", s->flows);
	json_u64(t, "bytes_out", s->bytes_out);
	json_u64(t, "bytes_in", s->bytes_in);
	json_time(t, "first", s->first_ns);
	json_time(t, "last", s->last_ns);
	json_object_end(t);
}
