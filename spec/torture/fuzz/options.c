/* SPDX-License-Identifier: MIT */
/* Fuzzes options and parameters: tables made of the input are given to a call
   that is cancelled before its first step. It raises, or nothing was sent. */
#define _GNU_SOURCE
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const PARAMS[] = {"url", "certificate", "max_connections",
  "allowed_updates", "drop_pending_updates", "secret_token", "ip_address",
  "timeout", "offset", "text"};
static const char *const METHODS[] = {"logOut", "setWebhook", "getUpdates",
  "sendMessage", "deleteWebhook", "getMe"};
static const char *const STRINGS[] = {"telegram", "local", "bale",
  "http://127.0.0.1:1", "https://bot.example/x/bot/", "127.0.0.1:80",
  "bot.example:443:127.0.0.1", "socks5://u:" FUZZ_SECRET "@h:1", FUZZ_TOKEN};

#define SIZE(list) (sizeof (list) / sizeof *(list))

/* The names of the program's options, and one that is none. */
static struct { char text[32][24]; const char *names[32]; size_t n; } options;

static void add_option (const char *name) {
  if (options.n == SIZE(options.names)) fuzz_wrong("too many options");
  snprintf(options.text[options.n], sizeof *options.text, "%s", name);
  options.names[options.n] = options.text[options.n];
  options.n++;
}

/* stack: core */
static void read_options (lua_State *L) {
  size_t i, n;
  lua_getfield(L, 1, "options");
  lua_call(L, 0, 1);
  n = lua_rawlen(L, 2);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, 2, (lua_Integer)i);
    lua_getfield(L, 3, "name");
    add_option(lua_tostring(L, 4));
    lua_settop(L, 2);
  }
  lua_settop(L, 1);
  add_option("nothing");
}

static void push_value (lua_State *L, struct fuzz_input *in, int depth);

static void push_table (lua_State *L, struct fuzz_input *in, int depth) {
  unsigned n = fuzz_byte(in) % 5;
  unsigned i;
  lua_newtable(L);
  for (i = 1; i <= n; i++) {
    if (fuzz_byte(in) & 1) lua_pushinteger(L, (lua_Integer)i);
    else {
      size_t len;
      const char *key = fuzz_bytes(in, 20, &len);
      lua_pushlstring(L, key, len);
    }
    push_value(L, in, depth + 1);
    lua_rawset(L, -3);
  }
}

static void push_number (lua_State *L, struct fuzz_input *in) {
  double n = 0;
  size_t i;
  for (i = 0; i < sizeof n; i++)
    ((unsigned char *)&n)[i] = (unsigned char)fuzz_byte(in);
  lua_pushnumber(L, n);
}

static void push_value (lua_State *L, struct fuzz_input *in, int depth) {
  size_t len;
  const char *s;
  switch (fuzz_byte(in) % 8) {
    case 0: lua_pushboolean(L, fuzz_byte(in) & 1); return;
    case 1: lua_pushinteger(L, (lua_Integer)fuzz_byte(in) - 3); return;
    case 2: push_number(L, in); return;
    case 3: lua_pushstring(L, STRINGS[fuzz_byte(in) % SIZE(STRINGS)]); return;
    case 4: lua_pushlightuserdata(L, NULL); return;
    case 5:
      if (depth < 8) {
        push_table(L, in, depth);
        return;
      } /* fall through */
    default:
      s = fuzz_bytes(in, 255, &len);
      lua_pushlstring(L, s, len);
  }
}

static void push_set (lua_State *L, struct fuzz_input *in,
                      const char *const *names, size_t n_names) {
  unsigned n = fuzz_byte(in) % 6;
  lua_newtable(L);
  while (n-- > 0) {
    unsigned which = fuzz_byte(in);
    if (which < 250) lua_pushstring(L, names[which % n_names]);
    else push_value(L, in, 6);
    if (lua_isnil(L, -1)
        || (lua_isnumber(L, -1) && lua_tonumber(L, -1) != lua_tonumber(L, -1)))
    {
      lua_pop(L, 1);
      continue;
    }
    push_value(L, in, 0);
    lua_rawset(L, -3);
  }
}

/* (core, token, method, params, options) */
static int try (lua_State *L) {
  int n;
  lua_getfield(L, 1, "engine");
  lua_call(L, 0, 1);                    /* at 6 */
  lua_getfield(L, 6, "start");
  lua_pushvalue(L, 6);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 3);
  lua_pushvalue(L, 4);
  lua_pushvalue(L, 5);
  lua_call(L, 5, 1);                    /* the call, at 7 */
  lua_getfield(L, 7, "cancel");
  lua_pushvalue(L, 7);
  lua_call(L, 1, 0);
  lua_getfield(L, 7, "result");
  lua_pushvalue(L, 7);
  n = lua_gettop(L) - 2;
  lua_call(L, 1, LUA_MULTRET);
  if (strcmp(fuzz_outcome(L, lua_gettop(L) - n), "no") != 0)
    fuzz_wrong("something was sent");
  lua_getfield(L, 6, "close");
  lua_pushvalue(L, 6);
  lua_call(L, 1, 0);
  return 0;
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct fuzz_input in = {data, size};
  lua_State *L = fuzz_state();
  size_t len;
  const char *why;
  if (size > 4096) return 0;
  if (options.n == 0) read_options(L);
  lua_pushcfunction(L, try);
  lua_pushvalue(L, 1);
  lua_pushliteral(L, FUZZ_TOKEN);
  lua_pushstring(L, METHODS[fuzz_byte(&in) % SIZE(METHODS)]);
  push_set(L, &in, PARAMS, SIZE(PARAMS));
  push_set(L, &in, options.names, options.n);
  if (lua_pcall(L, 5, 0, 0) == LUA_OK) return 0;
  why = lua_tolstring(L, -1, &len);
  if (!why) fuzz_wrong("raised something that is no string");
  if (fuzz_shows(why, len)) fuzz_wrong("a raised text shows the token");
  return 0;
}
