/* SPDX-License-Identifier: MIT */
/* The differences between Lua 5.1, 5.2, 5.3, 5.4, 5.5 and LuaJIT. */
#ifndef BA_COMPAT_H
#define BA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#include <string.h>

/* LuaJIT calls itself 5.1, has some of 5.2's library, and one hook for all
   coroutines. */
#if !defined(BA_LUAJIT) && defined(__has_include)
#if __has_include(<luajit.h>)
#define BA_LUAJIT 1
#endif
#endif

#if LUA_VERSION_NUM < 502

#define LUA_OK 0
#define lua_rawlen lua_objlen
/* An environment stands in for the user value; both hold a table. */
#define lua_getuservalue(L, i) lua_getfenv(L, i)
#define lua_setuservalue(L, i) lua_setfenv(L, i)
#if !defined(luaL_newlib)               /* OpenResty's LuaJIT has it */
#define luaL_newlib(L, list) (lua_newtable(L), luaL_setfuncs(L, list, 0))
#endif

static inline int lua_absindex (lua_State *L, int i) {
  return i > 0 || i <= LUA_REGISTRYINDEX ? i : lua_gettop(L) + i + 1;
}

#if !defined(BA_LUAJIT)
static inline void luaL_setfuncs (lua_State *L, const luaL_Reg *list,
                                  int nup) {
  (void)nup;                                  /* none here has upvalues */
  for (; list->name; list++) {
    lua_pushcfunction(L, list->func);
    lua_setfield(L, -2, list->name);
  }
}

static inline void luaL_setmetatable (lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
}

static inline void *luaL_testudata (lua_State *L, int i, const char *name) {
  void *p = lua_touserdata(L, i);
  int same;
  if (!p || !lua_getmetatable(L, i)) return NULL;
  luaL_getmetatable(L, name);
  same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? p : NULL;
}
#endif

#endif

#if LUA_VERSION_NUM < 503

/* Numbers are doubles: an integer is one that has no fraction. */
#define BA_INTEGERS 0
#define lua_isinteger(L, i) ((void)(L), (void)(i), 0)

#else

#define BA_INTEGERS 1

#endif

/* The main thread of this state where Lua tells it, else one remembered. */
#if defined(BA_LUAJIT)
#define ba_keep_main(L) ((void)(L))
static inline lua_State *ba_main_thread (lua_State *L) {
  return L;
}
#elif LUA_VERSION_NUM >= 502
#define ba_keep_main(L) ((void)(L))
static inline lua_State *ba_main_thread (lua_State *L) {
  lua_State *M;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  M = lua_tothread(L, -1);
  lua_pop(L, 1);
  return M;
}
#else
static inline void ba_keep_main (lua_State *L) {
  lua_pushthread(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.main");
}
static inline lua_State *ba_main_thread (lua_State *L) {
  lua_State *M;
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.main");
  M = lua_tothread(L, -1);
  lua_pop(L, 1);
  return M ? M : L;
}
#endif

#endif
