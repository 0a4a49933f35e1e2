/* SPDX-License-Identifier: MIT */
/* Fuzzes a whole call: the input is what the server answers, and a few words
   about the call. The server's count of requests is held against the claim. */
#define _GNU_SOURCE
#include "../peer.h"
#include "common.h"

#include <stdio.h>
#include <string.h>

static struct peer *peer;

static void push_options (lua_State *L, unsigned flags) {
  char server[64];
  snprintf(server, sizeof server, "http://127.0.0.1:%d/script",
           peer_port(peer));
  lua_newtable(L);
  lua_pushstring(L, server);
  lua_setfield(L, -2, "server");
  lua_pushnumber(L, flags & 1 ? 0.02 : 2);
  lua_setfield(L, -2, "timeout");
  lua_pushboolean(L, (flags & 2) != 0);
  lua_setfield(L, -2, "reuse");
  if (flags & 4) {
    lua_pushinteger(L, 40);
    lua_setfield(L, -2, "max_response");
  }
}

/* What was answered with the token's place holders filled in. */
static void script (struct fuzz_input *in, bool closes) {
  static char bytes[1 << 16];
  size_t n = 0;
  while (in->left > 0 && n + 64 < sizeof bytes) {
    unsigned c = fuzz_byte(in);
    if (c == 0x01) n += (size_t)sprintf(bytes + n, "%s", FUZZ_TOKEN);
    else bytes[n++] = (char)c;
  }
  peer_script(peer, bytes, n, closes);
}

static void check_claim (const char *claim, int seen) {
  if (seen > 1) fuzz_wrong("more than one request");
  if (strcmp(claim, "no") == 0 && seen > 0) fuzz_wrong("sent isn't no");
  if (strcmp(claim, "maybe") != 0 && strcmp(claim, "no") != 0 && seen != 1)
    fuzz_wrong("an answer to nothing");
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct fuzz_input in = {data, size};
  unsigned flags = fuzz_byte(&in);
  lua_State *L = fuzz_state();
  int rounds = flags & 8 ? 2 : 1;
  if (size > 1 << 15) return 0;
  if (!peer) peer = peer_start(NULL, NULL);
  /* silence only with the short time-out */
  script(&in, !(flags & 1));
  while (rounds-- > 0) {
    int top = lua_gettop(L);
    lua_getfield(L, 1, flags & 16 ? "get_me" : "logout");
    lua_pushliteral(L, FUZZ_TOKEN);
    push_options(L, flags);
    if (lua_pcall(L, 2, LUA_MULTRET, 0)) fuzz_wrong(lua_tostring(L, -1));
    check_claim(fuzz_outcome(L, lua_gettop(L) - top), peer_settle(peer));
    lua_settop(L, top);
  }
  return 0;
}
