/* SPDX-License-Identifier: MIT */
/* The userdata that holds a token where Lua can't read it. */
#ifndef BA_SECRET_H
#define BA_SECRET_H

#include "compat.h"

#define BA_SECRET "botapi.token"

void ba_secret_open (lua_State *L);
void ba_secret_push (lua_State *L, const char *token, size_t len);
/* The token at a stack index: a string or such a userdata; raises else. */
const char *ba_secret_check (lua_State *L, int arg, size_t *len);
/* token(string) -> botapi.token */
int ba_secret_new (lua_State *L);
/* redact(text [, token [, what]]) -> text: see ba_redact; `what` is "all",
   "tokens" or "own" */
int ba_secret_redact (lua_State *L);

#endif
