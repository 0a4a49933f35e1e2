/* SPDX-License-Identifier: MIT */
/* The ways to raise an error: the only place that calls Lua's own. */
#include "system.h"
#include "raise.h"

#include <lauxlib.h>
#include <stdarg.h>

void ba_raise (lua_State *L) {
  for (;;)                              /* once: a compiler can't know */
    lua_error(L);
}

void ba_raise_text (lua_State *L, const char *format, ...) {
  va_list args;
  luaL_where(L, 1);
  va_start(args, format);
  lua_pushvfstring(L, format, args);
  va_end(args);
  lua_concat(L, 2);
  ba_raise(L);
}

void ba_raise_arg (lua_State *L, int arg, const char *why) {
  for (;;)
    luaL_argerror(L, arg, why);
}
