/* SPDX-License-Identifier: MIT */
/* What the functions of the host share: arguments, results, writing. */
#include "system.h"
#include "host_common.h"

#include "quiet.h"
#include "raise.h"

#include <errno.h>
#include <string.h>

BA_NORETURN
static void wrong_type (lua_State *L, int arg, const char *name,
                        const char *want) {
  ba_raise_arg(L, arg, lua_pushfstring(L, "%s: %s expected, got %s", name,
                                       want, luaL_typename(L, arg)));
}

const char *ba_host_check_text (lua_State *L, int arg, const char *name,
                                size_t *len) {
  if (lua_type(L, arg) != LUA_TSTRING) wrong_type(L, arg, name, "a string");
  return lua_tolstring(L, arg, len);
}

const char *ba_host_check_path (lua_State *L, int arg, const char *name) {
  size_t len;
  const char *path = ba_host_check_text(L, arg, name, &len);
  if (strlen(path) != len)
    ba_raise_arg(L, arg, lua_pushfstring(L, "%s: holds a NUL byte", name));
  return path;
}

int ba_host_check_whole (lua_State *L, int arg, const struct ba_range *range) {
  lua_Number n = lua_tonumber(L, arg);
  if (lua_type(L, arg) != LUA_TNUMBER)
    wrong_type(L, arg, range->name, "a whole number");
  if (!((lua_Number)range->min <= n && n <= (lua_Number)range->max)
      || (lua_Number)(int)n != n)
    ba_raise_arg(L, arg, lua_pushfstring(L,
      "%s: a whole number from %d to %d expected", range->name, range->min,
      range->max));
  return (int)n;
}

int ba_host_fail (lua_State *L, const char *what, int code) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", what, strerror(code));
  lua_pushinteger(L, code);
  return 3;
}

int ba_host_report (lua_State *L, const char *what, int code) {
  if (code) return ba_host_fail(L, what, code);
  lua_pushboolean(L, 1);
  return 1;
}

int ba_host_write (int fd, const char *bytes, size_t len) {
  while (len > 0) {
    ssize_t n = ba_quiet_write(fd, bytes, len);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes += n;
    len -= (size_t)n;
  }
  return 0;
}
