/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One address into one file: file: by itself, http: and https: by libcurl. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/update.h"

#if WITH_CURL
#include <curl/curl.h>
#endif

struct sink {
	struct fetch *f;
	int fd;
	uint64_t bytes;
	int rc; /* -EFBIG, or what write(2) said */
};

static bool sink_put(struct sink *s, const void *p, size_t n)
{
	const char *at = p;

	s->bytes += n;
	if (s->bytes > s->f->limits.max_bytes) {
		s->rc = -EFBIG;
		return false;
	}
	while (n) {
		ssize_t done = write(s->fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0) {
			s->rc = done ? -errno : -ENOSPC;
			return false;
		}
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static enum update_why sink_failed(const struct sink *s, struct error *e)
{
	if (s->rc == -EFBIG) {
		error_set(e, s->rc, "%s: more than %llu bytes: raise max_bytes in [lists]",
			  s->f->shown, (unsigned long long)s->f->limits.max_bytes);
		return UPDATE_SIZE;
	}
	error_set(e, s->rc, "%s: %s", s->f->path, strerror(-s->rc));
	return UPDATE_DISK;
}

/* "file:/a", "file:///a" and "file://localhost/a"; %XX as in RFC 3986, 2.1. */
static bool file_path(const char *url, char *out, size_t n)
{
	const char *at = url + 5;
	size_t len = 0;

	if (!strncmp(at, "//", 2)) {
		at += 2;
		if (!strncasecmp(at, "localhost/", 10))
			at += 9;
	}
	for (; *at && len + 1 < n; at++) {
		unsigned byte;

		if (*at == '%' && sscanf(at + 1, "%2x", &byte) == 1 && byte) {
			out[len++] = (char)byte;
			at += 2;
		} else {
			out[len++] = *at;
		}
	}
	out[len] = '\0';
	return *out == '/' && !*at;
}

static enum update_why fetch_file(struct fetch *f, struct sink *s, struct error *e)
{
	char path[UPDATE_URL_MAX], buf[16384];
	struct stat st;
	ssize_t n;
	int fd;

	if (!file_path(f->url, path, sizeof path)) {
		error_set(e, -EINVAL, "%s: no path of this machine", f->shown);
		return UPDATE_NETWORK;
	}
	/* Not to hang on a pipe that nobody writes to. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		error_set(e, -errno, "%s: %s", f->shown,
			  fd < 0 ? strerror(errno) : "no plain file");
		if (fd >= 0)
			close(fd);
		return UPDATE_NETWORK;
	}
	snprintf(f->new_modified, sizeof f->new_modified, "%lld.%09ld %lld",
		 (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec, (long long)st.st_size);
	f->same = *f->modified && !strcmp(f->modified, f->new_modified);
	n = f->same ? 0 : 1;
	while (n > 0) {
		n = read(fd, buf, sizeof buf);
		if (n < 0)
			error_set(e, -errno, "%s: %s", f->shown, strerror(errno));
		if (n > 0 && !sink_put(s, buf, (size_t)n))
			break;
	}
	close(fd);
	if (s->rc)
		return sink_failed(s, e);
	return n < 0 ? UPDATE_NETWORK : UPDATE_FINE;
}

#if WITH_CURL
static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	return sink_put(ctx, p, size * n) ? size * n : 0;
}

/* Headers of the last answer of a chain of redirects count: each begins with its status line. */
static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct fetch *f = ((struct sink *)ctx)->f;
	static const struct {
		const char *name;
		size_t at;
	} wanted[] = { { "etag:", offsetof(struct fetch, new_etag) },
		       { "last-modified:", offsetof(struct fetch, new_modified) } };
	size_t len = size * n;

	if (len >= 5 && !memcmp(p, "HTTP/", 5))
		f->new_etag[0] = f->new_modified[0] = '\0';
	for (size_t i = 0; i < 2; i++) {
		size_t k = strlen(wanted[i].name), end = len;

		if (len <= k || strncasecmp(p, wanted[i].name, k))
			continue;
		while (k < end && (p[k] == ' ' || p[k] == '\t'))
			k++;
		while (end > k && (unsigned char)p[end - 1] <= ' ')
			end--;
		if (end - k < UPDATE_TAG_MAX)
			snprintf((char *)f + wanted[i].at, UPDATE_TAG_MAX, "%.*s", (int)(end - k),
				 p + k);
	}
	return len;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up, curl_off_t sent)
{
	struct fetch *f = ((struct sink *)ctx)->f;

	(void)up;
	(void)sent;
	if (f->progress)
		f->progress(f->ctx, f->name, (uint64_t)now, (uint64_t)total);
	return 0;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
	char line[UPDATE_TAG_MAX + 32];
	struct curl_slist *more;

	if (!*value)
		return true;
	snprintf(line, sizeof line, "%s: %s", name, value);
	more = curl_slist_append(*list, line);
	if (more)
		*list = more;
	return more;
}

static void set_up(CURL *c, struct sink *s, struct curl_slist *headers, char *why)
{
	const struct update_limits *l = &s->f->limits;
	bool tls = !strncasecmp(s->f->url, "https:", 6);

	curl_easy_setopt(c, CURLOPT_URL, s->f->url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, why);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "tacet/" TACET_VERSION);
	curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_FAILONERROR, 1L);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
	/* A redirect may not take TLS away. */
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS,
			 tls ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
	/* As curl(1) does: routers keep their certificates in many places. */
	if (getenv("SSL_CERT_FILE"))
		curl_easy_setopt(c, CURLOPT_CAINFO, getenv("SSL_CERT_FILE"));
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)l->connect_s);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)l->total_s);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)l->stall_s);
	curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)l->max_bytes);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
}

