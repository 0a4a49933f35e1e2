/* SPDX-License-Identifier: MIT */
/* fork, waitpid, _exit, pause, rusage, alarms and descriptors for specs: what
   Lua lacks. */
#define _GNU_SOURCE

#include <lauxlib.h>
#include <lua.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
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

/* clone() --> as fork, by the system call alone, which nobody hears of, into a
   namespace of its own, where its pid is 1 */
static int do_clone (lua_State *L) {
  long pid = syscall(SYS_clone, (unsigned long)(SIGCHLD | CLONE_NEWPID), 0UL,
                     0UL, 0UL, 0UL);
  if (pid == 0)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
  lua_pushinteger(L, (lua_Integer)pid);
  return 1;
}

/* unshare(): the children of this process are in a namespace of their own */
static int do_unshare (lua_State *L) {
  lua_pushboolean(L, unshare(CLONE_NEWPID) == 0);
  return 1;
}

/* pid() */
static int do_pid (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)getpid());
  return 1;
}

/* close_from(n): each descriptor from n on */
static int do_close_from (lua_State *L) {
  for (int fd = (int)luaL_checkinteger(L, 1); fd < 1024; fd++)
    close(fd);
  return 0;
}

/* open(kind) --> a descriptor of it, on the lowest number that is free */
static int do_open (lua_State *L) {
  const char *kind = luaL_checkstring(L, 1);
  int fd = -1, pair[2];
  if (strcmp(kind, "socket") == 0)
    fd = socket(AF_INET, SOCK_STREAM, 0);
  else if (strcmp(kind, "pipe") == 0)
    fd = pipe(pair) == 0 && dup2(pair[1], 1000) == 1000
         && close(pair[1]) == 0 ? pair[0] : -1;
  else if (strcmp(kind, "epoll") == 0)
    fd = epoll_create1(0);
  else if (strcmp(kind, "eventfd") == 0)
    fd = eventfd(0, 0);
  else if (strcmp(kind, "timerfd") == 0)
    fd = timerfd_create(CLOCK_MONOTONIC, 0);
  else
    fd = open(kind, O_RDWR | O_CREAT | O_APPEND, 0600);
  lua_pushinteger(L, fd);
  return 1;
}

/* forbid(): from now on no process and no thread can be made here (EPERM), as
   in a sandbox */
static int do_forbid (lua_State *L) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 2, 0),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 2, 0),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS)
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  lua_pushboolean(L, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
                     && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)
                        == 0);
  return 1;
}

/* is_open(fd) */
static int do_is_open (lua_State *L) {
  lua_pushboolean(L, fcntl((int)luaL_checkinteger(L, 1), F_GETFD) >= 0);
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
    {"alarm", do_alarm},
    {"clone", do_clone}, {"unshare", do_unshare}, {"pid", do_pid},
    {"close_from", do_close_from}, {"open", do_open},
    {"is_open", do_is_open}, {"forbid", do_forbid}
  };
  lua_newtable(L);
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    lua_pushcfunction(L, all[i].f);
    lua_setfield(L, -2, all[i].name);
  }
  return 1;
}
