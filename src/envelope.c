/* SPDX-License-Identifier: MIT */
/* Bytes of an answer in, an envelope out: JSON, integers, completion. */
#include "system.h"
#include "envelope.h"

#include "json.h"
#include "redact.h"
#include "secret.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
  LINE_MAX_BYTES = 1024, TEXT_MAX_BYTES = 200,
  RESULT_MAX_BYTES = 8192       /* of a line: botapi.show makes shorter ones */
};

/* --- from JSON to Lua ---------------------------------------------------- */

/* lua-cjson gives 401.0: an integer where Lua has them */
static void push_exact (lua_State *L, lua_Number n) {
#if BA_INTEGERS
  /* from 2^53 on two integers have the same double: nobody knows which */
  if (n > -9007199254740992.0 && n < 9007199254740992.0
      && n == (lua_Number)(lua_Integer)n) {
    lua_pushinteger(L, (lua_Integer)n);
    return;
  }
#endif
  lua_pushnumber(L, n);
}

static bool mentions (lua_State *L, int i, const struct ba_answer *a) {
  size_t len;
  const char *s = lua_tolstring(L, i, &len);
  return a->token && ba_mentions(s, len, a->token, a->token_len);
}

/* A table in an answer shows itself, unless it is somebody's own. */
static void mark_result (lua_State *L) {
  if (lua_getmetatable(L, -1)) lua_pop(L, 1);
  else luaL_setmetatable(L, BA_RESULT);
}

/* Integers for the table on top, nothing for null, at every depth, where each
   table becomes a result. True if a string in it mentions the token. */
static bool normalise (lua_State *L, const struct ba_answer *a) {
  bool found = false;
  luaL_checkstack(L, 5, "answer");
  lua_pushnil(L);
  while (lua_next(L, -2)) {             /* stack: table key value */
    int type = lua_type(L, -1);
    if (lua_type(L, -2) == LUA_TSTRING && mentions(L, -2, a)) found = true;
    if (type == LUA_TTABLE) {
      found = normalise(L, a) || found;
      mark_result(L);
    }
    else if (type == LUA_TSTRING) found = mentions(L, -1, a) || found;
    else if (type == LUA_TNUMBER || type == LUA_TLIGHTUSERDATA) {
      lua_pushvalue(L, -2);
      if (type == LUA_TNUMBER) push_exact(L, lua_tonumber(L, -2));
      else lua_pushnil(L);
      lua_rawset(L, -5);
    }
    lua_pop(L, 1);
  }
  return found;
}

static bool has (lua_State *L, const char *name) {
  bool there;
  lua_getfield(L, -1, name);
  there = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return there;
}

/* parameters.retry_after of a 429 from its header */
static void complete_wait (lua_State *L, const struct ba_outcome *o) {
  if (o->http_status != 429 || o->retry_after < 0) return;
  lua_getfield(L, -1, "parameters");
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "parameters");
  }
  if (lua_istable(L, -1) && !has(L, "retry_after")) {
    lua_pushinteger(L, (lua_Integer)o->retry_after);
    lua_setfield(L, -2, "retry_after");
  }
  lua_pop(L, 1);
}

/* What the schema requires of a refusal and the server left out. True if
   the phrase that stands in mentions the token. */
static bool complete (lua_State *L, const struct ba_answer *a) {
  const struct ba_outcome *o = a->outcome;
  bool found = false;
  if (!has(L, "error_code") && o->http_status >= 400) {
    lua_pushinteger(L, (lua_Integer)o->http_status);
    lua_setfield(L, -2, "error_code");
  }
  if (!has(L, "description")) {
    /* "OK" would be no reason for a refusal */
    if (o->reason[0] && o->http_status >= 400) lua_pushstring(L, o->reason);
    else lua_pushfstring(L, "HTTP %d", (int)o->http_status);
    found = mentions(L, -1, a);
    lua_setfield(L, -2, "description");
  }
  complete_wait(L, o);
  return found;
}

/* For the table on top and those in it. stack: mentions token … table */
static void remember_for (lua_State *L, int mentioned) {
  luaL_checkstack(L, 5, "answer");
  lua_pushvalue(L, -1);
  lua_pushvalue(L, mentioned + 1);
  lua_rawset(L, mentioned);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_istable(L, -1)) remember_for(L, mentioned);
    lua_pop(L, 1);
  }
}

/* Remembers the token for as long as the envelope on top lives, or a part of
   it, out of sight: whoever shows these needs it. */
static void remember_token (lua_State *L, const struct ba_answer *a) {
  int top = lua_gettop(L);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.mentions");
  ba_secret_push(L, a->token, a->token_len);
  lua_pushvalue(L, top);
  remember_for(L, top + 1);
  lua_settop(L, top);
}

/* Is the result of the envelope on top a list of updates, which are given
   away as they came? */
static bool has_updates (lua_State *L) {
  int top = lua_gettop(L);
  bool there;
  lua_getfield(L, -1, "result");
  if (lua_istable(L, -1)) {
    lua_rawgeti(L, -1, 1);
    if (lua_istable(L, -1)) lua_getfield(L, -1, "update_id");
  }
  there = lua_gettop(L) == top + 3 && !lua_isnil(L, -1);
  lua_settop(L, top);
  return there;
}

/* Keeps its text for as long as the envelope on top lives. */
static void remember_body (lua_State *L, const struct ba_answer *a) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.bodies");
  lua_pushvalue(L, -2);
  lua_pushlstring(L, a->body, a->len);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* Pushes the decoded body, or nothing. */
