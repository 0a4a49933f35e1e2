/* SPDX-License-Identifier: MIT */
/* Files that survive a crash, directories and locks. */
#include "system.h"
#include "host_common.h"

#include "owner.h"
#include "quiet.h"
#include "raise.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define FILE_CLASS "botapi.host.file"
#define LOCK_CLASS "botapi.lock"
#define HANDLES "botapi.handles"        /* by descriptor, in the registry */

enum { OWNER_ONLY = 0600 };     /* files and locks; directories: 0700 */
enum { AS_USUAL = 0666 };       /* what is made for others: less the umask */

/* A file or a lock: a descriptor and the path that messages name. */
struct handle {
  int fd;                       /* -1: closed */
  struct ba_owner owner;        /* who opened it: not a forked child */
  struct ba_inode inode;
  bool passing;                 /* its path goes with it, until renamed */
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

/* Can somebody else put a file, or a link to one, into the directory that has
   the entry `path`? Nobody does for root's own; a sticky bit only keeps others
   from taking files away. */
static bool is_shared (const char *path) {
  char dir[PATH_MAX];
  struct stat info;
  if (parent_of(path, dir) != 0 || stat(dir, &info) != 0) return true;
  return (info.st_mode & (S_IWGRP | S_IWOTH)) != 0
         || (info.st_uid != geteuid() && info.st_uid != 0);
}

/* A file with one name, that nobody else has put there. */
static bool is_own (const struct stat *info) {
  return S_ISREG(info->st_mode) && info->st_uid == geteuid()
         && info->st_nlink == 1;
}

/* Opens a file that is written over time: in a directory that others can
   write, no link is followed, and nobody else's file is taken (EPERM). A pipe
   that nobody reads isn't waited for (ENXIO). */
static int open_kept (const char *path, int flags, int *fd) {
  bool shared = is_shared(path);
  struct stat info;
  *fd = open(path, O_CREAT | O_NOCTTY | O_CLOEXEC | O_NONBLOCK | flags
             | (shared ? O_NOFOLLOW : 0), OWNER_ONLY);
  if (*fd < 0) return errno == ELOOP ? EPERM : errno;
  if (!shared) return 0;
  if (fstat(*fd, &info) != 0) return errno;
  return is_own(&info) ? 0 : EPERM;
}

/* Is it an entry of procfs, whose links lead to what is open, to no name? */
static bool is_of_procfs (const char *path) {
  enum { PROCFS = 0x9fa0 };     /* PROC_SUPER_MAGIC of linux/magic.h */
  char dir[PATH_MAX];
  struct statfs info;
  return strchr(path, '/') && parent_of(path, dir) == 0
         && statfs(dir, &info) == 0 && info.f_type == PROCFS;
}

/* The path that the link `path` names, in its place: 0 or an errno. */
static int follow_link (char path[PATH_MAX]) {
  char to[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t start = slash ? (size_t)(slash - path) + 1 : 0;
  ssize_t n = readlink(path, to, sizeof to);
  if (n < 0) return errno;
  if (n > 0 && to[0] == '/') start = 0;
  if (start + (size_t)n >= PATH_MAX) return ENAMETOOLONG;
  memcpy(path + start, to, (size_t)n);
  path[start + (size_t)n] = '\0';
  return 0;
}

/* The name behind all links that `path` is, in its place, or the last one, of
   procfs: 0 or an errno. Others could have put their link into a directory
   that they can write (EPERM). */
static int follow_links (char path[PATH_MAX], bool *is_open) {
  enum { MOST = 40 };           /* as in the kernel */
  struct stat info;
  int n, code = 0;
  for (n = 0; n < MOST && !code; n++) {
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode)) return 0;
    *is_open = is_of_procfs(path);
    if (*is_open) return 0;
    if (info.st_uid != geteuid() && info.st_uid != 0 && is_shared(path))
      return EPERM;
    code = follow_link(path);
  }
  return code ? code : ELOOP;
}

/* --- handles ------------------------------------------------------------- */

/* A closed one, that owns whatever is opened next. */
static struct handle *push_handle (lua_State *L, const char *class,
                                   const char *path) {
  size_t size = strlen(path) + 1;
  struct handle *h = lua_newuserdata(L, sizeof *h + size);
  memset(h, 0, sizeof *h);
  h->fd = -1;
  memcpy(h->path, path, size);
  lua_getfield(L, LUA_REGISTRYINDEX, HANDLES);
  lua_setuservalue(L, -2);
  luaL_setmetatable(L, class);
  return h;
}

