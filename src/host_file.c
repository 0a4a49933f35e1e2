/* SPDX-License-Identifier: MIT */
/* Files that survive a crash, directories and locks. */
#include "system.h"
#include "host_file.h"

#include "host_common.h"
#include "raise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_CLASS "botapi.file"
#define LOCK_CLASS "botapi.lock"

enum { OWNER_ONLY = 0600 };     /* files and locks; directories: 0700 */

/* A file or a lock: a descriptor and the path that messages name. */
struct handle {
  int fd;                       /* -1: closed */
  char path[];
};

/* --- on the disk; these return 0 or an errno ----------------------------- */

static int sync_descriptor (int fd) {
  while (fsync(fd) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

/* The directory that has the entry `path`, into dir[PATH_MAX]. */
static int parent_of (const char *path, char *dir) {
  const char *slash = strrchr(path, '/');
  size_t len = slash ? (size_t)(slash - path) : 1;
  if (!slash) path = ".";
  if (len == 0) len = 1;        /* the root itself */
  if (len >= PATH_MAX) return ENAMETOOLONG;
  memcpy(dir, path, len);
  dir[len] = '\0';
  return 0;
}

/* A new name is safe only when its directory is on the disk, too. */
static int sync_parent (const char *path) {
  char dir[PATH_MAX];
  int code = parent_of(path, dir);
  int fd;
  if (code) return code;
  fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno == EACCES ? 0 : errno;       /* writable only */
  code = sync_descriptor(fd);
  close(fd);
  return code == EINVAL ? 0 : code;     /* a file system without it */
}

/* --- handles ------------------------------------------------------------- */

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
  if (fd < 0 || close(fd) == 0) return 0;
  return errno == EINTR ? 0 : errno;    /* Linux has closed it by then */
}

static int report_closed (lua_State *L, const char *class) {
  struct handle *h = luaL_checkudata(L, 1, class);
  return ba_host_report(L, h->path, close_handle(h));
}

static int describe (lua_State *L, const char *class, const char *closed) {
  const struct handle *h = luaL_checkudata(L, 1, class);
  lua_pushfstring(L, "%s (%s)", class, h->fd < 0 ? closed : h->path);
  return 1;
}

/* --- files --------------------------------------------------------------- */

static int open_file (lua_State *L, int flags) {
  const char *path;
  struct handle *h;
  int code;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  h = push_handle(L, FILE_CLASS, path);
  h->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC
               | flags, OWNER_ONLY);
  code = h->fd < 0 ? errno : sync_parent(path);
  if (!code) return 1;
  close_handle(h);
  return ba_host_fail(L, path, code);
}

/* append(path) -> file; made if it isn't there */
static int file_append (lua_State *L) {
  return open_file(L, 0);
}

/* create(path) -> file; fails if it is there */
static int file_create (lua_State *L) {
  return open_file(L, O_EXCL);
}

static struct handle *check_file (lua_State *L) {
  struct handle *h = luaL_checkudata(L, 1, FILE_CLASS);
  if (h->fd < 0) ba_raise_arg(L, 1, "file: is closed");
  return h;
}

/* file:write(text) -> true; all of it, or a failure */
static int file_write (lua_State *L) {
  struct handle *h;
  size_t len;
  const char *text;
  lua_settop(L, 2);
  h = check_file(L);
  text = ba_host_check_text(L, 2, "text", &len);
  return ba_host_report(L, h->path, ba_host_write(h->fd, text, len));
}

/* file:sync() -> true; what was written is on the disk */
static int file_sync (lua_State *L) {
  const struct handle *h = check_file(L);
  return ba_host_report(L, h->path, sync_descriptor(h->fd));
}

static int file_close (lua_State *L) {
  return report_closed(L, FILE_CLASS);
}

static int file_show (lua_State *L) {
  return describe(L, FILE_CLASS, "closed");
}

/* rename(from, to) -> true; replaces `to` in one step */
static int rename_file (lua_State *L) {
  const char *from, *to;
  int code;
  lua_settop(L, 2);
  from = ba_host_check_path(L, 1, "from");
  to = ba_host_check_path(L, 2, "to");
  if (rename(from, to) != 0) return ba_host_fail(L, from, errno);
  code = sync_parent(to);
  return ba_host_report(L, to, code ? code : sync_parent(from));
}

