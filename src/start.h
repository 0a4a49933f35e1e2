/* SPDX-License-Identifier: MIT */
/* The one way in: every function that starts a call. */
#ifndef BA_START_H
#define BA_START_H

#include "compat.h"

/* Adds to the module on top the functions that block, by name (logout, …,
   call, probe); three tables with the same names, `begin` (the engine comes
   first, the call comes back), `check` (raises as the function would) and
   `reason` (raises the reason alone); and the engine's methods. */
void ba_start_open (lua_State *L);
/* check_params(entry, params): raises what is wrong with the parameters of a
   method, where `entry` is one of botapi.methods */
int ba_start_check_params (lua_State *L);
/* secrets(token, options) -> what no text of such a call may show */
int ba_start_secrets (lua_State *L);
/* file_path(path) -> nil, or why no server can have a file by it */
int ba_start_file_path (lua_State *L);
/* base([options]) -> the server's URL up to /bot, whether it is near, and the
   URL in the spelling that all of this server have in common; raises what is
   wrong with the options */
int ba_start_base (lua_State *L);

#endif
