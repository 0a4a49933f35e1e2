/* SPDX-License-Identifier: MIT */
/* The one way in: every function that starts a call. Each is a closure over
   its name and its method, in four forms: it blocks, it begins a call on an
   engine, or it checks what either would be given. */
#include "system.h"
#include "start.h"

#include "call.h"
#include "endpoint.h"
#include "engine_object.h"
#include "host_common.h"
#include "options.h"
#include "params.h"
#include "raise.h"
#include "secret.h"
#include "web.h"

#include <string.h>

/* Upvalues behind those of raise.h. METHOD: a string, nil where the argument
   behind the token names it, false for a probe. */
enum { METHOD = BA_UPVALUES + 1, HAS_PARAMS };

/* Where the function that runs finds its arguments, from `first` on. */
static struct ba_arguments arguments (lua_State *L, int first) {
  struct ba_arguments a = {NULL, false, 0, 0, 0, 0};
  int method = lua_upvalueindex(METHOD);
  int next = first + 1;
  if (lua_isboolean(L, method)) a.server = first;
  else a.token = first;
  a.method = lua_tostring(L, method);
  a.strict = a.method != NULL;
  if (lua_isnil(L, method)) next++;
  if (lua_toboolean(L, lua_upvalueindex(HAS_PARAMS))) a.params = next++;
  a.options = next;
  lua_settop(L, a.options);
  return a;
}

/* --- the forms ----------------------------------------------------------- */

/* name(…) -> the envelope, or nil and the error */
static int block (lua_State *L) {
  struct ba_arguments a = arguments(L, 1);
  struct ba_call *call;
  ba_engine_object_default(L);
  call = ba_call_take(L, a.options + 1);
  lua_replace(L, a.options + 1);
  ba_call_start(L, call, &a);
  return ba_call_finish(L, a.options + 1, call);
}

/* Of the engine that is the first of `top` arguments. */
static struct ba_call *new_call (lua_State *L, int top) {
  lua_settop(L, top);
  ba_engine_object_check(L, 1);
  return ba_call_new(L, 1);
}

/* name(engine, …) -> the call */
static int begin (lua_State *L) {
  struct ba_arguments a = arguments(L, 2);
  ba_call_start(L, new_call(L, a.options), &a);
  return 1;
}

/* A call that is never started: it owns what is made while it is read. */
static struct ba_call *scratch (lua_State *L) {
  lua_pushnil(L);
  return ba_call_new(L, lua_gettop(L));
}

/* name(…): raises as the function would */
static int check (lua_State *L) {
  struct ba_arguments a = arguments(L, 1);
  ba_call_read(L, scratch(L), &a);
  return 0;
}

/* --- of engines ---------------------------------------------------------- */

/* web(url, form | nil, cookies, options): of a cookie session, for
   botapi.facebook alone */
static int web (lua_State *L) {
  struct ba_call *call = new_call(L, 5);
  call->what = BA_WEB;
  ba_web_read(L, &call->transfer.request, 2);
  lua_pushvalue(L, 6);
  ba_call_anchor(L, call);
  ba_call_launch(L, call);
  return 1;
}

/* The number at `name` of the table at `index`, -1 where there is none. */
static int64_t whole_at (lua_State *L, int index, const char *name) {
  lua_Number n;
  lua_getfield(L, index, name);
  n = lua_isnil(L, -1) ? -1 : luaL_checknumber(L, -1);
  lua_pop(L, 1);
  return n >= 0 && n < 9e15 ? (int64_t)n : -1;
}

/* {file =, from =, size =, most =, progress =}: the file to write, behind what
   is in it; without one the call has chunks as news */
