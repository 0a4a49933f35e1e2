/* SPDX-License-Identifier: MIT */
/* The userdata of one call: start, wait, cancel, result. */
#include "system.h"
#include "call.h"

#include "ascii.h"
#include "endpoint.h"
#include "engine_object.h"
#include "envelope.h"
#include "failure.h"
#include "interrupt.h"
#include "options.h"
#include "params.h"
#include "poller.h"
#include "raise.h"
#include "redact.h"
#include "secret.h"
#include "token.h"
#include "web.h"

#include <string.h>

enum { SLICE_MS = 250 };

/* In a call's user value. */
enum { ENGINE = 1, RESULT = 2, FAILURE = 3, PARTS = 4, ON_PROGRESS = 5 };

static struct ba_call *check (lua_State *L, int index) {
  return ba_check_self(L, index, BA_CALL);
}

struct ba_call *ba_call_new (lua_State *L, int engine) {
  struct ba_call *call = lua_newuserdata(L, sizeof *call);
  memset(call, 0, sizeof *call);
  luaL_setmetatable(L, BA_CALL);
  lua_createtable(L, ON_PROGRESS, 0);
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

/* Whose failure it is, and which token must not show in it, nor the login of
   its proxy. */
static void read_context (const struct ba_call *call,
                          struct ba_context *context) {
  const struct ba_request *r = &call->transfer.request;
  memset(context, 0, sizeof *context);
  if (call->method[0]) context->method = call->method;
  if (r->parts.failed) context->parameter = r->parts.failed->name;
  if (call->transfer.secrets.len > 0) {
    context->token = call->transfer.secrets.data;
    context->token_len = call->transfer.secrets.len;
  }
  else if (r->url.data && r->token.len > 0) {
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

/* Errors and events name the method. */
static bool mentions_token (lua_State *L, const char *name, size_t len,
                            const struct ba_arguments *args) {
  size_t size;
  const char *token = ba_secret_check(L, args->token, &size);
  return ba_mentions(name, len, token, size);
}

static void read_method (lua_State *L, struct ba_call *call,
                         const struct ba_arguments *args) {
  static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const char *name = args->method;
  size_t len = name ? strlen(name) : 0;
  if (!name) {
    ba_check_type(L, args->token + 1, LUA_TSTRING);
    name = lua_tolstring(L, args->token + 1, &len);
  }
  if (len == 0 || len >= BA_METHOD_MAX || strspn(name, letters) != len)
    ba_raise_arg(L, args->token + 1, "method: a name of letters expected");
  if (!args->method && mentions_token(L, name, len, args))
    ba_raise_arg(L, args->token + 1, "method: it is a part of the token");
  memcpy(call->method, name, len + 1);
}

/* Pushes what botapi.methods knows of the method: a table or nil. */
static void push_entry (lua_State *L, const char *method) {
  char key[BA_METHOD_MAX];
  size_t i;
  for (i = 0; method[i]; i++)
    key[i] = (char)(method[i] | 32);    /* they are letters */
  key[i] = '\0';
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.methods");
  lua_getfield(L, -1, key);
  lua_remove(L, -2);
}

/* A long poll takes its own time, besides that of the call. */
static void add_poll_time (lua_State *L, struct ba_call *call, int params) {
  lua_Number seconds;
  if (lua_type(L, params) != LUA_TTABLE) return;
  lua_getfield(L, params, "timeout");
  seconds = lua_tonumber(L, -1);
  lua_pop(L, 1);
  if (seconds > 0 && seconds < 1e5)
    call->transfer.request.timeout_ms += (int64_t)(seconds * 1000);
}

/* What is on top, from which the parts of the body borrow, stays as long as
   the call at `self` needs them; nil: they are gone. */
static void anchor_parts (lua_State *L, int self) {
  lua_getuservalue(L, self);
  lua_insert(L, -2);
  lua_rawseti(L, -2, PARTS);
  lua_pop(L, 1);
}

/* A member of the entry on top; true if it is there. */
static bool get_member (lua_State *L, const char *name) {
  if (!lua_istable(L, -1)) return false;
  lua_getfield(L, -1, name);
  if (lua_toboolean(L, -1)) return true;
  lua_pop(L, 1);
  return false;
}

static bool has_flag (lua_State *L, const char *name) {
  bool has = get_member(L, name);
  if (has) lua_pop(L, 1);
  return has;
}

/* The entry on top, but for its parameters. */
static void read_entry (lua_State *L, struct ba_request *r) {
  r->may_reuse = !has_flag(L, "lifecycle");
  if (r->has_max_response || !get_member(L, "max_response")) return;
  r->max_response = (size_t)lua_tonumber(L, -1);
  lua_pop(L, 1);
}

/* What botapi.methods knows of a method decides how its parameters are sent
   and on which connections, whoever calls it; which parameters there are,
   where the function is strict. */
static void read_params (lua_State *L, int self, struct ba_call *call,
                         const struct ba_arguments *args) {
  struct ba_request *r = &call->transfer.request;
  struct ba_params_of of = {call->method, 0, args->strict, NULL, 0};
  bool polls;
  of.token = ba_secret_check(L, args->token, &of.token_len);
  push_entry(L, call->method);
  read_entry(L, r);
  polls = has_flag(L, "poll");
  if (lua_istable(L, -1) && !polls) {   /* whose timeout is no mistake */
    lua_getfield(L, -1, "params");
    if (!lua_istable(L, -1)) lua_newtable(L);
    of.known = lua_gettop(L);
  }
  if (!args->params) return;
  if (!ba_params_read(L, args->params, &of, r)) {
    call->transfer.outcome.kind = BA_CANCELLED;
    call->transfer.outcome.retry_after = -1;
    if (lua_isstring(L, -1)) replace_error(L, call);
    ba_raise(L);
  }
  anchor_parts(L, self);
  if (polls) add_poll_time(L, call, args->params);
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

/* Unless it was given a time limit, a call that moves a file has none: it ends
   when nothing moves any more. */
static void read_patience (lua_State *L, struct ba_request *r, int options) {
  bool limited = false;
  if (lua_istable(L, options)) {
    lua_getfield(L, options, "timeout");
    limited = !lua_isnil(L, -1);
    lua_pop(L, 1);
  }
  if (limited) {
    r->idle_ms = 0;
    return;
  }
  if (r->idle_ms == 0) r->idle_ms = r->timeout_ms;
  r->timeout_ms = BA_TIMEOUT_MAX_MS;
}

/* Who is told how much of the files was sent. stack: … call … */
static void read_listener (lua_State *L, int self, int options,
                           struct ba_call *call) {
  if (!lua_istable(L, options)) return;
  lua_getuservalue(L, self);
  lua_getfield(L, options, "on_progress");
  call->transfer.progress.wanted = !lua_isnil(L, -1);
  lua_rawseti(L, -2, ON_PROGRESS);
  lua_pop(L, 1);
}

const char *ba_call_read (lua_State *L, struct ba_call *call,
                          const struct ba_arguments *args) {
  struct ba_request *r = &call->transfer.request;
  const char *token, *wrong;
  int self = lua_gettop(L);
  size_t len;
  if (args->server) {
    read_probe(L, call, args);
    return NULL;
  }
  token = ba_secret_check(L, args->token, &len);
  wrong = ba_token_check(token, len);
  read_method(L, call, args);
  ba_options_read(L, args->options, r);
  read_params(L, self, call, args);
  if (ba_parts_have_file(&r->parts)) {
    read_patience(L, r, args->options);
    read_listener(L, self, args->options, call);
  }
  if (!wrong) ba_endpoint_path(r, token, len, call->method);
  return wrong;
}

const char *ba_call_read_file (lua_State *L, struct ba_call *call,
                               const struct ba_arguments *args,
                               const char *path) {
  struct ba_request *r = &call->transfer.request;
  size_t len;
  const char *token = ba_secret_check(L, args->token, &len);
  const char *wrong = ba_token_check(token, len);
  call->what = BA_FILE;
  memcpy(call->method, "download", sizeof "download");
  ba_options_read(L, args->options, r);
  read_patience(L, r, args->options);
  r->may_reuse = true;
  r->get = true;
  if (!wrong) ba_endpoint_file(r, token, len, path);
  return wrong;
}

void ba_call_begin (lua_State *L, struct ba_call *call, const char *wrong) {
  int self = lua_gettop(L);
  lua_pushvalue(L, self);
  ba_call_anchor(L, call);
  if (wrong) refuse_token(L, call, wrong);
  else ba_call_launch(L, call);
  lua_settop(L, self);
}

void ba_call_start (lua_State *L, struct ba_call *call,
                    const struct ba_arguments *args) {
  int self = lua_gettop(L);
  const char *wrong = ba_call_read(L, call, args);
  lua_settop(L, self);
  ba_call_begin(L, call, wrong);
}

/* --- wait ---------------------------------------------------------------- */

static bool is_done (struct ba_call *call) {
  return call->settled || ba_engine_is_done(&call->transfer);
}

/* Is there something for its owner to take, or its end? */
static bool has_news (struct ba_call *call) {
  return call->settled || ba_engine_has_news(&call->transfer);
}

/* What a loop ended with. RAISED: an error is on top of the stack. */
enum ending { GOES_ON, ENDED, LATE, RAISED };

/* The hook that was there before. One that counts each instruction is new: a
   signal set it before the wait began. */
static lua_Hook known_hook (lua_State *L) {
  bool each = (lua_gethookmask(L) & LUA_MASKCOUNT) && lua_gethookcount(L) == 1;
  return each ? NULL : lua_gethook(L);
}

/* Runs the hook of a thread in that thread: in L, which waits, or in the main
   one, which has resumed L. What it raises is left on L's stack. */
static int call_nothing (lua_State *L, lua_State *thread) {
  int code;
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.noop");
  lua_xmove(L, thread, 1);
  code = lua_pcall(thread, 0, 0, 0);
  if (code != LUA_OK) lua_xmove(thread, L, 1);
  return code;
}

/* A signal handler has set a hook. If it raises a text, as Lua's own does on
   Ctrl-C, the call ends and an error object with what was sent is raised; an
   error that isn't a text is raised as it is. If it returns, the call goes
   on. What the main thread's hook raises while a coroutine waits ends the
   coroutine's calls and is raised in the main thread as soon as it runs. */
static enum ending run_hook (lua_State *L, lua_State *thread,
                             struct ba_call *call) {
  bool raises = ba_interrupt_is_postponed(thread);
  if (!raises && call_nothing(L, thread) == LUA_OK)
    return has_news(call) ? ENDED : GOES_ON;
  ba_engine_cancel(&call->transfer, "interrupted");
  if (raises) return ENDED;
  if (lua_isstring(L, -1)) replace_error(L, call);
  if (thread == L) return RAISED;
  ba_interrupt_postpone(L, thread);
  return ENDED;
}

/* A thread that has yielded runs nothing: Lua 5.1's main thread, as far as it
   is known, may be one. */
static enum ending look_at_hook (lua_State *L, lua_State *thread,
                                 lua_Hook *before, struct ba_call *call) {
  lua_Hook now = lua_gethook(thread);
  if (now == *before) return GOES_ON;
  *before = now;                /* noted before: a signal may come meanwhile */
  return lua_status(thread) == LUA_OK ? run_hook(L, thread, call) : GOES_ON;
}

static int slice (int64_t until) {
  int64_t left = (until - ba_now() + 999) / 1000;
  if (until < 0 || left > SLICE_MS) return SLICE_MS;
  return left > 0 ? (int)left : 0;
}

/* A signal handler may set the hook of the caller's thread or that of the main
   one. Steps once at least, unless a hook ends it before. */
static enum ending loop (lua_State *L, struct ba_engine *e,
                         struct ba_call *call, int64_t until) {
  lua_State *M = ba_main_thread(L);
  lua_Hook own = known_hook(L), mains = known_hook(M);
  for (;;) {
    enum ending ending = look_at_hook(L, L, &own, call);
    if (ending == GOES_ON && M != L)
      ending = look_at_hook(L, M, &mains, call);
    if (ending != GOES_ON) return ending;
    ba_engine_step(e, slice(until));
    if (has_news(call)) return ENDED;
    if (until >= 0 && ba_now() >= until) return LATE;
  }
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
    lua_Number seconds = ba_check_number(L, 2);
    if (!(seconds >= 0)) ba_raise_arg(L, 2, "seconds must not be negative");
    until = ba_now() + (int64_t)((seconds < 1e9 ? seconds : 1e9) * 1e6);
  }
  lua_settop(L, 1);
  if (!has_news(call)
      && loop(L, engine_of(L, 1, &why), call, until) == RAISED)
    ba_raise(L);
  lua_pushboolean(L, has_news(call));
  return 1;
}

/* --- news ---------------------------------------------------------------- */

/* An integer where Lua has those of 64 bits. */
static void push_bytes (lua_State *L, int64_t n) {
  if (BA_INTEGERS) lua_pushinteger(L, (lua_Integer)n);
  else lua_pushnumber(L, (lua_Number)n);
}

/* What there is of a file, or how much of it has moved; 0: neither. */
static int push_news (lua_State *L, struct ba_transfer *t) {
  struct ba_buffer *chunk = &t->sink.chunk;
  struct ba_progress *p = &t->progress;
  if (chunk->len > 0) {
    lua_pushlstring(L, chunk->data, chunk->len);
    chunk->len = 0;             /* its memory stays for the next one */
    p->taken = p->done;
    return 1;
  }
  if (!p->wanted || p->taken == p->done) return 0;
  p->taken = p->done;
  push_bytes(L, p->done);
  if (p->total < 0) lua_pushnil(L);
  else push_bytes(L, p->total);
  return 2;
}

/* call:news() -> a chunk of a download; or how many bytes have moved, and how
   many there are; false: nothing new; nil: it has ended, and so have they */
static int news (lua_State *L) {
  struct ba_call *call = check(L, 1);
  bool was_done = is_done(call);
  int n;
  lua_settop(L, 1);
  if (call->settled) return 0;
  if (!was_done) ba_call_anchor(L, call);       /* it goes on, see finished */
  n = push_news(L, &call->transfer);
  if (!was_done) ba_engine_taken(&call->transfer);
  if (n > 0 || was_done) return n;
  lua_pushboolean(L, 0);
  return 1;
}

/* --- result -------------------------------------------------------------- */

/* NULL, with the envelope on top; or what is wrong with it. */
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
  /* a server behind a tunnel never hears of the login */
  if (t->request.https && t->request.token.len > 0)
    a.token_len = t->request.token.len;
  wrong = ba_envelope_push(L, &a);
  if (wrong || (call->what != BA_PROBE && call->what != BA_FILE)) return wrong;
  lua_getfield(L, -1, "ok");
  if (lua_toboolean(L, -1)) {
    lua_pop(L, 2);
    return call->what == BA_FILE
             ? "\"ok\" is true where a file was to come"
             : "\"ok\" isn't false where no token was sent";
  }
  lua_pop(L, 1);
  if (call->what == BA_FILE) return NULL;
  lua_pop(L, 1);
  ba_envelope_push_true(L);
  return NULL;
}

/* The whole file is there: how long it is, and how much of it came now. */
static void push_file (lua_State *L, const struct ba_transfer *t) {
  lua_createtable(L, 0, 2);
  lua_pushnumber(L, (lua_Number)t->sink.at);
  lua_setfield(L, -2, "size");
  lua_pushboolean(L, t->sink.first > 0);
  lua_setfield(L, -2, "resumed");
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
  if (t->sink.begun) {
    push_file(L, t);
    return 1;
  }
  context.location = t->location.data;
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
  if (call->readers > 0) return;
  ba_transfer_free(&call->transfer);
  lua_pushnil(L);
  anchor_parts(L, index);
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
  for (i = RESULT; i <= ON_PROGRESS; i++) {
    lua_pushnil(L);
    lua_rawseti(L, -2, i);
  }
  lua_pushvalue(L, index);
  lua_setfield(L, LUA_REGISTRYINDEX, SPARE);
  lua_pop(L, 1);
}

/* Ends the call at `index` with the error on top. */
BA_NORETURN
static void end_raising (lua_State *L, int index, struct ba_call *call) {
  ba_engine_cancel(&call->transfer, "its owner raised an error");
  leave_engine(L, index, call);
  ba_transfer_free(&call->transfer);
  ba_raise(L);
}

/* Calls the on_progress of the call at `index`, where something has moved. A
   signal that came before is none of its errors. */
static void tell_progress (lua_State *L, int index, struct ba_call *call) {
  lua_Hook own = known_hook(L);
  int n;
  if (!is_done(call) && look_at_hook(L, L, &own, call) == RAISED)
    end_raising(L, index, call);
  lua_getuservalue(L, index);
  lua_rawgeti(L, -1, ON_PROGRESS);
  n = push_news(L, &call->transfer);
  ba_engine_taken(&call->transfer);
  if (n > 0 && lua_pcall(L, n, 0, 0) != LUA_OK)
    end_raising(L, index, call);
  lua_settop(L, index);
}

int ba_call_finish (lua_State *L, int index, struct ba_call *call) {
  const char *why;
  int n;
  do {
    if (!has_news(call)
        && loop(L, engine_of(L, index, &why), call, -1) == RAISED)
      end_raising(L, index, call);
    if (call->transfer.progress.wanted) tell_progress(L, index, call);
  } while (!is_done(call));
  ba_engine_object_after(L);
  n = push_results(L, index, call);
  leave_spare(L, index, call);
  return n;
}

/* on_progress() -> the option of that name, or nil */
static int on_progress (lua_State *L) {
  check(L, 1);
  lua_getuservalue(L, 1);
  lua_rawgeti(L, -1, ON_PROGRESS);
  return 1;
}

/* --- methods ------------------------------------------------------------- */

static int done (lua_State *L) {
  lua_pushboolean(L, has_news(check(L, 1)));
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
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const luaL_Reg methods[] = {
    {"wait", wait}, {"result", result}, {"done", done}, {"cancel", cancel},
    {"news", news}, {"on_progress", on_progress},
    {NULL, NULL}};
  static const luaL_Reg meta[] = {
    {"__gc", collect}, {"__close", cancel}, {"__tostring", show},
    {NULL, NULL}};
  ba_new_class(L, BA_CALL, meta, none);
  ba_add_methods(L, BA_CALL, methods);
  lua_pushboolean(L, 0);
  lua_setfield(L, LUA_REGISTRYINDEX, SPARE);
}
