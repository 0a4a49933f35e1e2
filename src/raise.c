/* SPDX-License-Identifier: MIT */
/* The ways to raise an error: the only place that calls Lua's own. */
#include "system.h"
#include "raise.h"

#include "compat.h"

#include <stdarg.h>
#include <string.h>

void ba_push_signature (lua_State *L, const char *name, int first,
                        bool bare) {
  lua_pushstring(L, name);
  lua_pushinteger(L, first);
  lua_pushboolean(L, bare);
}

void ba_add_functions (lua_State *L, const luaL_Reg *list, int first) {
  for (; list->name; list++) {
    ba_push_signature(L, list->name, first, false);
    lua_pushcclosure(L, list->func, BA_UPVALUES);
    lua_setfield(L, -2, list->name);
  }
}

/* misnamed(methods, name): a name that none of them has. From here on
   botapi.named says which one was meant; upvalue: the name of the class */
static int misnamed (lua_State *L) {
  lua_settop(L, 2);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.require");
  lua_pushliteral(L, "botapi.named");
  lua_call(L, 1, 1);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_call(L, 2, 0);
  lua_gettable(L, 1);
  return 1;
}

void ba_add_methods (lua_State *L, const char *class_name,
                     const luaL_Reg *list) {
  luaL_getmetatable(L, class_name);
  lua_getfield(L, -1, "__index");
  ba_add_functions(L, list, 2);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, class_name);
  lua_pushcclosure(L, misnamed, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_pop(L, 2);
}

static bool has_signature (lua_State *L) {
  return lua_type(L, lua_upvalueindex(BA_NAME)) == LUA_TSTRING
         && lua_type(L, lua_upvalueindex(BA_BARE)) == LUA_TBOOLEAN;
}

static bool is_bare (lua_State *L) {
  return has_signature(L) && lua_toboolean(L, lua_upvalueindex(BA_BARE));
}

const char *ba_own_name (lua_State *L) {
  if (!has_signature(L) || is_bare(L)) return NULL;
  return lua_tostring(L, lua_upvalueindex(BA_NAME));
}

/* Pushes the user's line, by botapi.place; before the module is open, the
   caller's. */
static void push_place (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.require");
  if (lua_isfunction(L, -1)) {
    lua_pushliteral(L, "botapi.place");
    lua_call(L, 1, 1);
  }
  if (lua_isfunction(L, -1)) {
    lua_call(L, 0, 1);
    return;
  }
  lua_pop(L, 1);
  luaL_where(L, 1);
}

void ba_raise (lua_State *L) {
  for (;;)                              /* once: a compiler can't know */
    lua_error(L);
}

/* The text on top, behind the user's line. */
BA_NORETURN static void raise_top (lua_State *L) {
  if (!is_bare(L)) {
    push_place(L);
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

int ba_raise_placed (lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  raise_top(L);
}

void ba_raise_arg (lua_State *L, int arg, const char *why) {
  int first;
  if (!has_signature(L))
    for (;;)
      luaL_argerror(L, arg, why);
  if (is_bare(L)) ba_raise_text(L, "%s", why);
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

lua_Number ba_check_number (lua_State *L, int arg) {
  if (!lua_isnumber(L, arg)) ba_check_type(L, arg, LUA_TNUMBER);
  return lua_tonumber(L, arg);
}

void *ba_check_self (lua_State *L, int index, const char *class_name) {
  void *self = luaL_testudata(L, index, class_name);
  const char *name = ba_own_name(L);
  if (self) return self;
  if (!name || index != 1) return luaL_checkudata(L, index, class_name);
  ba_raise_text(L, "bad argument to '%s' (%s expected, got %s: call it with a "
                   "colon, %s:%s())", name, class_name,
                luaL_typename(L, index), strrchr(class_name, '.') + 1, name);
}

const char *ba_not_plain (lua_State *L, int index) {
  if (!luaL_getmetafield(L, index, "__index")
      && !luaL_getmetafield(L, index, "__pairs")) return NULL;
  lua_pop(L, 1);
  return "a plain table expected: this one has __index or __pairs, so its "
         "content isn't known";
}
