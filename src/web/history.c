/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The history over SQLite. */
#include "web/history.h"

#include <errno.h>

#if WITH_SQLITE
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_MS = 2000, WRITE_RECORDS = 500, PRUNE_MS = 60000, BUSY_MS = 1000 };
enum { APPLICATION = 0x7ace7001, VERSION = 1 }; /* of the file's head */

struct history {
	sqlite3 *db;
	sqlite3_stmt *insert;
	struct history_options o;
	bool open; /* a transaction is */
	unsigned waiting;
	int64_t write_ms, prune_ms;
	uint64_t lost;
};

/* What is deleted is overwritten: it was deleted so that nobody reads it. */
static const char setup[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			    "PRAGMA secure_delete = ON;"
			    "CREATE TABLE IF NOT EXISTS records ("
			    " number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
			    " level INTEGER NOT NULL, type INTEGER NOT NULL,"
			    " verdict INTEGER NOT NULL, device TEXT NOT NULL, app TEXT NOT NULL,"
			    " role TEXT NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL);"
			    "CREATE INDEX IF NOT EXISTS records_at ON records (at);"
			    "PRAGMA application_id = 2060349441; PRAGMA user_version = 1;";

/* The conditions of a filter; ?1 to ?7 are bound by bind_filter. */
#define PASSES                                                                                     \
	" FROM records WHERE number <= ?1 AND (?2 = 0 OR type = ?2) AND (?3 = 0 OR verdict = ?3)"  \
	" AND (?4 IS NULL OR device = ?4) AND (?5 IS NULL OR app = ?5)"                            \
	" AND (?6 IS NULL OR role = ?6) AND (?7 IS NULL OR name = ?7"                              \
	" OR substr(name, -length(?7) - 1) = '.' || ?7)"

/* SQLite makes its file, and those beside it, with the rights that it finds: so it is made first.
 */
static int make_private(const char *path, struct error *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	int rc = 0;

	if (fd < 0 || fstat(fd, &st))
		rc = error_set(e, -errno, "history: %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		rc = error_set(e, -EINVAL, "history: %s: not a file", path);
	else if (st.st_mode & 077)
		rc = error_set(e, -EPERM, "history: %s: others may read it; chmod 600 it", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int64_t number_of(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t n = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return n;
}

static int open_database(struct history *h, struct error *e)
{
	static const char insert[] =
		"INSERT INTO records (at, level, type, verdict, device, app, role, name, line)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
	const char *path = h->o.path;
	int64_t application;

	if (sqlite3_open_v2(path, &h->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
		return error_set(e, -EIO, "history: %s: %s", path, sqlite3_errmsg(h->db));
	sqlite3_busy_timeout(h->db, BUSY_MS);
	application = number_of(h->db, "PRAGMA application_id");
	if (application != APPLICATION &&
	    (application || number_of(h->db, "SELECT count(*) FROM sqlite_master")))
		return error_set(e, -EINVAL, "history: %s: not a history of tacet", path);
	if (number_of(h->db, "PRAGMA user_version") > VERSION)
		return error_set(e, -EINVAL, "history: %s: of a newer tacet", path);
	if (sqlite3_exec(h->db, setup, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_prepare_v2(h->db, insert, -1, &h->insert, NULL) != SQLITE_OK)
		return error_set(e, -EIO, "history: %s: %s", path, sqlite3_errmsg(h->db));
	return 0;
}

int history_open(const struct history_options *o, struct history **out, struct error *e)
{
	struct history *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return error_set(e, -ENOMEM, "history: out of memory");
	h->o = *o;
	rc = make_private(o->path, e);
	if (!rc)
		rc = open_database(h, e);
	if (rc)
		history_close(h);
	else
		*out = h;
	return rc;
}

static bool execute(struct history *h, const char *sql)
{
	return sqlite3_exec(h->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static void write_out(struct history *h)
{
	if (h->open && !execute(h, "COMMIT")) {
		execute(h, "ROLLBACK");
		h->lost += h->waiting;
	}
	h->open = false;
	h->waiting = 0;
}

void history_close(struct history *h)
{
	if (!h)
		return;
	if (h->db)
		write_out(h);
	sqlite3_finalize(h->insert);
	sqlite3_close(h->db);
	free(h);
}

void history_add(struct history *h, const struct log_entry *e, unsigned level)
{
	const char *texts[] = { e->device, e->app, e->role, e->name, e->line };

	if (!h->open)
		h->open = execute(h, "BEGIN IMMEDIATE");
	if (!h->open) {
		h->lost++;
		return;
	}
	sqlite3_reset(h->insert);
	sqlite3_bind_int64(h->insert, 1, e->at_ms);
	sqlite3_bind_int(h->insert, 2, (int)level);
	sqlite3_bind_int(h->insert, 3, (int)e->type);
	sqlite3_bind_int(h->insert, 4, (int)e->verdict);
	for (int i = 0; i < 5; i++)
		sqlite3_bind_text(h->insert, 5 + i, texts[i], -1, SQLITE_TRANSIENT);
	if (sqlite3_step(h->insert) == SQLITE_DONE)
		h->waiting++;
	else
		h->lost++;
	sqlite3_reset(h->insert);
}

/* The log beside the file has old pages too. */
static void delete_where(struct history *h, const char *condition, int64_t value)
{
	char sql[160];

	write_out(h);
	sqlite3_snprintf(sizeof(sql), sql, "DELETE FROM records WHERE %s %lld", condition,
			 (long long)value);
	execute(h, sql);
	if (sqlite3_changes(h->db))
		execute(h, "PRAGMA wal_checkpoint(TRUNCATE)");
}

void history_raise(struct history *h, unsigned level)
{
	delete_where(h, "level <", level);
}

static void prune(struct history *h, int64_t now_ms)
{
	int64_t newest = number_of(h->db, "SELECT max(number) FROM records");

	delete_where(h, "at <", now_ms - (int64_t)h->o.days * 86400000);
	if (newest > 0 && (uint64_t)newest > h->o.most)
		delete_where(h, "number <=", newest - (int64_t)h->o.most);
}

void history_run(struct history *h, int64_t now_ms)
{
	if (h->waiting >= WRITE_RECORDS || now_ms - h->write_ms >= WRITE_MS) {
		write_out(h);
		h->write_ms = now_ms;
	}
	if (now_ms - h->prune_ms >= PRUNE_MS) {
		prune(h, now_ms);
		h->prune_ms = now_ms;
	}
}

uint64_t history_lost(const struct history *h)
{
	return h->lost;
}

static void bind_filter(sqlite3_stmt *s, const struct log_filter *f, uint64_t upto)
{
	const char *texts[] = { f->device, f->app, f->role, f->name };

	sqlite3_bind_int64(s, 1, (int64_t)upto);
	sqlite3_bind_int(s, 2, (int)f->type);
	sqlite3_bind_int(s, 3, (int)f->verdict);
	for (int i = 0; i < 4; i++)
		if (texts[i])
			sqlite3_bind_text(s, 4 + i, texts[i], -1, SQLITE_TRANSIENT);
}

bool history_rows(struct history *h, const struct log_filter *f, uint64_t upto, uint64_t skip,
		  uint64_t limit, struct text *out)
{
	sqlite3_stmt *count = NULL, *rows = NULL;
	bool first = true, ok;

	if (!upto || upto > INT64_MAX)
		upto = (uint64_t)number_of(h->db, "SELECT ifnull(max(number), 0) FROM records");
	ok = sqlite3_prepare_v2(h->db, "SELECT count(*)" PASSES, -1, &count, NULL) == SQLITE_OK &&
	     sqlite3_prepare_v2(h->db,
				"SELECT line" PASSES " ORDER BY number DESC LIMIT ?8 OFFSET ?9", -1,
				&rows, NULL) == SQLITE_OK;
	if (ok) {
		bind_filter(count, f, upto);
		bind_filter(rows, f, upto);
		sqlite3_bind_int64(rows, 8, (int64_t)limit);
		sqlite3_bind_int64(rows, 9, (int64_t)skip);
		ok = sqlite3_step(count) == SQLITE_ROW;
	}
	if (ok) {
		json_object_begin(out, NULL);
		json_u64(out, "upto", upto);
		json_array_begin(out, "rows");
		while (sqlite3_step(rows) == SQLITE_ROW) {
			text_str(out, first ? "" : ",");
			text_put(out, (const char *)sqlite3_column_text(rows, 0),
				 (size_t)sqlite3_column_bytes(rows, 0));
			first = false;
		}
		json_array_end(out);
		json_u64(out, "total", (uint64_t)sqlite3_column_int64(count, 0));
		json_object_end(out);
	}
	sqlite3_finalize(count);
	sqlite3_finalize(rows);
	return ok;
}

#else

int history_open(const struct history_options *o, struct history **out, struct error *e)
{
	(void)out;
	return error_set(e, -ENOSYS, "history: %s: this tacet was built without SQLite", o->path);
}

void history_close(struct history *h)
{
	(void)h;
}

void history_add(struct history *h, const struct log_entry *entry, unsigned level)
{
	(void)h;
	(void)entry;
	(void)level;
}

void history_raise(struct history *h, unsigned level)
{
	(void)h;
	(void)level;
}

void history_run(struct history *h, int64_t now_ms)
{
	(void)h;
	(void)now_ms;
}

uint64_t history_lost(const struct history *h)
{
	(void)h;
	return 0;
}

bool history_rows(struct history *h, const struct log_filter *f, uint64_t upto, uint64_t skip,
		  uint64_t limit, struct text *out)
{
	(void)h;
	(void)f;
	(void)upto;
	(void)skip;
	(void)limit;
	(void)out;
	return false;
}

#endif
