/* SPDX-License-Identifier: MIT */
/* The userdata of one call: start, wait, cancel, result. */
#include "system.h"
#include "call.h"

#include "endpoint.h"
#include "engine_object.h"
#include "envelope.h"
#include "failure.h"
#include "interrupt.h"
#include "options.h"
#include "params.h"
#include "poller.h"
#include "raise.h"
#include "secret.h"
#include "web.h"

#include <string.h>
#include <strings.h>

enum { SLICE_MS = 250 };

/* In a call's user value. */
enum { ENGINE = 1, RESULT = 2, FAILURE = 3 };

static struct ba_call *check (lua_State *L, int index) {
  return luaL_checkudata(L, index, BA_CALL);
}

struct ba_call *ba_call_new (lua_State *L, int engine) {
  struct ba_call *call = lua_newuserdata(L, sizeof *call);
  memset(call, 0, sizeof *call);
  luaL_setmetatable(L, BA_CALL);
  lua_createtable(L, 3, 0);
  lua_pushvalue(L, engine);
  lua_rawseti(L, -2, ENGINE);
  lua_setuservalue(L, -2);
  return call;
}

void ba_call_anchor (lua_State *L, struct ba_call *call) {
  lua_getuservalue(L, -1);
  lua_rawgeti(L, -1, ENGINE);
  lua_pushvalue(L, -3);                 /* stack: call values engine call */
  ba_engine_object_keep(L, -2, &call->transfer);
  lua_pop(L, 2);
}

/* --- start --------------------------------------------------------------- */

/* Pushes the engine object of the call at `index`, opened. */
static struct ba_engine *engine_of (lua_State *L, int index,
                                    const char **why) {
  lua_getuservalue(L, index);
  lua_rawgeti(L, -1, ENGINE);
  lua_remove(L, -2);
  return ba_engine_object_get(L, lua_gettop(L), why);
}

static void read_method (lua_State *L, struct ba_call *call,
                         const struct ba_arguments *args) {
  size_t len;
  size_t i;
  const char *name = args->method;
  if (name) len = strlen(name);
  else {
    ba_check_type(L, args->token + 1, LUA_TSTRING);
    name = lua_tolstring(L, args->token + 1, &len);
  }
  if (len == 0 || len >= BA_METHOD_MAX)
    ba_raise_arg(L, args->token + 1, "method: a name of letters expected");
  for (i = 0; i < len; i++)
    if (!((name[i] | 32) >= 'a' && (name[i] | 32) <= 'z'))
      ba_raise_arg(L, args->token + 1, "method: a name of letters expected");
  memcpy(call->method, name, len + 1);
}

/* Pushes what botapi.methods knows of the method: a table or nil. */
static void push_entry (lua_State *L, const char *method) {
  char key[BA_METHOD_MAX];
  size_t i;
  for (i = 0; method[i]; i++)
    key[i] = (char)(method[i] >= 'A' && method[i] <= 'Z' ? method[i] | 32
                                                         : method[i]);
  key[i] = '\0';
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.methods");
  lua_getfield(L, -1, key);
  lua_remove(L, -2);
}

/* A long poll takes its own time, besides that of the call. */
static void add_poll_time (lua_State *L, struct ba_call *call, int params) {
  lua_Number seconds;
  if (strcasecmp(call->method, "getUpdates") != 0) return;
  if (lua_type(L, params) != LUA_TTABLE) return;
  lua_getfield(L, params, "timeout");
  seconds = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (seconds > 0 && seconds < 1e5)
    call->transfer.request.timeout_ms += (int64_t)(seconds * 1000);
}

/* What botapi.methods knows of a method decides how its parameters are sent,
   whoever calls it; which ones there are, where the function is strict. */
static void read_params (lua_State *L, struct ba_call *call,
                         const struct ba_arguments *args) {
  struct ba_request *r = &call->transfer.request;
  int known = 0;
  push_entry(L, call->method);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "reads");
    r->reads = lua_toboolean(L, -1) != 0;
    lua_getfield(L, -2, "params");
    if (lua_istable(L, -1)) known = lua_gettop(L);
  }
  if (args->params) {
    ba_params_read(L, args->params, known, args->strict, r);
    add_poll_time(L, call, args->params);
  }
}

