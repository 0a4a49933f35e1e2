/* SPDX-License-Identifier: MIT */
/* Texts that may hold a token: found, starred, cleaned. */
#ifndef BA_REDACT_H
#define BA_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/* Does the text hold the token, or a part of its secret, in any encoding? */
bool ba_mentions (const char *text, size_t size, const char *token,
                  size_t len);

/* Stars instead of the token, of each part of its secret, percent-encoded or
   not, and of any URL's user and password: in place. */
void ba_redact (char *text, const char *token, size_t len);

/* Redacted, without what a terminal would obey, at most `most` bytes, whole
   characters: in place. */
void ba_clean (char *text, const char *token, size_t len, size_t most);

#endif
