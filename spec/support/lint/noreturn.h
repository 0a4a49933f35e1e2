/* SPDX-License-Identifier: MIT */
/* What Lua's headers don't tell the linters: these functions never return. */
struct lua_State;
__attribute__((noreturn)) int lua_error (struct lua_State *L);
__attribute__((noreturn)) int luaL_error (struct lua_State *L,
                                          const char *format, ...);
__attribute__((noreturn)) int luaL_argerror (struct lua_State *L, int arg,
                                             const char *message);
