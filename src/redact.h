/* SPDX-License-Identifier: MIT */
/* Texts that may hold a token: found, starred, cleaned. */
#ifndef BA_REDACT_H
#define BA_REDACT_H

#include <stdbool.h>
#include <stddef.h>

/* What is starred: all is tokens, and user and password in URLs; tokens are
   the given one and what looks like one of any bot; or the given one alone. */
enum ba_redacted { BA_REDACT_ALL, BA_REDACT_TOKENS, BA_REDACT_OWN };

/* Does the text hold the token, or a part of its secret, in any encoding? */
bool ba_mentions (const char *text, size_t size, const char *token,
                  size_t len);

/* Stars instead of the token (NULL: unknown), of each part of its secret that
   is long enough, percent-encoded or not, and of what else is asked for: in
   place, in a time that grows with the text. The new length. The text may
   hold NUL and ends with one. */
size_t ba_redact (char *text, size_t size, const char *token, size_t len,
                  enum ba_redacted what);

/* Redacted, without what a terminal would obey, at most `most` bytes, whole
   characters: in place. */
void ba_clean (char *text, const char *token, size_t len, size_t most);

#endif