static enum update_why judge(CURL *c, CURLcode rc, struct sink *s, const char *why, struct error *e)
{
	long status = 0;
	curl_off_t wait = 0;

	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(c, CURLINFO_RETRY_AFTER, &wait);
	s->f->retry_after_s = wait > 0 && wait < 86400 ? (uint32_t)wait : 0;
	if (s->rc)
		return sink_failed(s, e);
	if (rc == CURLE_FILESIZE_EXCEEDED) {
		s->rc = -EFBIG;
		return sink_failed(s, e);
	}
	if (rc) {
		error_set(e, -EIO, "%s: %s", s->f->shown, *why ? why : curl_easy_strerror(rc));
		return rc == CURLE_OPERATION_TIMEDOUT ? UPDATE_TIMEOUT : UPDATE_NETWORK;
	}
	s->f->same = status == 304;
	if (status == 200 || s->f->same)
		return UPDATE_FINE;
	error_set(e, -EPROTO, "%s: HTTP status %ld, not 200", s->f->shown, status);
	return UPDATE_NETWORK;
}

static enum update_why fetch_http(struct fetch *f, struct sink *s, struct error *e)
{
	char why[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	enum update_why result = UPDATE_DISK;
	CURL *c = curl_easy_init();

	if (c && add_header(&headers, "If-None-Match", f->etag) &&
	    add_header(&headers, "If-Modified-Since", f->modified)) {
		set_up(c, s, headers, why);
		result = judge(c, curl_easy_perform(c), s, why, e);
	} else {
		error_set(e, -ENOMEM, "%s: %s", f->shown, strerror(ENOMEM));
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(c);
	return result;
}
#else
static enum update_why fetch_http(struct fetch *f, struct sink *s, struct error *e)
{
	(void)s;
	error_set(e, -EOPNOTSUPP, "%s: this tacet was built without libcurl: file: addresses only",
		  f->shown);
	return UPDATE_NETWORK;
}
#endif

enum update_why fetch_url(struct fetch *f, struct error *e)
{
	struct sink s = { .f = f };
	enum update_why why;

	url_shown(f->url, f->shown);
	f->same = false;
	f->new_etag[0] = f->new_modified[0] = '\0';
	f->retry_after_s = 0;
	unlink(f->path);
	s.fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (s.fd < 0) {
		s.rc = -errno;
		return sink_failed(&s, e);
	}
	why = strncasecmp(f->url, "file:", 5) ? fetch_http(f, &s, e) : fetch_file(f, &s, e);
	/* Some file systems tell of a full disk only now. */
	if (!why && fsync(s.fd)) {
		s.rc = -errno;
		why = sink_failed(&s, e);
	}
	if (close(s.fd) && !why) {
		s.rc = -errno;
		why = sink_failed(&s, e);
	}
	return why;
}