/* stack: … call; the request is complete, nothing raises from here on */
void ba_call_launch (lua_State *L, struct ba_call *call) {
  const struct ba_request *r = &call->transfer.request;
  bool lost = r->url.failed || r->body.failed || r->headers.failed
              || r->resolve.failed || r->cookies.failed;
  const char *why;
  struct ba_engine *e = engine_of(L, lua_gettop(L), &why);
  if (!why && lost) why = "not enough memory";
  /* by a metamethod that collects garbage in a finalizer, when Lua ends */
  if (call->collected) why = "the call was collected while it was read";
  if (why) ba_engine_refuse(e, &call->transfer, BA_SYSTEM, why);
  else ba_engine_start(e, &call->transfer);
  lua_pop(L, 1);
}

static void refuse_token (lua_State *L, struct ba_call *call,
                          const char *wrong) {
  const char *why;
  struct ba_engine *e = engine_of(L, lua_gettop(L), &why);
  ba_engine_refuse(e, &call->transfer, BA_TOKEN, wrong);
  lua_pop(L, 1);
}

static void read_probe (lua_State *L, struct ba_call *call,
                        const struct ba_arguments *args) {
  struct ba_request *r = &call->transfer.request;
  call->what = BA_PROBE;
  memcpy(call->method, "probe", sizeof "probe");
  ba_options_read_server(L, args->server, args->options, r);
  ba_endpoint_path(r, NULL, 0, NULL);
}

const char *ba_call_read (lua_State *L, struct ba_call *call,
                          const struct ba_arguments *args) {
  struct ba_request *r = &call->transfer.request;
  const char *token, *wrong;
  size_t len;
  if (args->server) {
    read_probe(L, call, args);
    return NULL;
  }
  token = ba_secret_check(L, args->token, &len);
  wrong = ba_token_check(token, len);
  read_method(L, call, args);
  ba_options_read(L, args->options, r);
  read_params(L, call, args);
  if (!wrong) ba_endpoint_path(r, token, len, call->method);
  return wrong;
}

void ba_call_start (lua_State *L, struct ba_call *call,
                    const struct ba_arguments *args) {
  int self = lua_gettop(L);
  const char *wrong = ba_call_read(L, call, args);
  lua_pushvalue(L, self);
  ba_call_anchor(L, call);
  if (wrong) refuse_token(L, call, wrong);
  else ba_call_launch(L, call);
  lua_settop(L, self);
}

/* --- wait ---------------------------------------------------------------- */

static bool is_done (const struct ba_call *call) {
  return call->settled || call->transfer.entry.state == BA_DONE;
}

/* What a loop ended with. RAISED: an error is on top of the stack. */
enum ending { GOES_ON, ENDED, LATE, RAISED };

/* Whose failure it is, and which token must not show in it. */
static void read_context (const struct ba_call *call,
                          struct ba_context *context) {
  const struct ba_request *r = &call->transfer.request;
  memset(context, 0, sizeof *context);
  if (call->method[0]) context->method = call->method;
  if (r->url.data && r->token.len > 0) {
    context->token = r->url.data + r->token.at;
    context->token_len = r->token.len;
  }
}

/* The call, and those that it goes on from, as one. */
static void replace_error (lua_State *L, const struct ba_call *call) {
  struct ba_outcome o = call->transfer.outcome;
  struct ba_context context;
  read_context(call, &context);
  if (call->earlier != BA_SENT_NO) o.sent = BA_SENT_MAYBE;
  ba_interrupt_replace(L, &o, &context);
}

/* A signal handler has set a hook. If it raises a text, as Lua's own does on
   Ctrl-C, the call ends and an error object with what was sent is raised; an
   error that isn't a text is raised as it is. If it returns, the call goes
   on. */
static enum ending run_hook (lua_State *L, struct ba_engine *e,
                             struct ba_call *call) {
  int code;
  if (ba_main_thread(L) != L) {         /* its hook can't run from here */
    ba_engine_cancel(&call->transfer, "interrupted");
    return ENDED;
  }
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.noop");
  code = lua_pcall(L, 0, 0, 0);
  ba_engine_check_fork(e);              /* by the handler */
  if (code == LUA_OK) return is_done(call) ? ENDED : GOES_ON;
  ba_engine_cancel(&call->transfer, "interrupted");
  if (lua_isstring(L, -1)) replace_error(L, call);
  return RAISED;
}

