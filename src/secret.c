/* SPDX-License-Identifier: MIT */
/* The userdata that holds a token where Lua can't read it. */
#include "system.h"
#include "secret.h"

#include "raise.h"
#include "redact.h"
#include "token.h"

#include <string.h>

struct secret {
  size_t len;
  char bytes[];                 /* with a NUL behind them */
};

void ba_secret_push (lua_State *L, const char *token, size_t len) {
  struct secret *s = lua_newuserdata(L, sizeof *s + len + 1);
  s->len = len;
  memcpy(s->bytes, token, len);
  s->bytes[len] = '\0';
  luaL_setmetatable(L, BA_SECRET);
}

/* Is it a table of this name: "botapi.bot", a bot; "botapi", the module? */
static bool is_a (lua_State *L, int arg, const char *name) {
  bool same = false;
  if (lua_istable(L, arg) && luaL_getmetafield(L, arg, "__name")) {
    same = lua_type(L, -1) == LUA_TSTRING
           && strcmp(lua_tostring(L, -1), name) == 0;
    lua_pop(L, 1);
  }
  return same;
}

/* The module itself: a colon was written in the place of a dot. */
BA_NORETURN static void refuse_module (lua_State *L, int arg,
                                       const char *name) {
  if (!name)
    ba_raise_arg(L, arg,
                 "token: string expected, got botapi: call it with a dot");
  ba_raise_arg(L, arg, lua_pushfstring(L,
    "token: string expected, got botapi: call it with a dot, botapi.%s()",
    name));
}

/* A bot has the functions that take a token as its methods, but for start. */
BA_NORETURN static void refuse (lua_State *L, int arg) {
  const char *name = ba_own_name(L);
  if (is_a(L, arg, "botapi")) refuse_module(L, arg, name);
  if (!is_a(L, arg, "botapi.bot"))
    ba_raise_arg(L, arg, lua_pushfstring(L, "token: string expected, got %s",
                                         luaL_typename(L, arg)));
  if (!name || strcmp(name, "start") == 0)
    ba_raise_arg(L, arg, "token: string expected, got a bot: give its token");
  ba_raise_arg(L, arg, lua_pushfstring(L,
    "token: string expected, got a bot: write bot:%s(), without the token",
    name));
}

const char *ba_secret_check (lua_State *L, int arg, size_t *len) {
  struct secret *s = luaL_testudata(L, arg, BA_SECRET);
  if (!s && lua_type(L, arg) == LUA_TSTRING)
    return lua_tolstring(L, arg, len);
  if (!s) refuse(L, arg);
  *len = s->len;
  return s->bytes;
}

int ba_secret_new (lua_State *L) {
  size_t len;
  const char *token = ba_secret_check(L, 1, &len);
  ba_secret_push(L, token, len);
  return 1;
}

int ba_secret_redact (lua_State *L) {
  static const char *const names[] = {"all", "tokens", "own", NULL};
  size_t len, token_len = 0;
  const char *text = luaL_checklstring(L, 1, &len);
  const char *token = lua_isnoneornil(L, 2) ? NULL
                      : ba_secret_check(L, 2, &token_len);
  int what = luaL_checkoption(L, 3, "all", names);
  char *copy = lua_newuserdata(L, len + 1);
  memcpy(copy, text, len + 1);
  len = ba_redact(copy, len, token, token_len, (enum ba_redacted)what);
  lua_pushlstring(L, copy, len);
  return 1;
}

static int wipe (lua_State *L) {
  struct secret *s = luaL_checkudata(L, 1, BA_SECRET);
  explicit_bzero(s->bytes, s->len);
  s->len = 0;
  return 0;
}

/* problem() -> what is wrong with the token; nothing when it is well formed */
static int problem (lua_State *L) {
  const struct secret *s = luaL_checkudata(L, 1, BA_SECRET);
  const char *wrong = ba_token_check(s->bytes, s->len);
  if (!wrong) return 0;
  lua_pushstring(L, wrong);
  return 1;
}

/* id() -> the digits before the colon, which are no secret; nothing when the
   token is malformed */
static int id (lua_State *L) {
  const struct secret *s = luaL_checkudata(L, 1, BA_SECRET);
  if (ba_token_check(s->bytes, s->len)) return 0;
  lua_pushlstring(L, s->bytes, strspn(s->bytes, "0123456789"));
  return 1;
}

static int show (lua_State *L) {
  lua_settop(L, 1);
  if (id(L)) lua_pushfstring(L, "botapi.token: bot %s", lua_tostring(L, -1));
  else lua_pushliteral(L, "botapi.token");
  return 1;
}

void ba_secret_open (lua_State *L) {
  static const luaL_Reg meta[] = {
    {"__gc", wipe}, {"__tostring", show}, {NULL, NULL}};
  static const luaL_Reg methods[] = {
    {"id", id}, {"problem", problem}, {NULL, NULL}};
  ba_new_class(L, BA_SECRET, meta, methods);
}
