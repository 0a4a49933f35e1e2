/* SPDX-License-Identifier: MIT */
/* Random numbers, the clock, the number and the streams of this process. */
#include "system.h"
#include "host_common.h"

#include "poller.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

enum { RANDOM_MAX = 1024, RANDOM_HEX_MAX = 64 };

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

/* random_hex(n) -> such n bytes as 2n digits, for names and marks */
static int random_hex (lua_State *L) {
  static const struct ba_range size = {"n", 1, RANDOM_HEX_MAX};
  unsigned char bytes[RANDOM_HEX_MAX];
  char digits[2 * RANDOM_HEX_MAX + 1], *to = digits;
  int i, n, code;
  lua_settop(L, 1);
  n = ba_host_check_whole(L, 1, &size);
  code = fill_random(bytes, (size_t)n);
  if (code) return ba_host_fail(L, "random", code);
  for (i = 0; i < n; i++, to += 2)
    snprintf(to, 3, "%02x", bytes[i]);
  lua_pushlstring(L, digits, 2 * (size_t)n);
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

/* fill_streams() -> true; /dev/null where a standard stream is closed: what is
   opened later would get its number, and lines that are meant for it. It is
   there to read: what is written to a closed stream still fails (EBADF). */
static int fill_streams (lua_State *L) {
  int fd;
  for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) < 0)
      return ba_host_fail(L, "/dev/null", errno);
  return ba_host_report(L, "/dev/null", 0);
}

/* outlive_limit() -> true; a file that may grow no more (ulimit -f) is a
   failure (EFBIG), not the end of the process */
static int outlive_limit (lua_State *L) {
  bool failed = signal(SIGXFSZ, SIG_IGN) == SIG_ERR;
  return ba_host_report(L, "SIGXFSZ", failed ? errno : 0);
}

void ba_host_system_open (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"random", random_bytes}, {"random_hex", random_hex},
    {"random_fraction", random_fraction},
    {"monotonic", monotonic}, {"getpid", own_pid},
    {"fill_streams", fill_streams}, {"outlive_limit", outlive_limit},
    {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