/* Notes which handle has its number. Another one that had it was closed by
   others, as a child does that closes all: it must not close this one. */
static void note_number (lua_State *L, int index, struct handle *h) {
  struct handle *before;
  lua_getuservalue(L, index);
  lua_rawgeti(L, -1, h->fd);
  before = lua_touserdata(L, -1);
  if (before) before->fd = -1;
  lua_pushlightuserdata(L, h);
  lua_rawseti(L, -3, h->fd);
  lua_pop(L, 2);
}

static void forget_number (lua_State *L, int index, const struct handle *h) {
  lua_getuservalue(L, index);
  lua_rawgeti(L, -1, h->fd);
  if (lua_touserdata(L, -1) == h) {
    lua_pushnil(L);
    lua_rawseti(L, -3, h->fd);
  }
  lua_pop(L, 2);
}

/* stack: … handle; it has just been opened */
static void own (lua_State *L, struct handle *h) {
  ba_owner_take(&h->owner);
  h->inode = ba_inode_of(h->fd);
  note_number(L, lua_gettop(L), h);
}

/* stack: … handle; what is opened is its own, whatever is wrong with it */
static int open_handle (lua_State *L, struct handle *h, int flags) {
  int code = open_kept(h->path, flags, &h->fd);
  if (h->fd >= 0) own(L, h);
  return code;
}

static bool is_inherited (const struct handle *h) {
  return h->fd >= 0 && !ba_owner_is_here(&h->owner);
}

/* A child's copy is closed if it is still open there. */
static int close_descriptor (const struct handle *h) {
  if (is_inherited(h)) {
    ba_inode_close(&h->inode, h->fd);
    return 0;
  }
  if (h->fd < 0 || close(h->fd) == 0) return 0;
  return errno == EINTR ? 0 : errno;    /* Linux has closed it by then */
}

/* Does a path still lead to the handle's file, by no link? */
static bool is_there (const struct handle *h) {
  int fd = open(h->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  bool same = fd >= 0 && ba_inode_has(&h->inode, fd);
  if (fd >= 0) close(fd);
  return same;
}

/* Takes the path away that still leads to this file. */
static void unlink_passing (const struct handle *h) {
  if (!h->passing || h->fd < 0 || is_inherited(h)) return;
  if (is_there(h)) unlink(h->path);
}

/* The handle at `index`: 0 or an errno. */
static int close_handle (lua_State *L, int index, struct handle *h) {
  int code;
  unlink_passing(h);
  code = close_descriptor(h);
  if (h->fd >= 0) forget_number(L, index, h);
  h->fd = -1;
  ba_owner_free(&h->owner);
  return code;
}

static int report_closed (lua_State *L, const char *class) {
  struct handle *h = luaL_checkudata(L, 1, class);
  return ba_host_report(L, h->path, close_handle(L, 1, h));
}

static int describe (lua_State *L, const char *class, const char *closed) {
  const struct handle *h = luaL_checkudata(L, 1, class);
  lua_pushfstring(L, "%s (%s)", class, h->fd < 0 ? closed : h->path);
  return 1;
}

static int fail_kept (lua_State *L, const char *path, int code) {
  if (code != EPERM) return ba_host_fail(L, path, code);
  lua_pushnil(L);
  lua_pushfstring(L, "%s: it is a link or another user's file, in a directory "
                     "that others can write", path);
  lua_pushinteger(L, code);
  return 3;
}

/* --- files --------------------------------------------------------------- */

static int open_file (lua_State *L, int flags) {
  const char *path;
  struct handle *h;
  int code;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  h = push_handle(L, FILE_CLASS, path);
  code = open_handle(L, h, O_WRONLY | O_APPEND | flags);
  if (!code) code = sync_parent(path);
  if (!code) return 1;
  close_handle(L, 2, h);
  return fail_kept(L, path, code);
}

/* append(path) -> file; made if it isn't there */
static int file_append (lua_State *L) {
  return open_file(L, 0);
}

/* create(path) -> file; fails if it is there */
static int file_create (lua_State *L) {
  return open_file(L, O_EXCL);
}

/* The file at the only argument, opened by these flags: it is on top, or what
   the system said. */
static struct handle *open_asked (lua_State *L, int flags) {
  const char *path;
  struct handle *h;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  h = push_handle(L, FILE_CLASS, path);
  h->fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC | flags, AS_USUAL);
  if (h->fd >= 0) {
    own(L, h);
    return h;
  }
  ba_host_fail(L, path, errno);
  return NULL;
}

