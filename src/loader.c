/* SPDX-License-Identifier: MIT */
/* botapi/core.so: opens binding.so beside it. Lua opens modules with RTLD_NOW,
   which looks up each function of libcurl's libraries, half of what a process
   of one call takes; this one is small, and opens the other by RTLD_LAZY. */
#include "system.h"
#include "raise.h"

#include <lua.h>

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define OPEN "luaopen_botapi_core"
#define BINDING "binding.so"

__attribute__((visibility("default")))
int luaopen_botapi_core (lua_State *L);

/* The path of binding.so, in the directory of the file that this is in. */
static int beside (char path[PATH_MAX]) {
  union { lua_CFunction function; const void *address; } here;
  const char *slash;
  int length;
  Dl_info info;
  here.function = luaopen_botapi_core;
  if (!dladdr(here.address, &info) || !info.dli_fname) return 0;
  slash = strrchr(info.dli_fname, '/');
  length = slash ? (int)(slash + 1 - info.dli_fname) : 0;
  return snprintf(path, PATH_MAX, "%.*s" BINDING, length,
                  info.dli_fname) < PATH_MAX;
}

int luaopen_botapi_core (lua_State *L) {
  union { void *address; lua_CFunction function; } open;
  char path[PATH_MAX] = BINDING;
  void *binding = beside(path) ? dlopen(path, RTLD_LAZY) : NULL;
  open.address = binding ? dlsym(binding, OPEN) : NULL;
  if (!open.address) ba_raise_text(L, "botapi: %s", dlerror());
  return open.function(L);
}
