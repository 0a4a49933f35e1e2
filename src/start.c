/* SPDX-License-Identifier: MIT */
/* The methods of an engine that start a call: start, probe, web, timer. */
#include "system.h"
#include "start.h"

#include "call.h"
#include "engine_object.h"
#include "raise.h"
#include "web.h"

static int start (lua_State *L) {
  static const struct ba_arguments args = {NULL, false, 2, 4, 5};
  struct ba_call *call;
  lua_settop(L, 5);
  ba_engine_object_check(L, 1);
  call = ba_call_new(L, 1);
  ba_call_start(L, call, &args);
  return 1;
}

static int probe (lua_State *L) {
  struct ba_call *call;
  lua_settop(L, 3);
  ba_engine_object_check(L, 1);
  call = ba_call_new(L, 1);
  ba_call_start_probe(L, call, 2, 3);
  return 1;
}

/* web(url, form | nil, cookies, options): of a cookie session, for
   botapi.facebook alone */
static int web (lua_State *L) {
  struct ba_call *call;
  lua_settop(L, 5);
  ba_engine_object_check(L, 1);
  call = ba_call_new(L, 1);
  call->what = BA_WEB;
  ba_web_read(L, &call->transfer.request, 2);
  lua_pushvalue(L, 6);
  ba_call_anchor(L, call);
  ba_call_launch(L, call);
  return 1;
}

static int timer (lua_State *L) {
  struct ba_engine *e = ba_engine_object_check_open(L, 1);
  lua_Number seconds = luaL_checknumber(L, 2);
  struct ba_call *call;
  if (!(0 <= seconds && seconds <= 1e9))
    ba_raise_arg(L, 2, "seconds from 0 to 1e9 expected");
  lua_settop(L, 2);
  call = ba_call_new(L, 1);
  call->what = BA_TIMER;
  ba_call_anchor(L, call);
  ba_engine_timer(e, &call->transfer, (int64_t)(seconds * 1e6));
  return 1;
}

void ba_start_open (lua_State *L) {
  static const luaL_Reg methods[] = {
    {"start", start}, {"probe", probe}, {"web", web}, {"timer", timer},
    {NULL, NULL}};
  luaL_getmetatable(L, BA_ENGINE);
  lua_getfield(L, -1, "__index");
  luaL_setfuncs(L, methods, 0);
  lua_pop(L, 2);
}
