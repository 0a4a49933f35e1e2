/* SPDX-License-Identifier: MIT */
/* The differences between Lua 5.1, 5.2, 5.3, 5.4, 5.5 and LuaJIT. */
#ifndef BA_COMPAT_H
#define BA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#include <string.h>

#if LUA_VERSION_NUM < 502

/* LuaJIT calls itself 5.1, has some of 5.2's library, and one hook for all
   coroutines. The two share their directories, so what is built for one runs
   in the other: no function that only LuaJIT has, and no decision on the
   headers that were there. */
#define LUA_OK 0
#define lua_rawlen lua_objlen
/* An environment stands in for the user value; both hold a table. */
#define lua_getuservalue(L, i) lua_getfenv(L, i)
#define lua_setuservalue(L, i) lua_setfenv(L, i)
#undef luaL_newlib
#define luaL_newlib(L, list) (lua_newtable(L), luaL_setfuncs(L, list, 0))
#define luaL_setfuncs ba_setfuncs
#define luaL_setmetatable ba_setmetatable
#define luaL_testudata ba_testudata

static inline void ba_setfuncs (lua_State *L, const luaL_Reg *list,
                                int nup) {
  (void)nup;                                  /* none here has upvalues */
  for (; list->name; list++) {
    lua_pushcfunction(L, list->func);
    lua_setfield(L, -2, list->name);
  }
}

static inline void ba_setmetatable (lua_State *L, const char *name) {
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
}

static inline void *ba_testudata (lua_State *L, int i, const char *name) {
  void *p = lua_touserdata(L, i);
  int same;
  if (!p || !lua_getmetatable(L, i)) return NULL;
  luaL_getmetatable(L, name);
  same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? p : NULL;
}

#endif

/* May the running function yield? Lua 5.1 can't tell, LuaJIT can. */
#if LUA_VERSION_NUM < 502
extern int lua_isyieldable (lua_State *L) __attribute__((weak));
#define ba_can_yield(L) (!lua_isyieldable || lua_isyieldable(L))
#elif LUA_VERSION_NUM < 503
#define ba_can_yield(L) ((void)(L), 1)
#else
#define ba_can_yield(L) lua_isyieldable(L)
#endif

/* A call that can be yielded in, whose results are those of the function that
   makes it; before Lua 5.2 there is none. */
#if LUA_VERSION_NUM >= 503
static inline int ba_end_frame (lua_State *L, int status, lua_KContext k) {
  (void)status;
  (void)k;
  return lua_gettop(L);
}
#define BA_FRAMES 1
#define ba_call_in_frame(L, n) \
  (lua_callk(L, n, LUA_MULTRET, 0, ba_end_frame), lua_gettop(L))
#elif LUA_VERSION_NUM == 502
static inline int ba_end_frame (lua_State *L) {
  return lua_gettop(L);
}
#define BA_FRAMES 1
#define ba_call_in_frame(L, n) \
  (lua_callk(L, n, LUA_MULTRET, 0, ba_end_frame), lua_gettop(L))
#else
#define BA_FRAMES 0
#define ba_call_in_frame(L, n) (lua_call(L, n, LUA_MULTRET), lua_gettop(L))
#endif

/* While the state closes, Lua 5.1 would collect what it has finalized and
   others still use, once a finalizer doubles the memory. Stopped in 5.3, a
   collection that a finalizer asks for hangs. */
#if LUA_VERSION_NUM < 502
#define ba_stop_closing_collector(L) ((void)lua_gc(L, LUA_GCSTOP, 0))
#else
#define ba_stop_closing_collector(L) ((void)(L))
#endif

#if LUA_VERSION_NUM < 503
/* Numbers are doubles: an integer is one that has no fraction. */
#define BA_INTEGERS 0
#else
#define BA_INTEGERS 1
#endif

/* Makes a metatable with its __name, which old Luas leave out. Where it has
   methods, nobody gets at it. */
static inline void ba_new_class (lua_State *L, const char *name,
                                 const luaL_Reg *meta,
                                 const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  luaL_setfuncs(L, meta, 0);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  if (methods) {
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__metatable");
  }
  lua_pop(L, 1);
}

/* The main thread of this state where Lua tells it, else one remembered. In
   LuaJIT every thread has the one hook: it counts as the main one. */
#if LUA_VERSION_NUM >= 502
#define ba_keep_main(L) ((void)(L))
#define ba_prompt_shows_objects(L) ((void)(L), 1)
static inline lua_State *ba_main_thread (lua_State *L) {
  lua_State *M;
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
  M = lua_tothread(L, -1);
  lua_pop(L, 1);
  return M;
}
#else
static inline void ba_keep_main (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
  lua_getfield(L, -1, "jit");
  if (lua_isnil(L, -1)) {               /* not LuaJIT? */
    lua_pushthread(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "botapi.main");
  }
  lua_pop(L, 2);
}
static inline lua_State *ba_main_thread (lua_State *L) {
  lua_State *M;
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.main");
  M = lua_tothread(L, -1);
  lua_pop(L, 1);
  return M ? M : L;
}
static inline int ba_prompt_shows_objects (lua_State *L) {
  int is_luajit;
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.main");
  is_luajit = lua_isnil(L, -1);
  lua_pop(L, 1);
  return is_luajit;
}
#endif

#endif
