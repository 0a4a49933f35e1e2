/* SPDX-License-Identifier: MIT */
/* The ways to raise an error. Lua's headers don't tell compilers and linters
   that its own never return: nobody else calls those. */
#ifndef BA_RAISE_H
#define BA_RAISE_H

#include <lua.h>

#define BA_NORETURN __attribute__((noreturn))

/* The value on top of the stack. */
BA_NORETURN void ba_raise (lua_State *L);
/* A text, with the place that the function was called from. */
BA_NORETURN void ba_raise_text (lua_State *L, const char *format, ...);
/* What is wrong with an argument. */
BA_NORETURN void ba_raise_arg (lua_State *L, int arg, const char *why);

#endif
