/* SPDX-License-Identifier: MIT */
/* The grammar of a token: number, colon, secret, and nothing else. */
#ifndef BA_TOKEN_H
#define BA_TOKEN_H

#include <stddef.h>

enum { BA_TOKEN_MAX = 256 };

/* NULL when the token is well formed, else what is wrong with it, which never
   repeats a part of it. */
const char *ba_token_check (const char *token, size_t len);

#endif
