/* SPDX-License-Identifier: MIT */
/* Pushes nil and an error object: the only place that does. */
#include "system.h"
#include "failure.h"

#include "redact.h"

#include <string.h>

enum { TEXT_MAX_BYTES = 200 };

/* Pushes text from outside: clean, redacted, short. */
static void push_clean (lua_State *L, const char *text,
                        const struct ba_context *context) {
  char copy[BA_TEXT_MAX];
  size_t len = strlen(text);
  if (len >= sizeof copy) len = sizeof copy - 1;
  memcpy(copy, text, len);
  copy[len] = '\0';
  ba_clean(copy, context->token, context->token_len, TEXT_MAX_BYTES);
  lua_pushstring(L, copy);
}

/* An answer that isn't the Bot API's: its status says more than its body. */
static void push_content (lua_State *L, const struct ba_outcome *o,
                          const struct ba_context *context) {
  push_clean(L, o->reason, context);
  lua_pushfstring(L, "HTTP %d%s%s, but not a Bot API server's answer: %s",
                  (int)o->http_status, o->reason[0] ? " " : "",
                  lua_tostring(L, -1), context->content);
  lua_remove(L, -2);
}

static void set_number (lua_State *L, const char *name, int64_t n,
                        bool known) {
  if (!known) return;
  lua_pushinteger(L, (lua_Integer)n);
  lua_setfield(L, -2, name);
}

static void set_text (lua_State *L, const char *name, const char *text) {
  if (!text) return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static const char *consequence (const char *sent) {
  if (sent && strcmp(sent, "no") == 0) return "nothing was sent";
  if (sent && strcmp(sent, "maybe") == 0) return "it may have been carried out";
  return "whether it was carried out isn't known";
}

/* From `method`, `cause` and `sent` of the table on top. */
static void set_message (lua_State *L) {
  const char *method;
  lua_getfield(L, -1, "method");
  lua_getfield(L, -2, "cause");
  lua_getfield(L, -3, "sent");
  method = lua_tostring(L, -3);
  lua_pushfstring(L, "%s%s%s; %s", method ? method : "", method ? ": " : "",
                  lua_tostring(L, -2), consequence(lua_tostring(L, -1)));
  lua_setfield(L, -5, "message");
  lua_pop(L, 3);
}

int ba_failure_push (lua_State *L, const struct ba_outcome *o,
                     const struct ba_context *context) {
  lua_pushnil(L);
  lua_createtable(L, 0, 10);
  if (context->content) push_content(L, o, context);
  else push_clean(L, o->text, context);
  lua_setfield(L, -2, "cause");
  set_text(L, "kind", ba_kind_name(o->kind));
  set_text(L, "sent", ba_sent_name(o->sent));
  set_text(L, "problem", ba_problem_name(o->problem));
  set_text(L, "method", context->method);
  set_text(L, "parameter", context->parameter);
  set_message(L);
  set_number(L, "http_status", o->http_status, o->http_status > 0);
  set_number(L, "retry_after", o->retry_after, o->retry_after >= 0);
  set_number(L, "curl_code", o->curl_code, o->curl_code > 0);
  set_number(L, "errno", o->code, o->code > 0);
  if (context->content && context->location) {
    push_clean(L, context->location, context);
    lua_setfield(L, -2, "location");
  }
  luaL_setmetatable(L, BA_ERROR);
  return 2;
}

int ba_failure_new (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "message");
  lua_getfield(L, 1, "cause");
  if (lua_isnil(L, 2) && lua_isstring(L, 3)) {
    lua_settop(L, 1);
    set_message(L);
  }
  lua_settop(L, 1);
  luaL_setmetatable(L, BA_ERROR);
  return 1;
}

static int show (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 1);
  lua_getfield(L, 1, "message");
  lua_pushfstring(L, "botapi: %s",
                  lua_isstring(L, -1) ? lua_tostring(L, -1) : "error");
  return 1;
}

void ba_failure_open (lua_State *L) {
  static const luaL_Reg meta[] = {{"__tostring", show}, {NULL, NULL}};
  ba_new_class(L, BA_ERROR, meta, NULL);
}
