/* SPDX-License-Identifier: MIT */
/* The userdata of an engine, and the default engine of a Lua state. */
#ifndef BA_ENGINE_OBJECT_H
#define BA_ENGINE_OBJECT_H

#include "call.h"
#include "compat.h"

#define BA_ENGINE "botapi.engine"

void ba_engine_object_open (lua_State *L);
/* engine([options]) -> botapi.engine */
int ba_engine_object_new (lua_State *L);
/* What a blocking function does, with `top` values on the stack and the
   engine that all of them use behind them. */
typedef int ba_blocking (lua_State *L, const struct ba_arguments *args,
                         int top);
/* Runs it. When the state closes nobody frees what is made: what a finalizer
   calls leaves nothing by itself, nor does what raises. */
int ba_engine_object_run (lua_State *L, ba_blocking *f,
                          const struct ba_arguments *args, int top);
/* The call, which was made for the object at a stack index, is being read. */
void ba_engine_object_read (lua_State *L, int index, struct ba_transfer *t);
/* The open engine in the object at a stack index; raises when it was
   closed, NULL (and why) when it can't be opened. */
struct ba_engine *ba_engine_object_get (lua_State *L, int index,
                                        const char **why);
/* live() -> {engines =, calls =}: what hasn't been closed or collected */
int ba_engine_object_live (lua_State *L);

#endif
