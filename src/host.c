/* SPDX-License-Identifier: MIT */
/* Owns what Lua lacks and the tools need of the operating system: files
   that survive a crash, locks, a line without echo, chance, clock, pids. */
#include "system.h"
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "compat.h"
#include "raise.h"

#define BA_FILE "botapi.file"
#define BA_LOCK "botapi.lock"
#define BA_SECRET "botapi.secret"

enum {
  OWNER_ONLY = 0600,            /* files and locks; directories: 0700 */
  RANDOM_MAX = 1024,            /* bytes of one random() */
  LINE_MAX_LEN = 4096           /* a terminal's line is no longer */
};

/* A file or a lock: a descriptor and the path that messages name. */
struct handle {
  int fd;                       /* -1: closed */
  char path[];
};

struct secret {
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

/* --- arguments ---------------------------------------------------------- */

BA_NORETURN
static void wrong (lua_State *L, int i, const char *name, const char *want) {
  const char *got = luaL_typename(L, i);
  ba_raise_arg(L, i,
    lua_pushfstring(L, "%s: %s expected, got %s", name, want, got));
}

static const char *check_text (lua_State *L, int i, const char *name,
                               size_t *len) {
  if (lua_type(L, i) != LUA_TSTRING)
    wrong(L, i, name, "a string");
  return lua_tolstring(L, i, len);
}

static const char *check_path (lua_State *L, int i, const char *name) {
  size_t len;
  const char *path = check_text(L, i, name, &len);
  if (memchr(path, '\0', len) != NULL)
    ba_raise_arg(L, i, lua_pushfstring(L, "%s: holds a NUL byte", name));
  return path;
}

struct whole { const char *name; int min, max; };

static int check_whole (lua_State *L, int i, const struct whole *want) {
  lua_Number n = lua_tonumber(L, i);
  if (lua_type(L, i) != LUA_TNUMBER)
    wrong(L, i, want->name, "a whole number");
  if (!((lua_Number)want->min <= n && n <= (lua_Number)want->max)
      || (lua_Number)(int)n != n)
    ba_raise_arg(L, i, lua_pushfstring(L,
      "%s: a whole number from %d to %d expected", want->name, want->min,
      want->max));
  return (int)n;
}

static const struct whole FD = {"fd", 0, INT_MAX};

/* --- results ------------------------------------------------------------ */

/* The world's failure; `what` is a path or the name of a thing. */
static int fail (lua_State *L, const char *what, int code) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: %s", what, strerror(code));
  lua_pushinteger(L, code);
  return 3;
}

static int report (lua_State *L, const char *what, int code) {
  if (code != 0)
    return fail(L, what, code);
  lua_pushboolean(L, 1);
  return 1;
}

/* --- descriptors; these return 0 or an errno ---------------------------- */

static int write_all (int fd, const char *bytes, size_t len) {
  while (len > 0) {
    ssize_t n = write(fd, bytes, len);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno;
    bytes += n;
    len -= (size_t)n;
  }
  return 0;
}

static int sync_file (int fd) {
  int code;
  do {
    code = fsync(fd) == 0 ? 0 : errno;
  } while (code == EINTR);
  return code;
}

/* The directory that has the entry `path`, into dir[PATH_MAX]. */
static int parent_of (const char *path, char *dir) {
  const char *slash = strrchr(path, '/');
  size_t len = slash == NULL ? 1 : (size_t)(slash - path);
  if (slash == NULL)
    path = ".";
  if (len == 0)
    len = 1;                    /* the root itself */
  if (len >= PATH_MAX)
    return ENAMETOOLONG;
  memcpy(dir, path, len);
  dir[len] = '\0';
  return 0;
}

/* A new name is safe only when its directory is on the disk, too. */
static int sync_parent (const char *path) {
  char dir[PATH_MAX];
  int fd, code = parent_of(path, dir);
  if (code != 0)
    return code;
  fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0)
    return errno == EACCES ? 0 : errno;   /* may write there but not read */
  code = sync_file(fd);
  close(fd);
  return code == EINVAL ? 0 : code;       /* a file system without it */
}

/* --- handles ------------------------------------------------------------ */

