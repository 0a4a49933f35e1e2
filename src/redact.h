/* SPDX-License-Identifier: MIT */
/* Texts that may hold a token: found, starred, cleaned. */
#ifndef BA_REDACT_H
#define BA_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/* What is starred: all is tokens, user and password in URLs, and credentials
   for a proxy; tokens are the given one and what looks like one of any bot; or
   the given one alone. */
enum ba_redacted { BA_REDACT_ALL, BA_REDACT_TOKENS, BA_REDACT_OWN };

/* `secrets` below is a token, and behind a NUL each what else must not show;
   of what begins with a colon no part does, as of a token's secret. */

/* Does the text hold the token, or a part of its secret, in any encoding? */
bool ba_mentions (const char *text, size_t size, const char *secrets,
                  size_t len);

/* Stars instead of the token (NULL: unknown), of each part of its secret that
   is long enough, percent-encoded or not, and of what else is asked for: in
   place, in a time that grows with the text. The new length. The text may
   hold NUL and ends with one. */
size_t ba_redact (char *text, size_t size, const char *secrets, size_t len,
                  enum ba_redacted what);

/* Finds the first character from `at` on that a terminal may obey or can't
   show, or byte that isn't UTF-8; tabs and line feeds aren't meant. `at` moves
   there; its length, 0: there is none. The text ends with NUL. */
size_t ba_hidden (const char *text, size_t size, size_t *at, unsigned *code);

/* Redacted, without what a terminal would obey, at most `most` bytes, whole
   characters: in place. */
void ba_clean (char *text, const char *secrets, size_t len, size_t most);

#endif