static int slice (int64_t until) {
  int64_t left = (until - ba_now() + 999) / 1000;
  if (until < 0 || left > SLICE_MS) return SLICE_MS;
  return left > 0 ? (int)left : 0;
}

/* The hook that was there before. One that counts each instruction is new: a
   signal set it while the arguments were read. */
static lua_Hook known_hook (lua_State *L, lua_State *M) {
  bool each = (lua_gethookmask(M) & LUA_MASKCOUNT) && lua_gethookcount(M) == 1;
  return each && M == L ? NULL : lua_gethook(M);
}

/* Steps once at least. */
static enum ending loop (lua_State *L, struct ba_engine *e,
                         struct ba_call *call, int64_t until) {
  lua_State *M = ba_main_thread(L);
  lua_Hook before = known_hook(L, M);
  enum ending ending = GOES_ON;
  while (ending == GOES_ON) {
    ba_engine_step(e, slice(until));
    if (is_done(call)) return ENDED;
    if (lua_gethook(M) != before) {
      ending = run_hook(L, e, call);
      before = lua_gethook(M);
    }
    else if (until >= 0 && ba_now() >= until) return LATE;
  }
  return ending;
}

/* The engine no longer keeps the call at `index`. */
static void leave_engine (lua_State *L, int index, struct ba_call *call) {
  lua_getuservalue(L, index);
  lua_rawgeti(L, -1, ENGINE);
  ba_engine_object_let_go(L, -1, &call->transfer);
  lua_pop(L, 2);
  ba_engine_drop(&call->transfer);
}

static int wait (lua_State *L) {
  struct ba_call *call = check(L, 1);
  int64_t until = -1;
  const char *why;
  if (!lua_isnoneornil(L, 2)) {
    lua_Number seconds = luaL_checknumber(L, 2);
    if (!(seconds >= 0)) ba_raise_arg(L, 2, "seconds must not be negative");
    until = ba_now() + (int64_t)((seconds < 1e9 ? seconds : 1e9) * 1e6);
  }
  lua_settop(L, 1);
  if (!is_done(call)
      && loop(L, engine_of(L, 1, &why), call, until) == RAISED)
    ba_raise(L);
  lua_pushboolean(L, is_done(call));
  return 1;
}

/* --- result -------------------------------------------------------------- */

static const char *read_answer (lua_State *L, struct ba_call *call,
                                const struct ba_context *context) {
  struct ba_transfer *t = &call->transfer;
  struct ba_answer a;
  const char *wrong;
  a.body = t->answer.data;
  a.len = t->answer.len;
  a.outcome = &t->outcome;
  a.token = context->token;
  a.token_len = context->token_len;
  wrong = ba_envelope_push(L, &a);
  if (wrong || call->what != BA_PROBE) return wrong;
  lua_getfield(L, -1, "ok");
  if (lua_toboolean(L, -1)) {
    lua_pop(L, 2);
    return "\"ok\" isn't false where no token was sent";
  }
  lua_pop(L, 2);
  ba_envelope_push_true(L);
  return NULL;
}

/* Pushes one or two values: what became of a call that is done. */
static int push_outcome (lua_State *L, struct ba_call *call) {
  struct ba_transfer *t = &call->transfer;
  struct ba_context context;
  read_context(call, &context);
  if (t->outcome.kind != BA_ANSWERED)
    return ba_failure_push(L, &t->outcome, &context);
  if (call->what == BA_TIMER) {
    lua_pushboolean(L, 1);
    return 1;
  }
  if (call->what == BA_WEB) {
    ba_web_push(L, t);
    return 1;
  }
  context.content = read_answer(L, call, &context);
  if (!context.content) return 1;
  t->outcome.kind = BA_PROTOCOL;
  return ba_failure_push(L, &t->outcome, &context);
}

/* stack: … results; they become the call's */
static void keep_results (lua_State *L, int index, int n) {
  lua_getuservalue(L, index);           /* stack: … results values */
  if (n == 1) lua_pushvalue(L, -2);
  else lua_pushnil(L);
  lua_rawseti(L, -2, RESULT);
  if (n == 2) {
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, FAILURE);
  }
  lua_pop(L, 1);
}

/* Making the values may run a finalizer that settles the same call: the
   answer is freed by the last one who reads it. It may raise, too: then it is
   the collector who frees the call. */