/* A closed one, that owns whatever is opened next. */
static struct handle *push_handle (lua_State *L, const char *class,
                                   const char *path) {
  size_t size = strlen(path) + 1;
  struct handle *h = lua_newuserdata(L, sizeof *h + size);
  h->fd = -1;
  memcpy(h->path, path, size);
  luaL_setmetatable(L, class);
  return h;
}

static int close_handle (struct handle *h) {
  int fd = h->fd;
  h->fd = -1;
  if (fd < 0 || close(fd) == 0)
    return 0;
  return errno == EINTR ? 0 : errno;    /* Linux has closed it by then */
}

static struct handle *check_open (lua_State *L) {
  struct handle *h = luaL_checkudata(L, 1, BA_FILE);
  if (h->fd < 0)
    ba_raise_arg(L, 1, "file: is closed");
  return h;
}

static int describe (lua_State *L, const char *class, const char *closed) {
  struct handle *h = luaL_checkudata(L, 1, class);
  lua_pushfstring(L, "%s (%s)", class, h->fd < 0 ? closed : h->path);
  return 1;
}

/* --- files -------------------------------------------------------------- */

static int open_file (lua_State *L, int flags) {
  const char *path;
  struct handle *h;
  int code;
  lua_settop(L, 1);
  path = check_path(L, 1, "path");
  h = push_handle(L, BA_FILE, path);
  h->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC
               | flags, OWNER_ONLY);
  if (h->fd < 0)
    return fail(L, path, errno);
  code = sync_parent(path);
  if (code == 0)
    return 1;
  close_handle(h);
  return fail(L, path, code);
}

/* append(path) -> file; made if it isn't there */
static int file_append (lua_State *L) {
  return open_file(L, 0);
}

/* create(path) -> file; fails if it is there */
static int file_create (lua_State *L) {
  return open_file(L, O_EXCL);
}

/* file:write(text) -> true; all of it, or a failure */
static int file_write (lua_State *L) {
  struct handle *h;
  size_t len;
  const char *text;
  lua_settop(L, 2);
  h = check_open(L);
  text = check_text(L, 2, "text", &len);
  return report(L, h->path, write_all(h->fd, text, len));
}

/* file:sync() -> true; what was written is on the disk */
static int file_sync (lua_State *L) {
  struct handle *h = check_open(L);
  return report(L, h->path, sync_file(h->fd));
}

static int file_close (lua_State *L) {
  struct handle *h = luaL_checkudata(L, 1, BA_FILE);
  return report(L, h->path, close_handle(h));
}

static int file_tostring (lua_State *L) {
  return describe(L, BA_FILE, "closed");
}

/* rename(from, to) -> true; replaces `to` in one step */
static int move_file (lua_State *L) {
  const char *from, *to;
  int code;
  lua_settop(L, 2);
  from = check_path(L, 1, "from");
  to = check_path(L, 2, "to");
  if (rename(from, to) != 0)
    return fail(L, from, errno);
  code = sync_parent(to);
  if (code == 0)
    code = sync_parent(from);
  return report(L, to, code);
}

/* mode(path) -> the permission bits, "file" or "directory" or "other" */
static int file_mode (lua_State *L) {
  struct stat info;
  const char *path;
  lua_settop(L, 1);
  path = check_path(L, 1, "path");
  if (stat(path, &info) != 0)
    return fail(L, path, errno);
  lua_pushinteger(L, (lua_Integer)(info.st_mode & 07777));
  lua_pushstring(L, S_ISREG(info.st_mode) ? "file"
                    : S_ISDIR(info.st_mode) ? "directory" : "other");
  return 2;
}

/* chmod(path, bits) -> true */
static int change_mode (lua_State *L) {
  static const struct whole any_bits = {"bits", 0, 07777};
  const char *path;
  mode_t bits;
  lua_settop(L, 2);
  path = check_path(L, 1, "path");
  bits = (mode_t)check_whole(L, 2, &any_bits);
  return report(L, path, chmod(path, bits) == 0 ? 0 : errno);
}

/* --- directories -------------------------------------------------------- */