static void read_sink (lua_State *L, int index, struct ba_call *call) {
  struct ba_sink *sink = &call->transfer.sink;
  int code, fd = -1;
  luaL_checktype(L, index, LUA_TTABLE);
  lua_getfield(L, index, "file");
  if (!lua_isnil(L, -1)) fd = ba_host_file_descriptor(L, lua_gettop(L));
  lua_getfield(L, index, "progress");
  call->transfer.progress.wanted = lua_toboolean(L, -1) != 0;
  lua_pop(L, 2);
  sink->size = whole_at(L, index, "size");
  sink->most = whole_at(L, index, "most");
  lua_getfield(L, index, "idle");
  call->transfer.request.idle_ms = (int64_t)(lua_tonumber(L, -1) * 1000);
  lua_pop(L, 1);
  sink->from = fd < 0 ? 0 : whole_at(L, index, "from");
  if (sink->from < 0) sink->from = 0;
  code = ba_sink_open(sink, fd);
  if (code) ba_raise_text(L, "no descriptor is left for the file");
}

/* download(token, path, to, options): of a file, for botapi.download alone */
static int download (lua_State *L) {
  struct ba_arguments args = {NULL, false, 0, 2, 0, 5};
  struct ba_call *call = new_call(L, 5);
  const char *wrong;
  size_t len;
  const char *path = luaL_checklstring(L, 3, &len);
  wrong = ba_endpoint_wrong_path(path, len);
  if (wrong) ba_raise_arg(L, 3, wrong);
  read_sink(L, 4, call);
  wrong = ba_call_read_file(L, call, &args, path);
  lua_settop(L, 6);
  ba_call_begin(L, call, wrong);
  return 1;
}

/* What a wait between two tries of a call goes on from: the method, and what
   was sent so far. Ctrl-C tells it. */
static void read_earlier (lua_State *L, int index, struct ba_call *call) {
  size_t len;
  const char *method;
  if (lua_isnil(L, index)) return;
  ba_check_type(L, index, LUA_TTABLE);
  lua_getfield(L, index, "method");
  method = lua_tolstring(L, -1, &len);
  if (method && len < BA_METHOD_MAX) memcpy(call->method, method, len + 1);
  lua_getfield(L, index, "sent");
  if (lua_isstring(L, -1) && strcmp(lua_tostring(L, -1), "no") != 0)
    call->earlier = BA_SENT_MAYBE;
  lua_pop(L, 2);
}

/* timer(seconds [, {method =, sent =}]) */
static int timer (lua_State *L) {
  const char *why;
  struct ba_engine *e = ba_engine_object_get(L, 1, &why);
  lua_Number seconds = ba_check_number(L, 2);
  struct ba_call *call;
  if (!(0 <= seconds && seconds <= 1e9))
    ba_raise_arg(L, 2, "seconds from 0 to 1e9 expected");
  lua_settop(L, 3);
  call = ba_call_new(L, 1);
  call->what = BA_TIMER;
  read_earlier(L, 3, call);
  ba_call_anchor(L, call);
  if (why) ba_engine_refuse(e, &call->transfer, BA_SYSTEM, why);
  else ba_engine_timer(e, &call->transfer, (int64_t)(seconds * 1e6));
  return 1;
}

/* --- for the Lua layer --------------------------------------------------- */

int ba_start_check_params (lua_State *L) {
  struct ba_params_of of = {NULL, 3, true, NULL, 0};
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  lua_getfield(L, 1, "params");
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_getfield(L, 1, "name");
  of.method = lua_tostring(L, 4);
  if (!ba_params_read(L, 2, &of, &scratch(L)->transfer.request))
    ba_raise(L);
  return 0;
}

static void push_url (lua_State *L, const struct ba_request *r) {
  if (r->url.failed) ba_raise_text(L, "not enough memory");
  lua_pushlstring(L, r->url.data, r->url.len);
}

int ba_start_base (lua_State *L) {
  struct ba_request *r;
  lua_settop(L, 1);
  r = &scratch(L)->transfer.request;
  ba_options_read(L, 1, r);
  push_url(L, r);
  lua_pushboolean(L, r->near);
  ba_endpoint_spell(r);
  push_url(L, r);
  return 3;
}

/* secrets(token, options) -> botapi.token: it and the login of the proxy, for
   what Lua says of such a call */