/* make(path) -> file: an ordinary one, that a program asked for; fails if
   something is there, a link too. Its path goes with it until it is renamed */
static int file_make (lua_State *L) {
  struct handle *h = open_asked(L, O_CREAT | O_EXCL);
  if (h) h->passing = true;
  return h ? 1 : 3;
}

/* A disk without locks is no better than one on which the part is in use; but
   an empty file there is nobody's to go on with. */
static int fail_to_lock (struct handle *h, int code, off_t size) {
  h->passing = code != EWOULDBLOCK && size == 0;
  return EAGAIN;
}

/* Whoever has the lock may write what is below that path. 0: it is ours, and
   at its end; EAGAIN: another's, or it went before we had it. */
static int claim (struct handle *h, off_t *size) {
  struct stat info;
  if (fstat(h->fd, &info) != 0) return errno;
  if (!is_own(&info)) return info.st_nlink == 0 ? EAGAIN : EPERM;
  if (flock(h->fd, LOCK_EX | LOCK_NB) != 0)
    return fail_to_lock(h, errno, info.st_size);
  if (!is_there(h)) return EAGAIN;
  *size = lseek(h->fd, 0, SEEK_END);
  return *size < 0 ? errno : 0;
}

/* part(path) -> file, size: to write behind what is there, or a new one, which
   nobody else writes until it is closed (EAGAIN: somebody does); not through a
   link, and only what is a file of one name and the caller's */
static int file_part (lua_State *L) {
  struct handle *h = open_asked(L, O_CREAT | O_NOFOLLOW | O_NONBLOCK);
  off_t size = 0;
  int code;
  if (!h) return 3;
  code = claim(h, &size);
  lua_pushnumber(L, (lua_Number)size);
  if (!code) return 2;
  close_handle(L, 2, h);
  return fail_kept(L, h->path, code);
}

/* A copy of this process's descriptor of the file that a path of procfs leads
   to, which has its offset; -1: it has none. */
