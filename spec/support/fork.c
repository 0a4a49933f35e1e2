/* SPDX-License-Identifier: MIT */
/* fork, waitpid, _exit, pause, rusage and alarms for specs: what Lua lacks. */

#include <lauxlib.h>
#include <lua.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

/* fork() --> 0 in the child, which dies with its parent; its pid there */
static int do_fork (lua_State *L) {
  pid_t pid = fork();
  if (pid == 0)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  lua_pushinteger(L, (lua_Integer)pid);
  return 1;
}

/* wait(pid) --> exit code, or 128 + signal */
static int do_wait (lua_State *L) {
  int status = 0;
  if (waitpid((pid_t)luaL_checkinteger(L, 1), &status, 0) < 0)
    return 0;
  lua_pushinteger(L, WIFSIGNALED(status) ? 128 + WTERMSIG(status)
                                         : WEXITSTATUS(status));
  return 1;
}

/* exit(code): at once, nothing is closed or collected */
static int do_exit (lua_State *L) {
  _exit((int)luaL_checkinteger(L, 1));
}

/* pause(): until a signal ends the process */
static int do_pause (lua_State *L) {
  (void)L;
  return pause(), 0;
}

static int do_kill (lua_State *L) {
  lua_pushboolean(L, kill((pid_t)luaL_checkinteger(L, 1),
                          (int)luaL_checkinteger(L, 2)) == 0);
  return 1;
}

/* cpu() --> seconds of CPU of this process, and of its children waited for */
static int do_cpu (lua_State *L) {
  static const int who[] = {RUSAGE_SELF, RUSAGE_CHILDREN};
  for (int i = 0; i < 2; i++) {
    struct rusage r;
    getrusage(who[i], &r);
    lua_pushnumber(L, (lua_Number)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) +
      (lua_Number)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6);
  }
  return 2;
}

static lua_State *alarmed;

static void run_alarm (lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  lua_getfield(L, LUA_REGISTRYINDEX, "fork.alarm");
  lua_call(L, 0, 0);
}

static void on_alarm (int number) {
  (void)number;
  lua_sethook(alarmed, run_alarm, LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT,
              1);
}

/* alarm(ms, f): calls f from a hook when a signal has come, as the libraries
   of signals do */
static int do_alarm (lua_State *L) {
  long ms = (long)luaL_checkinteger(L, 1);
  struct itimerval when = {{0, 0}, {ms / 1000, ms % 1000 * 1000}};
  lua_settop(L, 2);
  lua_setfield(L, LUA_REGISTRYINDEX, "fork.alarm");
  alarmed = L;
  signal(SIGALRM, on_alarm);
  setitimer(ITIMER_REAL, &when, NULL);
  return 0;
}

int luaopen_fork (lua_State *L);
int luaopen_fork (lua_State *L) {
  static const struct { const char *name; lua_CFunction f; } all[] = {
    {"fork", do_fork}, {"wait", do_wait}, {"exit", do_exit},
    {"pause", do_pause}, {"kill", do_kill}, {"cpu", do_cpu},
    {"alarm", do_alarm}
  };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    lua_pushcfunction(L, all[i].f);
    lua_setfield(L, -2, all[i].name);
  }
  return 1;
}
