/* SPDX-License-Identifier: MIT */
/* Gives the states of spec/support/states.c the module that is linked in. */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

int luaopen_botapi_core (lua_State *L);
void __real_luaL_openlibs (lua_State *L);
void __wrap_luaL_openlibs (lua_State *L);

void __wrap_luaL_openlibs (lua_State *L) {
  __real_luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_botapi_core);
  lua_setfield(L, -2, "botapi.core");
  lua_pop(L, 1);
}
