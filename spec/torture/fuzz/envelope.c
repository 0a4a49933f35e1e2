/* SPDX-License-Identifier: MIT */
/* Fuzzes the envelope: status, reason, Retry-After and body, to a table or an
   error. Never `ok` that isn't a boolean, never a text with the token. */
#define _GNU_SOURCE
#include "common.h"
#include "envelope.h"
#include "failure.h"

#include <string.h>

struct both {
  struct ba_answer answer;
  struct ba_outcome outcome;
};

static int push (lua_State *L) {
  struct both *b = lua_touserdata(L, 1);
  struct ba_context context;
  memset(&context, 0, sizeof context);
  context.method = "logOut";
  context.token = FUZZ_TOKEN;
  context.token_len = strlen(FUZZ_TOKEN);
  context.content = ba_envelope_push(L, &b->answer);
  if (!context.content) return 1;
  b->outcome.kind = BA_PROTOCOL;
  return ba_failure_push(L, &b->outcome, &context);
}

static void read_head (struct fuzz_input *in, struct ba_outcome *o) {
  size_t len;
  const char *reason;
  memset(o, 0, sizeof *o);
  o->http_status = (long)(fuzz_byte(in) * 4 % 1000);
  o->retry_after = (long)fuzz_byte(in) - 1;
  o->sent = BA_SENT_YES;
  reason = fuzz_bytes(in, BA_REASON_MAX - 1, &len);
  memcpy(o->reason, reason, len);
}

/* Integers stay so, nothing is null, at every depth. */
static void check_values (lua_State *L, int depth) {
  luaL_checkstack(L, 4, "values");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_islightuserdata(L, -1)) fuzz_wrong("a null is left");
    if (lua_type(L, -1) == LUA_TNUMBER && !lua_isinteger(L, -1)) {
      lua_Number n = lua_tonumber(L, -1);
      if (n == (lua_Number)(long long)(n > -9e15 && n < 9e15 ? n : 0.5))
        fuzz_wrong("an integer is a float");
    }
    if (lua_istable(L, -1) && depth < 900) check_values(L, depth + 1);
    lua_pop(L, 1);
  }
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct fuzz_input in = {data, size};
  struct both both;
  lua_State *L = fuzz_state();
  int top = lua_gettop(L);
  if (size > 1 << 20) return 0;
  read_head(&in, &both.outcome);
  both.answer.outcome = &both.outcome;
  both.answer.body = (const char *)in.at;
  both.answer.len = in.left;
  both.answer.token = FUZZ_TOKEN;
  both.answer.token_len = strlen(FUZZ_TOKEN);
  lua_pushcfunction(L, push);
  lua_pushlightuserdata(L, &both);
  if (lua_pcall(L, 1, LUA_MULTRET, 0)) fuzz_wrong(lua_tostring(L, -1));
  fuzz_outcome(L, lua_gettop(L) - top);
  if (lua_gettop(L) - top == 1) {
    if (memchr(both.answer.body, '\0', both.answer.len))
      fuzz_wrong("a NUL byte was taken");
    if (both.outcome.http_status / 100 == 3) fuzz_wrong("a redirect's");
    check_values(L, 0);
  }
  return 0;
}
