/* SPDX-License-Identifier: MIT */
/* The ways to raise an error. Lua's headers don't tell compilers and linters
   that its own never return: nobody else calls those. */
#ifndef BA_RAISE_H
#define BA_RAISE_H

#include <lauxlib.h>
#include <lua.h>

#include <stdbool.h>

#define BA_NORETURN __attribute__((noreturn))

/* The first upvalues of a function that says itself how its errors look:
   its name, the stack index of what its user calls the first argument, and
   whether the reason alone is raised. */
enum { BA_NAME = 1, BA_FIRST = 2, BA_BARE = 3, BA_UPVALUES = 3 };

/* Pushes the three. */
void ba_push_signature (lua_State *L, const char *name, int first, bool bare);
/* Adds functions to the table on top, each with its name; `first` as above. */
void ba_add_functions (lua_State *L, const luaL_Reg *list, int first);
/* The same to the methods of a class. */
void ba_add_methods (lua_State *L, const char *class_name,
                     const luaL_Reg *list);
/* The name that the user wrote, where the function has a signature and its
   errors are placed; else NULL. */
const char *ba_own_name (lua_State *L);

/* The value on top of the stack. */
BA_NORETURN void ba_raise (lua_State *L);
/* A text, behind the line of whoever called this library. */
BA_NORETURN void ba_raise_text (lua_State *L, const char *format, ...);
/* What is wrong with an argument. */
BA_NORETURN void ba_raise_arg (lua_State *L, int arg, const char *why);
/* Raises unless the argument has the type. */
void ba_check_type (lua_State *L, int arg, int type);
/* Raises unless it is a number, or a string that says one. */
lua_Number ba_check_number (lua_State *L, int arg);
/* Raises unless the first argument is an object of the class: a method was
   called with a dot. */
void *ba_check_self (lua_State *L, int index, const char *class_name);
/* raise(text): raises it behind the user's line */
int ba_raise_placed (lua_State *L);
/* The reason to raise where lua_next wouldn't list all that the table at
   `index` seems to hold, else NULL. */
const char *ba_not_plain (lua_State *L, int index);

#endif
