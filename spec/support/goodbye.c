/* SPDX-License-Identifier: MIT */
/* TLS's goodbye (close_notify), which neither cqueues nor luaossl can say:
   goodbye(ssl) of luaossl's object. Without OpenSSL's headers, and by the
   library that luaossl has loaded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <lauxlib.h>
#include <lua.h>

int luaopen_goodbye (lua_State *L);

static int goodbye (lua_State *L) {
  void **ssl = luaL_checkudata(L, 1, "SSL*");
  void *library = dlopen("libssl.so.3", RTLD_LAZY | RTLD_NOLOAD);
  int (*say) (void *) = NULL;
  if (library) *(void **)&say = dlsym(library, "SSL_shutdown");
  if (!say) return luaL_error(L, "no SSL_shutdown in libssl.so.3");
  lua_pushinteger(L, say(*ssl));
  dlclose(library);
  return 1;
}

int luaopen_goodbye (lua_State *L) {
  lua_pushcfunction(L, goodbye);
  return 1;
}