static void settle (lua_State *L, int index, struct ba_call *call) {
  int n;
  leave_engine(L, index, call);
  call->readers++;
  n = push_outcome(L, call);
  call->readers--;
  if (!call->settled) {
    keep_results(L, index, n);
    call->settled = true;
  }
  lua_pop(L, n);
  if (call->readers == 0) ba_transfer_free(&call->transfer);
}

static int push_results (lua_State *L, int index, struct ba_call *call) {
  if (!call->settled) settle(L, index, call);
  lua_getuservalue(L, index);
  lua_rawgeti(L, -1, RESULT);
  if (!lua_isnil(L, -1)) return 1;
  lua_rawgeti(L, -2, FAILURE);
  return 2;
}

static int result (lua_State *L) {
  struct ba_call *call = check(L, 1);
  if (!is_done(call)) ba_raise_text(L, "the call isn't done yet");
  lua_settop(L, 1);
  return push_results(L, 1, call);
}

/* --- blocking ------------------------------------------------------------ */

/* A blocking function leaves its call to the next one: without it, a call on a
   kept connection takes 15 to 18 % more time, for the collector's sake. */
#define SPARE "botapi.spare"

struct ba_call *ba_call_take (lua_State *L, int engine) {
  struct ba_call *call;
  lua_getfield(L, LUA_REGISTRYINDEX, SPARE);
  call = lua_touserdata(L, -1);
  if (!call || call->collected) {
    lua_pop(L, 1);
    return ba_call_new(L, engine);
  }
  lua_pushboolean(L, 0);                /* the field stays: no memory */
  lua_setfield(L, LUA_REGISTRYINDEX, SPARE);
  memset(call, 0, sizeof *call);
  return call;
}

/* The call at `index`, whose results were pushed. */
static void leave_spare (lua_State *L, int index,
                         const struct ba_call *call) {
  int i;
  if (call->collected || call->readers > 0) return;
  lua_getuservalue(L, index);
  for (i = RESULT; i <= FAILURE; i++) {
    lua_pushnil(L);
    lua_rawseti(L, -2, i);
  }
  lua_pushvalue(L, index);
  lua_setfield(L, LUA_REGISTRYINDEX, SPARE);
  lua_pop(L, 1);
}

int ba_call_finish (lua_State *L, int index, struct ba_call *call) {
  int n;
  if (!is_done(call)
      && loop(L, call->transfer.entry.engine, call, -1) == RAISED) {
    leave_engine(L, index, call);
    ba_transfer_free(&call->transfer);
    ba_raise(L);
  }
  ba_engine_object_after(L);
  n = push_results(L, index, call);
  leave_spare(L, index, call);
  return n;
}

/* --- methods ------------------------------------------------------------- */

/* After a fork the engine ends what it inherited, here, too. */
static int done (lua_State *L) {
  struct ba_call *call = check(L, 1);
  struct ba_engine *e = call->transfer.entry.engine;
  lua_settop(L, 1);
  if (e) ba_engine_check_fork(e);
  lua_pushboolean(L, is_done(call));
  return 1;
}

static int cancel (lua_State *L) {
  struct ba_call *call = check(L, 1);
  ba_engine_cancel(&call->transfer, "cancelled by the caller");
  return 0;
}

static int collect (lua_State *L) {
  struct ba_call *call = check(L, 1);
  ba_engine_drop(&call->transfer);
  ba_transfer_free(&call->transfer);
  call->collected = true;
  return 0;
}

static int show (lua_State *L) {
  struct ba_call *call = check(L, 1);
  lua_pushfstring(L, "botapi.call: %s, %s",
                  call->what == BA_TIMER ? "timer" : call->method,
                  is_done(call) ? "done" : "running");
  return 1;
}

void ba_call_open (lua_State *L) {
  static const luaL_Reg methods[] = {
    {"wait", wait}, {"result", result}, {"done", done}, {"cancel", cancel},
    {NULL, NULL}};
  static const luaL_Reg meta[] = {
    {"__gc", collect}, {"__close", cancel}, {"__tostring", show},
    {NULL, NULL}};
  luaL_newmetatable(L, BA_CALL);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, BA_CALL);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_pushboolean(L, 0);
  lua_setfield(L, LUA_REGISTRYINDEX, SPARE);
}