static int make_directory (const char *path) {
  struct stat info;
  int code;
  if (mkdir(path, 0700) == 0)
    return sync_parent(path);
  code = errno;
  if (stat(path, &info) != 0)
    return code;
  return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

/* Each directory on the way to `path`, which is cut and put together. */
static int make_directories (char *path) {
  char *at = path;
  int code = 0;
  while (code == 0 && *at != '\0') {
    char end;
    at += strspn(at, "/");
    at += strcspn(at, "/");
    end = *at;
    *at = '\0';
    code = make_directory(path);
    *at = end;
    at += strspn(at, "/");
  }
  return code;
}

/* mkdir_p(path) -> true; new ones are the owner's alone */
static int make_path (lua_State *L) {
  char copy[PATH_MAX];
  const char *path;
  size_t size;
  lua_settop(L, 1);
  path = check_path(L, 1, "path");
  size = strlen(path) + 1;
  if (size == 1)
    return fail(L, "mkdir_p", ENOENT);
  if (size > sizeof copy)
    return fail(L, "mkdir_p", ENAMETOOLONG);
  memcpy(copy, path, size);
  return report(L, path, make_directories(copy));
}

/* --- locks -------------------------------------------------------------- */

/* Who wrote its number into the lock file; 0: not known. */
static int holder_of (int fd) {
  char text[16];
  long pid;
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = '\0';
  pid = strtol(text, NULL, 10);
  return 0 < pid && pid <= INT_MAX ? (int)pid : 0;
}

/* Only for people: the lock is the kernel's, whatever the file says. */
static void sign (int fd) {
  char text[16];
  int len = snprintf(text, sizeof text, "%d\n", (int)getpid());
  if (ftruncate(fd, 0) == 0)
    write_all(fd, text, (size_t)len);
}

static int refuse_lock (lua_State *L, struct handle *h, int code) {
  int pid = code == EWOULDBLOCK ? holder_of(h->fd) : 0;
  close_handle(h);
  if (pid == 0)
    return fail(L, h->path, code);
  lua_pushnil(L);
  lua_pushfstring(L, "%s: in use by process %d", h->path, pid);
  lua_pushinteger(L, code);
  lua_pushinteger(L, pid);
  return 4;
}

/* lock(path) -> lock | nil, message, errno [, pid of the holder] */
static int take_lock (lua_State *L) {
  const char *path;
  struct handle *h;
  lua_settop(L, 1);
  path = check_path(L, 1, "path");
  h = push_handle(L, BA_LOCK, path);
  h->fd = open(path, O_RDWR | O_CREAT | O_NOCTTY | O_CLOEXEC, OWNER_ONLY);
  if (h->fd < 0)
    return fail(L, path, errno);
  if (flock(h->fd, LOCK_EX | LOCK_NB) != 0)
    return refuse_lock(L, h, errno);
  sign(h->fd);
  return 1;
}

/* The file stays: who unlinks it could unlink another one's lock. */
static int lock_release (lua_State *L) {
  struct handle *h = luaL_checkudata(L, 1, BA_LOCK);
  return report(L, h->path, close_handle(h));
}

static int lock_tostring (lua_State *L) {
  return describe(L, BA_LOCK, "released");
}

/* --- a line without echo ------------------------------------------------ */

static int secret_wipe (lua_State *L) {
  struct secret *secret = luaL_checkudata(L, 1, BA_SECRET);
  explicit_bzero(secret, sizeof *secret);
  return 0;
}

static struct secret *push_secret (lua_State *L) {
  struct secret *secret = lua_newuserdata(L, sizeof *secret);
  secret->len = 0;
  luaL_setmetatable(L, BA_SECRET);
  return secret;
}

/* Without a terminal of its own, `fd`, a process has stdin and stderr. */
static void use_terminal (struct terminal *t, int fd) {
  t->in = fd >= 0 ? fd : STDIN_FILENO;
  t->out = fd >= 0 ? fd : STDERR_FILENO;
  t->signals = -1;
  t->silenced = false;
}

/* What would end or stop the process while the terminal is silent. */
static void choose_signals (const sigset_t *blocked, sigset_t *chosen) {
  static const int each[] = {
    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGALRM, SIGTSTP
  };
  size_t i;
  sigemptyset(chosen);
  for (i = 0; i < sizeof each / sizeof *each; i++) {
    struct sigaction now;
    if (sigismember(blocked, each[i]) != 0
        || sigaction(each[i], NULL, &now) != 0
        || now.sa_handler == SIG_IGN)
      continue;
    sigaddset(chosen, each[i]);
  }
}

static int silence (struct terminal *t) {
  struct termios quiet;
  if (tcgetattr(t->in, &t->saved) != 0)
    return 0;                   /* no terminal, no echo */
  quiet = t->saved;
  quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
  t->silenced = true;
  return tcsetattr(t->in, TCSAFLUSH, &quiet) == 0 ? 0 : errno;
}

static void restore (struct terminal *t) {
  if (!t->silenced)
    return;
  t->silenced = false;
  tcsetattr(t->in, TCSAFLUSH, &t->saved);
  write_all(t->out, "\n", 1);   /* the one that wasn't echoed */
}

static int await_input (const struct terminal *t) {
  struct pollfd fds[2] = {{t->in, POLLIN, 0}, {t->signals, POLLIN, 0}};
  while (poll(fds, 2, -1) < 0)
    if (errno != EINTR && errno != EAGAIN)
      return errno;
  return fds[1].revents != 0 ? EINTR : 0;
}

/* A byte at a time: what follows the line is left to others. */
static int read_line (const struct terminal *t, struct secret *secret) {
  secret->len = 0;
  while (secret->len < sizeof secret->text) {
    char *at = secret->text + secret->len;
    int code = await_input(t);
    ssize_t n = code == 0 ? read(t->in, at, 1) : 0;
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (code != 0 || n < 0)
      return code != 0 ? code : errno;
    if (n == 0)
      return secret->len > 0 ? 0 : ENODATA;
    if (*at == '\n')
      return 0;
    secret->len++;
  }
  return EMSGSIZE;
}

static int converse (struct terminal *t, const char *prompt,
                     struct secret *secret) {
  int code = silence(t);
  if (code == 0)
    code = write_all(t->out, prompt, strlen(prompt));
  if (code == 0)
    code = read_line(t, secret);
  restore(t);
  return code;
}

/* Signals wait until the terminal is as it was, and then do what they do.
   EAGAIN: the process was stopped (^Z) and goes on. */
static int ask (struct terminal *t, const char *prompt,
                struct secret *secret) {
  sigset_t before, chosen, pending;
  int code;
  pthread_sigmask(SIG_BLOCK, NULL, &before);
  choose_signals(&before, &chosen);
  pthread_sigmask(SIG_BLOCK, &chosen, NULL);
  t->signals = signalfd(-1, &chosen, SFD_CLOEXEC);
  code = t->signals < 0 ? errno : converse(t, prompt, secret);
  sigpending(&pending);
  if (code == EINTR && sigismember(&chosen, SIGTSTP)
      && sigismember(&pending, SIGTSTP))
    code = EAGAIN;
  if (t->signals >= 0)
    close(t->signals);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return code;
}

/* read_secret(prompt) -> the line, without its end */
static int read_secret (lua_State *L) {
  struct terminal terminal;
  struct secret *secret;
  const char *prompt;
  int code, fd;
  lua_settop(L, 1);
  prompt = check_path(L, 1, "prompt");
  secret = push_secret(L);
  fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
  use_terminal(&terminal, fd);
  do {
    code = ask(&terminal, prompt, secret);
  } while (code == EAGAIN);
  if (fd >= 0)
    close(fd);
  if (code != 0)
    return fail(L, "terminal", code);
  lua_pushlstring(L, secret->text, secret->len);
  explicit_bzero(secret, sizeof *secret);
  return 1;
}

/* --- the terminal ------------------------------------------------------- */

/* isatty(fd) -> boolean */
static int is_terminal (lua_State *L) {
  int fd;
  lua_settop(L, 1);
  fd = check_whole(L, 1, &FD);
  lua_pushboolean(L, isatty(fd));
  return 1;
}

/* columns(fd) -> the width of that terminal */
static int columns (lua_State *L) {
  struct winsize size;
  int fd;
  lua_settop(L, 1);
  fd = check_whole(L, 1, &FD);
  if (ioctl(fd, TIOCGWINSZ, &size) != 0)
    return fail(L, "terminal", errno);
  if (size.ws_col == 0)         /* it doesn't know, as on a serial line */
    return fail(L, "terminal", ENODATA);
  lua_pushinteger(L, (lua_Integer)size.ws_col);
  return 1;
}

/* --- chance, clock, processes ------------------------------------------- */

static int fill_random (void *bytes, size_t len) {
  unsigned char *at = bytes;
  while (len > 0) {
    ssize_t n = getrandom(at, len, 0);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno;
    at += n;
    len -= (size_t)n;
  }
  return 0;
}

/* random(n) -> n bytes from the system's source */
static int random_bytes (lua_State *L) {
  static const struct whole size = {"n", 1, RANDOM_MAX};
  char bytes[RANDOM_MAX];
  int n, code;
  lua_settop(L, 1);
  n = check_whole(L, 1, &size);
  code = fill_random(bytes, (size_t)n);
  if (code != 0)
    return fail(L, "random", code);
  lua_pushlstring(L, bytes, (size_t)n);
  return 1;
}

/* random_fraction() -> a number of 53 random bits, 0 <= it < 1 */
static int random_fraction (lua_State *L) {
  uint64_t bits;
  int code = fill_random(&bits, sizeof bits);
  if (code != 0)
    return fail(L, "random", code);
  lua_pushnumber(L, (lua_Number)(bits >> 11) / 9007199254740992.0);
  return 1;
}

/* monotonic() -> seconds since some moment; never set back */
static int monotonic (lua_State *L) {
  struct timespec now;
  if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
    return fail(L, "clock", errno);
  lua_pushnumber(L, (lua_Number)now.tv_sec + (lua_Number)now.tv_nsec / 1e9);
  return 1;
}

/* getpid() -> the number of this process */
static int own_pid (lua_State *L) {
  lua_pushinteger(L, (lua_Integer)getpid());
  return 1;
}

/* alive(pid) -> boolean; another user's process is alive, too */
static int is_alive (lua_State *L) {
  static const struct whole any_pid = {"pid", 1, INT_MAX};
  int pid;
  lua_settop(L, 1);
  pid = check_whole(L, 1, &any_pid);
  lua_pushboolean(L, kill((pid_t)pid, 0) == 0 || errno == EPERM);
  return 1;
}

/* --- registration ------------------------------------------------------- */

static const luaL_Reg file_methods[] = {
  {"write", file_write},
  {"sync", file_sync},
  {"close", file_close},
  {NULL, NULL}
};

static const luaL_Reg file_meta[] = {
  {"__tostring", file_tostring},
  {"__gc", file_close},
  {"__close", file_close},
  {NULL, NULL}
};

static const luaL_Reg lock_methods[] = {
  {"release", lock_release},
  {NULL, NULL}
};

static const luaL_Reg lock_meta[] = {
  {"__tostring", lock_tostring},
  {"__gc", lock_release},
  {"__close", lock_release},
  {NULL, NULL}
};

static const luaL_Reg secret_meta[] = {
  {"__gc", secret_wipe},
  {NULL, NULL}
};

static const luaL_Reg functions[] = {
  {"append", file_append},
  {"create", file_create},
  {"rename", move_file},
  {"mode", file_mode},
  {"chmod", change_mode},
  {"mkdir_p", make_path},
  {"lock", take_lock},
  {"read_secret", read_secret},
  {"isatty", is_terminal},
  {"columns", columns},
  {"random", random_bytes},
  {"random_fraction", random_fraction},
  {"monotonic", monotonic},
  {"getpid", own_pid},
  {"alive", is_alive},
  {NULL, NULL}
};

static void define_class (lua_State *L, const char *name,
                          const luaL_Reg *meta, const luaL_Reg *methods) {
  luaL_newmetatable(L, name);
  luaL_setfuncs(L, meta, 0);
  lua_newtable(L);              /* stack: metatable methods */
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

int ba_host_push (lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  luaL_checkstack(L, 6, "botapi.core");
  define_class(L, BA_FILE, file_meta, file_methods);
  define_class(L, BA_LOCK, lock_meta, lock_methods);
  define_class(L, BA_SECRET, secret_meta, none);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