int ba_start_secrets (lua_State *L) {
  struct ba_transfer *t;
  const char *token;
  size_t len;
  lua_settop(L, 2);
  token = ba_secret_check(L, 1, &len);
  t = &scratch(L)->transfer;
  ba_options_read(L, 2, &t->request);
  if (!ba_transfer_secrets(t, token, len))
    ba_raise_text(L, "not enough memory");
  ba_secret_push(L, t->secrets.data, t->secrets.len);
  return 1;
}

/* file_path(path) -> nil: a server can have a file by it; or what is wrong */
int ba_start_file_path (lua_State *L) {
  size_t len;
  const char *path = luaL_checklstring(L, 1, &len);
  lua_pushstring(L, ba_endpoint_wrong_path(path, len));
  return 1;
}

/* --- open ---------------------------------------------------------------- */

struct function {
  const char *name;
  const char *method;           /* NULL: an argument; a probe has none */
  bool is_probe, has_params;
};

static void push_closure (lua_State *L, lua_CFunction form, int first,
                          bool bare, const struct function *f) {
  ba_push_signature(L, f->name, first, bare);
  if (f->is_probe) lua_pushboolean(L, 0);
  else lua_pushstring(L, f->method);    /* NULL: nil */
  lua_pushboolean(L, f->has_params);
  lua_pushcclosure(L, form, HAS_PARAMS);
}

/* The form that is on top becomes a field of a table of the module. */
static void set_form (lua_State *L, const char *table, const char *name) {
  lua_getfield(L, 1, table);
  lua_insert(L, -2);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}

static void add (lua_State *L, const struct function *f) {
  push_closure(L, block, 1, false, f);
  lua_setfield(L, 1, f->name);
  push_closure(L, begin, 2, false, f);
  set_form(L, "begin", f->name);
  push_closure(L, check, 1, false, f);
  set_form(L, "check", f->name);
  push_closure(L, check, 1, true, f);
  set_form(L, "reason", f->name);
}

/* The functions that botapi.methods names. stack: module */
static void add_named (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.methods");
  lua_pushnil(L);
  while (lua_next(L, 2)) {              /* stack: module methods key entry */
    struct function f = {NULL, NULL, false, false};
    lua_getfield(L, 4, "lua");
    lua_getfield(L, 4, "name");
    lua_getfield(L, 4, "params");
    f.name = lua_tostring(L, 5);
    f.method = lua_tostring(L, 6);
    if (f.name) {
      lua_pushnil(L);
      f.has_params = lua_next(L, 7) != 0;
      add(L, &f);
    }
    lua_settop(L, 3);
  }
  lua_settop(L, 1);
}

static void add_methods (lua_State *L, const struct function *call,
                         const struct function *probe) {
  static const luaL_Reg others[] = {
    {"web", web}, {"download", download}, {"timer", timer}, {NULL, NULL}};
  luaL_getmetatable(L, BA_ENGINE);
  lua_getfield(L, -1, "__index");
  push_closure(L, begin, 2, false, call);
  lua_setfield(L, -2, "start");
  push_closure(L, begin, 2, false, probe);
  lua_setfield(L, -2, "probe");
  ba_add_functions(L, others, 2);
  lua_pop(L, 2);
}

/* stack: module */
static int open (lua_State *L) {
  static const char *const tables[] = {"begin", "check", "reason"};
  static const struct function call = {"call", NULL, false, true};
  static const struct function probe = {"probe", NULL, true, false};
  static const struct function start = {"start", NULL, false, true};
  size_t i;
  for (i = 0; i < sizeof tables / sizeof *tables; i++) {
    lua_newtable(L);
    lua_setfield(L, 1, tables[i]);
  }
  add_named(L);
  add(L, &call);
  add(L, &probe);
  add_methods(L, &start, &probe);
  return 0;
}

void ba_start_open (lua_State *L) {
  lua_pushcfunction(L, open);
  lua_pushvalue(L, -2);
  lua_call(L, 1, 0);
}