/* mode(path) -> the permission bits, "file" or "directory" or "other" */
static int file_mode (lua_State *L) {
  struct stat info;
  const char *path;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  if (stat(path, &info) != 0) return ba_host_fail(L, path, errno);
  lua_pushinteger(L, (lua_Integer)(info.st_mode & 07777));
  lua_pushstring(L, S_ISREG(info.st_mode) ? "file"
                    : S_ISDIR(info.st_mode) ? "directory" : "other");
  return 2;
}

/* chmod(path, bits) -> true */
static int change_mode (lua_State *L) {
  static const struct ba_range any_bits = {"bits", 0, 07777};
  const char *path;
  mode_t bits;
  lua_settop(L, 2);
  path = ba_host_check_path(L, 1, "path");
  bits = (mode_t)ba_host_check_whole(L, 2, &any_bits);
  return ba_host_report(L, path, chmod(path, bits) == 0 ? 0 : errno);
}

/* --- directories --------------------------------------------------------- */

static int make_directory (const char *path) {
  struct stat info;
  int code;
  if (mkdir(path, 0700) == 0) return sync_parent(path);
  code = errno;
  if (stat(path, &info) != 0) return code;
  return S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
}

/* Each directory on the way to `path`, which is cut and put together. */
static int make_directories (char *path) {
  char *at = path;
  int code = 0;
  while (!code && *at) {
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
  path = ba_host_check_path(L, 1, "path");
  size = strlen(path) + 1;
  if (size == 1) return ba_host_fail(L, "mkdir_p", ENOENT);
  if (size > sizeof copy) return ba_host_fail(L, "mkdir_p", ENAMETOOLONG);
  memcpy(copy, path, size);
  return ba_host_report(L, path, make_directories(copy));
}

/* --- locks --------------------------------------------------------------- */

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
static void write_holder (int fd) {
  char text[16];
  int len = snprintf(text, sizeof text, "%d\n", (int)getpid());
  if (ftruncate(fd, 0) == 0) ba_host_write(fd, text, (size_t)len);
}

static int refuse_lock (lua_State *L, struct handle *h, int code) {
  int pid = code == EWOULDBLOCK ? holder_of(h->fd) : 0;
  close_handle(h);
  if (pid == 0) return ba_host_fail(L, h->path, code);
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
  path = ba_host_check_path(L, 1, "path");
  h = push_handle(L, LOCK_CLASS, path);
  h->fd = open(path, O_RDWR | O_CREAT | O_NOCTTY | O_CLOEXEC, OWNER_ONLY);
  if (h->fd < 0) return ba_host_fail(L, path, errno);
  if (flock(h->fd, LOCK_EX | LOCK_NB) != 0) return refuse_lock(L, h, errno);
  write_holder(h->fd);
  return 1;
}

/* The file stays: who unlinks it could unlink another one's lock. */
static int lock_release (lua_State *L) {
  return report_closed(L, LOCK_CLASS);
}

static int lock_show (lua_State *L) {
  return describe(L, LOCK_CLASS, "released");
}

/* --- registration -------------------------------------------------------- */

static void define_class (lua_State *L, const char *class,
                          const luaL_Reg *meta, const luaL_Reg *methods) {
  luaL_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  lua_newtable(L);                      /* stack: metatable methods */
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

void ba_host_file_open (lua_State *L) {
  static const luaL_Reg file_methods[] = {
    {"write", file_write}, {"sync", file_sync}, {"close", file_close},
    {NULL, NULL}};
  static const luaL_Reg file_meta[] = {
    {"__tostring", file_show}, {"__gc", file_close}, {"__close", file_close},
    {NULL, NULL}};
  static const luaL_Reg lock_methods[] = {
    {"release", lock_release}, {NULL, NULL}};
  static const luaL_Reg lock_meta[] = {
    {"__tostring", lock_show}, {"__gc", lock_release},
    {"__close", lock_release}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
    {"append", file_append}, {"create", file_create}, {"rename", rename_file},
    {"mode", file_mode}, {"chmod", change_mode}, {"mkdir_p", make_path},
    {"lock", take_lock}, {NULL, NULL}};
  define_class(L, FILE_CLASS, file_meta, file_methods);
  define_class(L, LOCK_CLASS, lock_meta, lock_methods);
  luaL_setfuncs(L, functions, 0);
}
