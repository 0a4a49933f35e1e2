/* SPDX-License-Identifier: MIT */
/* A Lua module for the process that it is in: a timer that sends it SIGALRM
   every so many microseconds, to a handler that counts. */
#define _GNU_SOURCE
#include <lauxlib.h>
#include <lua.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>

static volatile sig_atomic_t count;

static void on_alarm (int number) {
  (void)number;
  count++;
}

/* start(microseconds): 0 ends it; how many have come so far */
static int start (lua_State *L) {
  long us = (long)luaL_checkinteger(L, 1);
  struct itimerval every;
  struct sigaction act;
  memset(&act, 0, sizeof act);
  act.sa_handler = on_alarm;
  sigaction(SIGALRM, &act, NULL);
  every.it_value.tv_sec = every.it_interval.tv_sec = 0;
  every.it_value.tv_usec = every.it_interval.tv_usec = us;
  setitimer(ITIMER_REAL, &every, NULL);
  lua_pushinteger(L, count);
  return 1;
}

int luaopen_alarms (lua_State *L);

int luaopen_alarms (lua_State *L) {
  lua_pushcfunction(L, start);
  return 1;
}
