/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages for people, on standard error: `tacet: what failed: object: reason`. Only
 * netfilter's and the floors from control up may log. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Default: LOG_LEVEL_INFO. With a prefix the sd-daemon(3) priority "<N>" goes in front, for
 * journald; set when JOURNAL_STREAM is in the environment. */
void log_init(enum log_level most);
void log_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
