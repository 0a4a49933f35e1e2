/* SPDX-License-Identifier: MIT */
/* The ways to raise an error. Lua's headers don't tell compilers and linters
   that its own never return: nobody else calls those. */
#ifndef BA_RAISE_H
#define BA_RAISE_H

#include <lua.h>

#define BA_NORETURN __attribute__((noreturn))

/* The first upvalues of a function that says itself how its errors look:
   its name, the stack index of what its user calls the first argument, and
   the level of the user's line. Level 0: the reason alone is raised. */
enum { BA_NAME = 1, BA_FIRST = 2, BA_LEVEL = 3, BA_UPVALUES = 3 };

/* Pushes the three. */
void ba_push_signature (lua_State *L, const char *name, int first, int level);

/* The value on top of the stack. */
BA_NORETURN void ba_raise (lua_State *L);
/* A text, with the place that the function was called from. */
BA_NORETURN void ba_raise_text (lua_State *L, const char *format, ...);
/* What is wrong with an argument. */
BA_NORETURN void ba_raise_arg (lua_State *L, int arg, const char *why);
/* Raises unless the argument has the type. */
void ba_check_type (lua_State *L, int arg, int type);
/* The reason to raise where lua_next wouldn't list all that the table at
   `index` seems to hold, else NULL. */
const char *ba_not_plain (lua_State *L, int index);

#endif
