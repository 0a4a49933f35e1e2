/* SPDX-License-Identifier: MIT */
/* The userdata of an engine, and the default engine of a Lua state. */
#ifndef BA_ENGINE_OBJECT_H
#define BA_ENGINE_OBJECT_H

#include "compat.h"
#include "engine.h"

#define BA_ENGINE "botapi.engine"

void ba_engine_object_open (lua_State *L);
/* engine([options]) -> botapi.engine */
int ba_engine_object_new (lua_State *L);
/* Pushes the engine that the blocking functions use. */
void ba_engine_object_default (lua_State *L);
/* After a blocking call: one of a finalizer while the state closes leaves
   nothing open. */
void ba_engine_object_after (lua_State *L);
/* Raises unless the value at a stack index is an engine that isn't closed. */
void ba_engine_object_check (lua_State *L, int index);
/* The open engine in the object at a stack index; raises when it was
   closed. `why`: what failed where it couldn't be opened, else NULL. */
struct ba_engine *ba_engine_object_get (lua_State *L, int index,
                                        const char **why);
/* The object at a stack index keeps the value on top, which is popped, until
   t is reported or let go. */
void ba_engine_object_keep (lua_State *L, int index,
                            struct ba_transfer *t);
void ba_engine_object_let_go (lua_State *L, int index,
                              struct ba_transfer *t);
/* live() -> {engines =, calls =}: what hasn't been closed or collected */
int ba_engine_object_live (lua_State *L);

#endif