static int copy_own (const char *path) {
  const char *name = strrchr(path, '/') + 1;
  struct stat info, own_info;
  char *end;
  long fd = strtol(name, &end, 10);
  if (end == name || *end || !(0 <= fd && fd <= INT_MAX)) return -1;
  if (stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return -1;
  if (fstat((int)fd, &own_info) != 0 || info.st_ino != own_info.st_ino
      || info.st_dev != own_info.st_dev) return -1;
  if ((fcntl((int)fd, F_GETFL) & O_ACCMODE) == O_RDONLY) return -1;
  return fcntl((int)fd, F_DUPFD_CLOEXEC, 0);
}

/* device(path) -> file: what is there and isn't an ordinary file, or is open
   already, to write; behind what is there. Nobody is waited for: neither who
   reads a pipe (ENXIO) nor what takes no more (`put`) */
static int file_device (lua_State *L) {
  struct handle *h;
  const char *path;
  int fd;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  fd = is_of_procfs(path) ? copy_own(path) : -1;
  if (fd < 0) return open_asked(L, O_APPEND | O_NONBLOCK) ? 1 : 3;
  h = push_handle(L, FILE_CLASS, path);
  h->fd = fd;
  own(L, h);
  return 1;
}

/* unnamed(directory) -> file, path: a file that goes when it is closed. Until
   then it can be read by that path, in this process. */
static int file_unnamed (lua_State *L) {
  const char *directory;
  char name[PATH_MAX], path[32];
  struct handle *h;
  lua_settop(L, 1);
  directory = ba_host_check_path(L, 1, "directory");
  h = push_handle(L, FILE_CLASS, directory);
  if (snprintf(name, sizeof name, "%s/botapi-XXXXXX", directory) >= PATH_MAX)
    return ba_host_fail(L, directory, ENAMETOOLONG);
  h->fd = mkostemp(name, O_CLOEXEC);
  if (h->fd < 0) return ba_host_fail(L, directory, errno);
  own(L, h);
  unlink(name);
  snprintf(path, sizeof path, "/proc/self/fd/%d", h->fd);
  lua_pushstring(L, path);
  return 2;
}

int ba_host_file_descriptor (lua_State *L, int index) {
  const struct handle *h = luaL_checkudata(L, index, FILE_CLASS);
  if (h->fd < 0 || is_inherited(h)) ba_raise_arg(L, index, "file: is closed");
  return h->fd;
}

static struct handle *check_file (lua_State *L) {
  struct handle *h = luaL_checkudata(L, 1, FILE_CLASS);
  if (h->fd < 0) ba_raise_arg(L, 1, "file: is closed");
  return h;
}

static int fail_inherited (lua_State *L, const struct handle *h) {
  lua_pushnil(L);
  lua_pushfstring(L, "%s: is open in the process that this one was forked "
                     "from, which alone writes it", h->path);
  lua_pushinteger(L, EBADF);
  return 3;
}

/* file:write(text) -> true; all of it, or a failure */
static int file_write (lua_State *L) {
  struct handle *h;
  size_t len;
  const char *text;
  lua_settop(L, 2);
  h = check_file(L);
  text = ba_host_check_text(L, 2, "text", &len);
  if (is_inherited(h)) return fail_inherited(L, h);
  return ba_host_report(L, h->path, ba_host_write(h->fd, text, len));
}

/* file:put(text) -> how many of its bytes were written; 0: it takes none now,
   where it is a device */
static int file_put (lua_State *L) {
  const struct handle *h = check_file(L);
  size_t len;
  const char *text = ba_host_check_text(L, 2, "text", &len);
  ssize_t n;
  if (is_inherited(h)) return fail_inherited(L, h);
  n = ba_quiet_write(h->fd, text, len);
  if (n < 0 && errno != EAGAIN && errno != EINTR)
    return ba_host_fail(L, h->path, errno);
  lua_pushinteger(L, n < 0 ? 0 : (lua_Integer)n);
  return 1;
}

/* file:discard() -> true; its path goes when it is closed */
static int file_discard (lua_State *L) {
  struct handle *h = check_file(L);
  h->passing = true;
  lua_pushboolean(L, 1);
  return 1;
}

/* file:cut() -> true; it is empty, and written from its start */
static int file_cut (lua_State *L) {
  const struct handle *h = check_file(L);
  if (is_inherited(h)) return fail_inherited(L, h);
  return ba_host_report(L, h->path,
    ftruncate(h->fd, 0) == 0 && lseek(h->fd, 0, SEEK_SET) == 0 ? 0 : errno);
}

/* file:rename(to) -> true; as rename, and only while its path leads to it:
   what somebody has put there since is another file */
static int file_rename (lua_State *L) {
  struct handle *h = check_file(L);
  const char *to = ba_host_check_path(L, 2, "to");
  if (is_inherited(h)) return fail_inherited(L, h);
  if (!is_there(h)) return ba_host_fail(L, h->path, ESTALE);
  if (rename(h->path, to) != 0) return ba_host_fail(L, h->path, errno);
  h->passing = false;
  return ba_host_report(L, to, sync_parent(to));
}

/* file:sync() -> true; what was written is on the disk */
static int file_sync (lua_State *L) {
  const struct handle *h = check_file(L);
  if (is_inherited(h)) return fail_inherited(L, h);
  return ba_host_report(L, h->path, sync_descriptor(h->fd));
}

/* Gives it the owner and the mode of another file. */
static int copy_owner (int fd, const char *path) {
  struct stat info;
  if (stat(path, &info) != 0 || fchown(fd, info.st_uid, info.st_gid) != 0)
    return errno;
  return fchmod(fd, info.st_mode & 07777) == 0 ? 0 : errno;
}

/* file:match(path) -> true; its owner and mode are those of that file */
static int file_match (lua_State *L) {
  const struct handle *h = check_file(L);
  const char *path = ba_host_check_path(L, 2, "path");
  return ba_host_report(L, h->path, copy_owner(h->fd, path));
}

/* Without a right of the group where it can't be that group's. */
static int copy_rights (int fd, const struct stat *info) {
  mode_t mode = info->st_mode & 0777;
  struct stat now;
  if (fchown(fd, info->st_uid, info->st_gid) != 0
      && fchown(fd, (uid_t)-1, info->st_gid) != 0)
    mode &= ~(mode_t)S_IRWXG;
  if (fstat(fd, &now) != 0) return errno;
  return (now.st_mode & 0777) == mode || fchmod(fd, mode) == 0 ? 0 : errno;
}

/* file:inherit(path) -> true; its mode is that of the file there, and its
   owner and group, where this process may give them; nothing where none is */
static int file_inherit (lua_State *L) {
  const struct handle *h = check_file(L);
  const char *path = ba_host_check_path(L, 2, "path");
  struct stat info;
  int code = lstat(path, &info) == 0 ? 0 : errno;
  if (!code && S_ISREG(info.st_mode)) code = copy_rights(h->fd, &info);
  return ba_host_report(L, h->path, code == ENOENT ? 0 : code);
}

/* file:restrict() -> true; nobody but its owner can use it. What its path only
   leads to stays as it is. */
static int file_restrict (lua_State *L) {
  const struct handle *h = check_file(L);
  struct stat info;
  bool failed = lstat(h->path, &info) != 0
                || (S_ISREG(info.st_mode) && fchmod(h->fd, OWNER_ONLY) != 0);
  return ba_host_report(L, h->path, failed ? errno : 0);
}

/* The lock ends, also where a child that lives on has a copy of the file.
   Not by the collector: a call may hold a copy, too, and still write. */
static int file_close (lua_State *L) {
  struct handle *h = luaL_checkudata(L, 1, FILE_CLASS);
  unlink_passing(h);
  h->passing = false;
  if (h->fd >= 0 && !is_inherited(h)) flock(h->fd, LOCK_UN);
  return report_closed(L, FILE_CLASS);
}

static int file_collect (lua_State *L) {
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

static const char *kind_of (mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "directory";
  return S_ISFIFO(mode) ? "pipe" : "other";
}

/* mode(path) -> the permission bits, and "file", "directory", "pipe" or
   "other" */
static int file_mode (lua_State *L) {
  struct stat info;
  const char *path;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  if (stat(path, &info) != 0) return ba_host_fail(L, path, errno);
  lua_pushinteger(L, (lua_Integer)(info.st_mode & 07777));
  lua_pushstring(L, kind_of(info.st_mode));
  return 2;
}

/* follow(path) -> the path that it leads to where it is a link; true where
   that leads to what a process has open, so that its name says nothing */
static int follow_path (lua_State *L) {
  char path[PATH_MAX];
  bool is_open = false;
  const char *given;
  int code;
  lua_settop(L, 1);
  given = ba_host_check_path(L, 1, "path");
  if (strlen(given) >= sizeof path)
    return ba_host_fail(L, given, ENAMETOOLONG);
  strcpy(path, given);
  code = follow_links(path, &is_open);
  if (code) return fail_kept(L, given, code);
  lua_pushstring(L, path);
  lua_pushboolean(L, is_open);
  return 2;
}

/* Is a name, which is there, a link to what isn't? */
static bool leads_nowhere (const char *path) {
  struct stat info;
  return lstat(path, &info) == 0 && stat(path, &info) != 0 && errno == ENOENT;
}

/* Is it, or a directory on the way to it, a link to what isn't there? */
static bool is_behind_nothing (const char *path) {
  char part[PATH_MAX];
  size_t i, len = strlen(path);
  if (len >= sizeof part) return false;         /* nothing can open it */
  for (i = 1; i <= len; i++) {
    if (i < len && path[i] != '/') continue;
    memcpy(part, path, i);
    part[i] = '\0';
    if (leads_nowhere(part)) return true;
  }
  return false;
}

/* owned(path) -> true, also where there is none; not what append refuses, nor
   what a link hides that leads nowhere: nobody knows what was there */
static int is_owned (lua_State *L) {
  struct stat info;
  const char *path;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  if (lstat(path, &info) == 0 && is_shared(path) && !is_own(&info))
    return fail_kept(L, path, EPERM);
  if (!is_behind_nothing(path)) return ba_host_report(L, path, 0);
  lua_pushnil(L);
  lua_pushfstring(L, "%s: is, or is behind, a link that leads nowhere", path);
  lua_pushinteger(L, ENOENT);
  return 3;
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

/* Reads at most *size bytes of a file, and says how many there were. */
static int read_bytes (const char *path, char *bytes, size_t *size) {
  size_t most = *size;
  ssize_t n = 1;
  int code, fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  for (*size = 0; n > 0 && *size < most; *size += n > 0 ? (size_t)n : 0)
    n = read(fd, bytes + *size, most - *size);
  code = n < 0 ? errno : 0;
  close(fd);
  return code;
}

/* read(path) -> what is in it: as much as it has when it is asked. The memory
   is there before it is opened. */
static int read_path (lua_State *L) {
  struct stat info;
  const char *path;
  size_t size;
  char *bytes;
  int code;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  if (stat(path, &info) != 0) return ba_host_fail(L, path, errno);
  size = (size_t)info.st_size;
  bytes = lua_newuserdata(L, size + 1);
  code = read_bytes(path, bytes, &size);
  if (code) return ba_host_fail(L, path, code);
  lua_pushlstring(L, bytes, size);
  return 1;
}

/* current_directory() -> its path from the root */
static int current_directory (lua_State *L) {
  char path[PATH_MAX];
  if (!getcwd(path, sizeof path))
    return ba_host_fail(L, "the current directory", errno);
  lua_pushstring(L, path);
  return 1;
}

/* link_target(path) -> what the link says; nil: it is none, or isn't there */
static int link_target (lua_State *L) {
  char target[PATH_MAX];
  const char *path;
  ssize_t len;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  len = readlink(path, target, sizeof target);
  if (len < 0) return ba_host_fail(L, path, errno);
  lua_pushlstring(L, target, (size_t)len);
  return 1;
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

/* Nothing, or the number of a holder: not a file of somebody else's that has
   the lock's name, or that a link there leads to. */
static bool is_ours (int fd) {
  char text[17];
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  text[n > 0 ? n : 0] = '\0';
  return 0 <= n && n < (ssize_t)sizeof text - 1
         && strspn(text, "0123456789\n") == (size_t)n;
}

/* Only for people: the lock is the kernel's, whatever the file says. */
static void write_holder (int fd) {
  char text[16];
  int len = snprintf(text, sizeof text, "%d\n", (int)getpid());
  if (!is_ours(fd)) return;
  if (ftruncate(fd, 0) == 0) ba_host_write(fd, text, (size_t)len);
}

static int refuse_lock (lua_State *L, struct handle *h, int code) {
  int pid = code == EWOULDBLOCK ? holder_of(h->fd) : 0;
  close_handle(L, 2, h);
  if (pid == 0) return fail_kept(L, h->path, code);
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
  int code;
  lua_settop(L, 1);
  path = ba_host_check_path(L, 1, "path");
  h = push_handle(L, LOCK_CLASS, path);
  code = open_handle(L, h, O_RDWR);
  if (code) return refuse_lock(L, h, code);
  if (flock(h->fd, LOCK_EX | LOCK_NB) != 0) return refuse_lock(L, h, errno);
  write_holder(h->fd);
  return 1;
}

/* The file stays: who unlinks it could unlink another one's lock. A child that
   lives on has a copy of the descriptor, which would hold the lock. */
static int lock_release (lua_State *L) {
  const struct handle *h = luaL_checkudata(L, 1, LOCK_CLASS);
  if (h->fd >= 0 && !is_inherited(h)) flock(h->fd, LOCK_UN);
  return report_closed(L, LOCK_CLASS);
}

static int lock_show (lua_State *L) {
  return describe(L, LOCK_CLASS, "released");
}

/* --- registration -------------------------------------------------------- */

void ba_host_file_open (lua_State *L) {
  static const luaL_Reg file_methods[] = {
    {"write", file_write}, {"put", file_put}, {"sync", file_sync},
    {"match", file_match}, {"inherit", file_inherit},
    {"restrict", file_restrict}, {"close", file_close},
    {"discard", file_discard}, {"cut", file_cut}, {"rename", file_rename},
    {NULL, NULL}};
  static const luaL_Reg file_meta[] = {
    {"__tostring", file_show}, {"__gc", file_collect}, {"__close", file_close},
    {NULL, NULL}};
  static const luaL_Reg lock_methods[] = {
    {"release", lock_release}, {NULL, NULL}};
  static const luaL_Reg lock_meta[] = {
    {"__tostring", lock_show}, {"__gc", lock_release},
    {"__close", lock_release}, {NULL, NULL}};
  static const luaL_Reg functions[] = {
    {"append", file_append}, {"create", file_create}, {"make", file_make},
    {"part", file_part}, {"device", file_device}, {"unnamed", file_unnamed},
    {"rename", rename_file},
    {"current_directory", current_directory}, {"link_target", link_target},
    {"mode", file_mode}, {"follow", follow_path}, {"owned", is_owned},
    {"mkdir_p", make_path}, {"read", read_path},
    {"lock", take_lock}, {NULL, NULL}};
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, HANDLES);
  ba_new_class(L, FILE_CLASS, file_meta, file_methods);
  ba_new_class(L, LOCK_CLASS, lock_meta, lock_methods);
  luaL_setfuncs(L, functions, 0);
}
