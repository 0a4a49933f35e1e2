/* SPDX-License-Identifier: MIT */
/* Random numbers, the clock and the number of this process. */
#include "system.h"
#include "host_system.h"

#include "host_common.h"
#include "poller.h"

#include <errno.h>
#include <sys/random.h>
#include <unistd.h>

enum { RANDOM_MAX = 1024 };

/* 0 or an errno. */
static int fill_random (void *bytes, size_t len) {
  unsigned char *at = bytes;
  while (len > 0) {
    ssize_t n = getrandom(at, len, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    at += n;
    len -= (size_t)n;
  }
  return 0;
}

/* random(n) -> n bytes from the system's source */
static int random_bytes (lua_State *L) {
  static const struct ba_range size = {"n", 1, RANDOM_MAX};
  char bytes[RANDOM_MAX];
  int n, code;
  lua_settop(L, 1);
  n = ba_host_check_whole(L, 1, &size);
  code = fill_random(bytes, (size_t)n);
  if (code) return ba_host_fail(L, "random", code);
  lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}

/* random_fraction() -> a number of 53 random bits, 0 <= it < 1 */
static int random_fraction (lua_State *L) {
  uint64_t bits;
  int code = fill_random(&bits, sizeof bits);
  if (code) return ba_host_fail(L, "random", code);
  lua_pushnumber(L, (lua_Number)(bits >> 11) / 9007199254740992.0);
  return 1;
}

/* monotonic() -> seconds since some moment; never set back */
static int monotonic (lua_State *L) {
  lua_pushnumber(L, (lua_Number)ba_now() / 1e6);
  return 1;
}

/* getpid() -> the number of this process */
static int own_pid (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)getpid());
  return 1;
}

void ba_host_system_open (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"random", random_bytes}, {"random_fraction", random_fraction},
    {"monotonic", monotonic}, {"getpid", own_pid}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