static const char *decode (lua_State *L, const struct ba_answer *a) {
  if (a->len == 0) return "an empty answer";
  lua_pushlstring(L, a->body, a->len);
  ba_json_decode(L);
  if (lua_istable(L, -1)) return NULL;
  lua_pop(L, 1);
  return "no JSON object in the answer";
}

const char *ba_envelope_push (lua_State *L, const struct ba_answer *a) {
  const char *wrong;
  bool refused, found;
  if (a->outcome->http_status == 304)
    return "an answer from a cache (HTTP 304)";
  if (a->outcome->http_status / 100 == 3)
    return "a redirect, which would carry the token elsewhere";
  wrong = decode(L, a);
  if (wrong) return wrong;
  lua_getfield(L, -1, "ok");            /* stack: table ok */
  if (!lua_isboolean(L, -1)) {
    lua_pop(L, 2);
    return "no boolean \"ok\" in the answer";
  }
  refused = !lua_toboolean(L, -1);
  lua_pop(L, 1);
  found = normalise(L, a);
  if (refused) found = complete(L, a) || found;
  if (found) remember_token(L, a);
  if (!refused && has_updates(L)) remember_body(L, a);
  luaL_setmetatable(L, BA_ENVELOPE);
  return NULL;
}

void ba_envelope_push_true (lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "ok");
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "result");
  luaL_setmetatable(L, BA_ENVELOPE);
}

int ba_envelope_mark (lua_State *L) {
  struct ba_answer a;
  memset(&a, 0, sizeof a);
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  if (!lua_isnil(L, 2)) a.token = ba_secret_check(L, 2, &a.token_len);
  lua_pushvalue(L, 1);
  if (normalise(L, &a)) remember_token(L, &a);
  luaL_setmetatable(L, BA_ENVELOPE);
  return 1;
}

int ba_envelope_texts (lua_State *L) {
  size_t len;
  const char *s;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.bodies");
  lua_pushvalue(L, 1);
  lua_rawget(L, -2);
  s = lua_tolstring(L, -1, &len);
  if (!s) return 1;
  return ba_json_items(L, s, len, "result");
}

/* --- from Lua to text ---------------------------------------------------- */

/* Replaces the string on top by its clean form; `about` is the stack index
   of an envelope whose token is to go, or of anything else. */
static void clean_top (lua_State *L, int about, size_t most) {
  size_t len, token_len = 0;
  const char *s = lua_tolstring(L, -1, &len);
  const char *token = NULL;
  char *copy = lua_newuserdata(L, len + 1);
  memcpy(copy, s, len + 1);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.mentions");
  lua_pushvalue(L, about);
  if (!lua_isnil(L, -1)) lua_rawget(L, -2);
  if (lua_isuserdata(L, -1)) token = ba_secret_check(L, -1, &token_len);
  ba_clean(copy, token, token_len, most);
  lua_pop(L, 2);
  lua_pushstring(L, copy);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

int ba_envelope_clean (lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  clean_top(L, 2, TEXT_MAX_BYTES);
  return 1;
}

/* redact(text) -> text; upvalue: the token */
static int redact (lua_State *L) {
  lua_settop(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  return ba_secret_redact(L);
}

/* Pushes what botapi.show is, loaded when it is first needed. */
static void push_show (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.require");
  lua_pushliteral(L, "botapi.show");
  lua_call(L, 1, 1);
}

/* Pushes what takes the token out that a table mentions; nil: it does none. */
static void push_redact (lua_State *L, int about) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.mentions");
  lua_pushvalue(L, about);
  lua_rawget(L, -2);                    /* stack: … mentions token */
  lua_remove(L, -2);
  if (lua_isuserdata(L, -1)) lua_pushcclosure(L, redact, 1);
}

/* Each string is redacted before it is escaped or cut: afterwards a part of
   a token may look like something else. */
static int show (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  push_show(L);
  lua_pushvalue(L, 1);
  push_redact(L, 1);
  lua_call(L, 2, 1);
  clean_top(L, 1, LINE_MAX_BYTES);
  return 1;
}

/* clean_line(line) -> line; upvalue: what it is about */
static int clean_line (lua_State *L) {
  lua_settop(L, 1);
  luaL_checkstring(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  clean_top(L, 2, RESULT_MAX_BYTES);
  return 1;
}

/* In lines where one would be long. Strings are cut there, so each loses any
   token before, not only one that is mentioned. */
static int show_result (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  push_show(L);
  lua_pushvalue(L, 1);
  push_redact(L, 1);
  if (lua_isnil(L, -1)) lua_pushcclosure(L, redact, 1);
  lua_pushvalue(L, 1);
  lua_pushcclosure(L, clean_line, 1);
  lua_call(L, 3, 1);
  return 1;
}

/* A table in the registry whose keys are weak. */
static void keep_weak (lua_State *L, const char *name) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, name);
}

void ba_envelope_open (lua_State *L) {
  static const luaL_Reg meta[] = {{"__tostring", show}, {NULL, NULL}};
  static const luaL_Reg of_results[] = {
    {"__tostring", show_result}, {NULL, NULL}};
  ba_new_class(L, BA_ENVELOPE, meta, NULL);
  ba_new_class(L, BA_RESULT, of_results, NULL);
  keep_weak(L, "botapi.mentions");
  keep_weak(L, "botapi.bodies");
}
