/* SPDX-License-Identifier: MIT */
/* Runs a Lua program in several Lua states at once, a thread for each:
   `states <threads> <program> [<argument> …]` */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 16 };

static char **arguments;

static void *run (void *failed) {
  lua_State *L = luaL_newstate();
  int i;
  luaL_openlibs(L);
  if (luaL_loadfile(L, arguments[2]) == 0) {
    for (i = 3; arguments[i]; i++)
      lua_pushstring(L, arguments[i]);
    if (lua_pcall(L, i - 3, 0, 0) == 0) {
      lua_close(L);
      return NULL;
    }
  }
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  *(int *)failed = 1;
  lua_close(L);
  return NULL;
}

int main (int count, char **words) {
  pthread_t threads[MOST];
  int failed[MOST] = {0};
  int i, n, bad = 0;
  if (count < 3) return 2;
  arguments = words;
  n = atoi(words[1]) < MOST ? atoi(words[1]) : MOST;
  for (i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, run, &failed[i])) return 2;
  for (i = 0; i < n; i++) {
    pthread_join(threads[i], NULL);
    bad |= failed[i];
  }
  return bad;
}
