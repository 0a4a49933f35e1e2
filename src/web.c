/* SPDX-License-Identifier: MIT */
/* The request and the answer of a cookie session: not the Bot API. */
#include "system.h"
#include "web.h"

#include "endpoint.h"
#include "options.h"
#include "raise.h"

#include <string.h>

static void read_cookies (lua_State *L, struct ba_request *r, int arg) {
  int n = (int)lua_rawlen(L, arg);
  int i;
  for (i = 1; i <= n; i++) {
    size_t len = 0;
    const char *line;
    lua_rawgeti(L, arg, i);
    line = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
    if (!line || strlen(line) != len || strpbrk(line, "\r\n")
        || strncmp(line, "Set-Cookie: ", 12) != 0)
      ba_raise_arg(L, arg, "each cookie must be a line of Set-Cookie");
    ba_buffer_add(&r->cookies, line, len + 1);
    lua_pop(L, 1);
  }
}

void ba_web_read (lua_State *L, struct ba_request *r, int arg) {
  const char *url = luaL_checkstring(L, arg);
  const char *wrong;
  size_t len = 0;
  const char *form = luaL_optlstring(L, arg + 1, NULL, &len);
  luaL_checktype(L, arg + 2, LUA_TTABLE);
  ba_options_read(L, arg + 3, r);
  ba_buffer_free(&r->url);              /* the default Bot API server's */
  wrong = ba_endpoint_web(r, url);
  if (wrong) ba_raise_arg(L, arg, wrong);
  r->web = true;
  r->get = form == NULL;
  r->near = false;
  if (form) ba_buffer_add(&r->body, form, len);
  read_cookies(L, r, arg + 2);
}

static void push_jar (lua_State *L, const struct curl_slist *jar) {
  int i = 0;
  lua_newtable(L);
  for (; jar; jar = jar->next) {
    lua_pushstring(L, jar->data);
    lua_rawseti(L, -2, ++i);
  }
}

void ba_web_push (lua_State *L, const struct ba_transfer *t) {
  lua_createtable(L, 0, 4);
  lua_pushinteger(L, (lua_Integer)t->outcome.http_status);
  lua_setfield(L, -2, "status");
  lua_pushlstring(L, t->answer.data ? t->answer.data : "", t->answer.len);
  lua_setfield(L, -2, "body");
  if (t->location.data) {
    lua_pushstring(L, t->location.data);
    lua_setfield(L, -2, "location");
  }
  push_jar(L, t->jar);
  lua_setfield(L, -2, "cookies");
}
