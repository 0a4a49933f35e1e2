/* SPDX-License-Identifier: MIT */
/* The terminal: its width, and a line that is read without echo. */
#include "system.h"
#include "host_common.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#define LINE_CLASS "botapi.line"

enum { LINE_MAX_LEN = 4096 };   /* a terminal's line is no longer */

/* In a userdata: wiped whatever ends the function. */
struct line {
  size_t len;
  char text[LINE_MAX_LEN];
};

struct terminal {
  int in;
  int out;
  int signals;                  /* readable while one of them is pending */
  bool silenced;                /* saved is to be restored */
  struct termios saved;
};

/* --- a line without echo; these return 0 or an errno --------------------- */

/* Those that a person or a supervisor sends: their handlers run afterwards. */
static bool is_request (int signal) {
  return signal == SIGHUP || signal == SIGINT || signal == SIGQUIT
         || signal == SIGTERM || signal == SIGALRM || signal == SIGTSTP;
}

/* Those that end or stop nothing by themselves, or stop who is in the
   background before it touches the terminal. */
static bool is_harmless (int signal) {
  return signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH
         || signal == SIGCONT || signal == SIGTTIN || signal == SIGTTOU;
}

/* What would end or stop the process while the terminal is silent. */
static void choose_signals (const sigset_t *blocked, sigset_t *chosen) {
  int i;
  sigemptyset(chosen);
  for (i = 1; i < NSIG; i++) {
    struct sigaction now;
    if (is_harmless(i) || sigismember(blocked, i) != 0) continue;
    if (sigaction(i, NULL, &now) != 0 || now.sa_handler == SIG_IGN) continue;
    if (is_request(i) || now.sa_handler == SIG_DFL) sigaddset(chosen, i);
  }
}

static int silence (struct terminal *t) {
  struct termios quiet;
  if (tcgetattr(t->in, &t->saved) != 0) return 0;       /* no terminal */
  quiet = t->saved;
  quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
  t->silenced = true;
  return tcsetattr(t->in, TCSAFLUSH, &quiet) == 0 ? 0 : errno;
}

static void restore (struct terminal *t) {
  if (!t->silenced) return;
  t->silenced = false;
  tcsetattr(t->in, TCSAFLUSH, &t->saved);
  ba_host_write(t->out, "\n", 1);       /* the one that wasn't echoed */
}

static int await_input (const struct terminal *t) {
  struct pollfd fds[2] = {{t->in, POLLIN, 0}, {t->signals, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0)
    if (errno != EINTR && errno != EAGAIN) return errno;
  return fds[1].revents ? EINTR : 0;
}

/* A byte at a time: what follows the line is left to others. */
static int read_line (const struct terminal *t, struct line *line) {
  line->len = 0;
  while (line->len < sizeof line->text) {
    char *at = line->text + line->len;
    int code = await_input(t);
    ssize_t n = code ? 0 : read(t->in, at, 1);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (code || n < 0) return code ? code : errno;
    if (n == 0) return line->len > 0 ? 0 : ENODATA;
    if (*at == '\n') return 0;
    line->len++;
  }
  return EMSGSIZE;
}

static int prompt_for (struct terminal *t, const char *prompt,
                       struct line *line) {
  int code = silence(t);
  if (!code) code = ba_host_write(t->out, prompt, strlen(prompt));
  if (!code) code = read_line(t, line);
  restore(t);
  return code;
}

/* Signals wait until the terminal is as it was, and then do what they do.
   EAGAIN: the process was stopped (^Z) and goes on. */
static int ask (struct terminal *t, const char *prompt, struct line *line) {
  sigset_t before, chosen, pending;
  int code;
  pthread_sigmask(SIG_BLOCK, NULL, &before);
  choose_signals(&before, &chosen);
  pthread_sigmask(SIG_BLOCK, &chosen, NULL);
  t->signals = signalfd(-1, &chosen, SFD_CLOEXEC);
  code = t->signals < 0 ? errno : prompt_for(t, prompt, line);
  sigpending(&pending);
  if (code == EINTR && sigismember(&chosen, SIGTSTP)
      && sigismember(&pending, SIGTSTP))
    code = EAGAIN;
  if (t->signals >= 0) close(t->signals);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

/* A process without a terminal of its own has stdin and stderr. */
static int ask_someone (const char *prompt, struct line *line) {
  int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  struct terminal t;
  int code;
  memset(&t, 0, sizeof t);
  t.in = fd >= 0 ? fd : STDIN_FILENO;
  t.out = fd >= 0 ? fd : STDERR_FILENO;
  do {
    code = ask(&t, prompt, line);
  } while (code == EAGAIN);
  if (fd >= 0) close(fd);
  return code;
}

/* --- functions ----------------------------------------------------------- */

static int wipe_line (lua_State *L) {
  struct line *line = luaL_checkudata(L, 1, LINE_CLASS);
  explicit_bzero(line, sizeof *line);
  return 0;
}

/* read_secret(prompt) -> the line, without its end */
static int read_secret (lua_State *L) {
  struct line *line;
  const char *prompt;
  int code;
  lua_settop(L, 1);
  prompt = ba_host_check_path(L, 1, "prompt");
  line = lua_newuserdata(L, sizeof *line);
  line->len = 0;
  luaL_setmetatable(L, LINE_CLASS);
  code = ask_someone(prompt, line);
  if (code) return ba_host_fail(L, "terminal", code);
  lua_pushlstring(L, line->text, line->len);
  explicit_bzero(line, sizeof *line);
  return 1;
}

static int check_descriptor (lua_State *L) {
  static const struct ba_range descriptor = {"fd", 0, INT_MAX};
  lua_settop(L, 1);
  return ba_host_check_whole(L, 1, &descriptor);
}

/* isatty(fd) -> boolean */
static int is_terminal (lua_State *L) {
  lua_pushboolean(L, isatty(check_descriptor(L)));
  return 1;
}

/* columns(fd) -> the width of that terminal */
static int columns (lua_State *L) {
  struct winsize size;
  if (ioctl(check_descriptor(L), TIOCGWINSZ, &size) != 0)
    return ba_host_fail(L, "terminal", errno);
  if (size.ws_col == 0)         /* it doesn't know, as on a serial line */
    return ba_host_fail(L, "terminal", ENODATA);
  lua_pushinteger(L, (lua_Integer)size.ws_col);
  return 1;
}

void ba_host_terminal_open (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"read_secret", read_secret}, {"isatty", is_terminal},
    {"columns", columns}, {NULL, NULL}};
  static const luaL_Reg meta[] = {{"__gc", wipe_line}, {NULL, NULL}};
  ba_new_class(L, LINE_CLASS, meta, NULL);
  luaL_setfuncs(L, functions, 0);
}
