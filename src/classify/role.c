/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Roles of names: their texts, and which of them a film needs. */
#include "classify/catalogue.h"

#include <string.h>

static const char *const names[ROLES] = {
	[ROLE_CONTENT] = "content",
	[ROLE_AUTH] = "auth",
	[ROLE_API] = "api",
	[ROLE_DRM] = "drm",
	[ROLE_ARTWORK] = "artwork",
	[ROLE_UPDATE] = "update",
	[ROLE_TIME] = "time",
	[ROLE_TELEMETRY] = "telemetry",
	[ROLE_ANALYTICS] = "analytics",
	[ROLE_ADS] = "ads",
	[ROLE_ACR] = "acr",
	[ROLE_CRASH] = "crash",
	[ROLE_EXPERIMENT] = "experiment",
	[ROLE_IDENTITY] = "identity",
	[ROLE_BYPASS] = "bypass",
};

const char *role_name(enum role r)
{
	return (unsigned)r < ROLES ? names[r] : NULL;
}

bool role_parse(const char *text, enum role *out)
{
	for (unsigned r = ROLE_NONE + 1; r < ROLES; r++) {
		if (strcmp(text, names[r]) == 0) {
			*out = (enum role)r;
			return true;
		}
	}
	return false;
}

/* One list of all roles for both questions: a new role has to answer them. */
enum kind { KIND_ESSENTIAL, KIND_PHONES, KIND_OTHER };

static enum kind kind_of(enum role r)
{
	switch (r) {
	case ROLE_CONTENT:
	case ROLE_AUTH:
	case ROLE_API:
	case ROLE_DRM:
	case ROLE_ARTWORK:
	case ROLE_UPDATE:
	case ROLE_TIME:
		return KIND_ESSENTIAL;
	case ROLE_TELEMETRY:
	case ROLE_ANALYTICS:
	case ROLE_ADS:
	case ROLE_ACR:
	case ROLE_CRASH:
	case ROLE_EXPERIMENT:
		return KIND_PHONES;
	case ROLE_NONE:
	case ROLE_IDENTITY:
	case ROLE_BYPASS:
	case ROLES:
		break;
	}
	return KIND_OTHER;
}

bool role_is_essential(enum role r)
{
	return kind_of(r) == KIND_ESSENTIAL;
}

bool role_phones(enum role r)
{
	return kind_of(r) == KIND_PHONES;
}
