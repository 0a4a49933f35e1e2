/* SPDX-License-Identifier: MIT */
/* The ways to raise an error: the only place that calls Lua's own. */
#include "system.h"
#include "raise.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdbool.h>

void ba_push_signature (lua_State *L, const char *name, int first,
                        int level) {
  lua_pushstring(L, name);
  lua_pushinteger(L, first);
  lua_pushinteger(L, level);
}

static bool has_signature (lua_State *L) {
  return lua_type(L, lua_upvalueindex(BA_NAME)) == LUA_TSTRING
         && lua_type(L, lua_upvalueindex(BA_LEVEL)) == LUA_TNUMBER;
}

static int level (lua_State *L) {
  if (!has_signature(L)) return 1;
  return (int)lua_tointeger(L, lua_upvalueindex(BA_LEVEL));
}

void ba_raise (lua_State *L) {
  for (;;)                              /* once: a compiler can't know */
    lua_error(L);
}

/* The text on top, behind the user's line. */
BA_NORETURN static void raise_top (lua_State *L) {
  if (level(L) > 0) {
    luaL_where(L, level(L));
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  ba_raise(L);
}

void ba_raise_text (lua_State *L, const char *format, ...) {
  va_list args;
  va_start(args, format);
  lua_pushvfstring(L, format, args);
  va_end(args);
  raise_top(L);
}

void ba_raise_arg (lua_State *L, int arg, const char *why) {
  int first;
  if (!has_signature(L))
    for (;;)
      luaL_argerror(L, arg, why);
  if (level(L) == 0) ba_raise_text(L, "%s", why);
  first = (int)lua_tointeger(L, lua_upvalueindex(BA_FIRST));
  ba_raise_text(L, "bad argument #%d to '%s' (%s)", arg - first + 1,
                lua_tostring(L, lua_upvalueindex(BA_NAME)), why);
}

void ba_check_type (lua_State *L, int arg, int type) {
  if (lua_type(L, arg) == type) return;
  ba_raise_arg(L, arg, lua_pushfstring(L, "%s expected, got %s",
                                       lua_typename(L, type),
                                       luaL_typename(L, arg)));
}

const char *ba_not_plain (lua_State *L, int index) {
  if (!luaL_getmetafield(L, index, "__index")
      && !luaL_getmetafield(L, index, "__pairs")) return NULL;
  lua_pop(L, 1);
  return "a plain table expected: this one has __index or __pairs, so its "
         "content isn't known";
}
