/* SPDX-License-Identifier: MIT */
/* The parts of a body that holds files: texts, bytes in memory, and files on
   the disk, which are opened, read once from the first byte to the last, and
   closed. */
#include "system.h"
#include "parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No certificate is larger. */
enum { CERTIFICATE_MAX = 64 * 1024 };

/* --- failures ------------------------------------------------------------ */

/* The first one stays; false. */
static bool fail (struct ba_parts *p, const struct ba_part *part,
                  enum ba_problem problem, int code) {
  if (p->failed) return false;
  p->failed = part;
  p->problem = problem;
  p->code = code;
  return false;
}

static const char *text_of (enum ba_problem problem) {
  switch (problem) {
    case BA_FILE_MISSING: return "doesn't exist";
    case BA_FILE_KIND: return "is no regular file";
    case BA_FILE_CHANGED: return "changed its size while it was sent";
    case BA_FILE_KEY: return "holds a PRIVATE KEY, which no server may have";
    default: return "can't be read";
  }
}

/* A path that is too long loses its end, not the reason. */
void ba_parts_tell (const struct ba_parts *p, char *text, size_t size) {
  const struct ba_part *part = p->failed;
  bool unread = p->problem == BA_FILE_UNREADABLE;
  snprintf(text, size, "the file of parameter '%s' %s%s%s%s%s%s", part->name,
           text_of(p->problem), unread ? " (" : "",
           unread ? strerror(p->code) : "", unread ? ")" : "",
           part->path ? ": " : "", part->path ? part->path : "");
}

/* --- opening ------------------------------------------------------------- */

bool ba_parts_has_key (const char *text, size_t len) {
  static const char mark[] = "PRIVATE KEY-----";
  return memmem(text, len, mark, sizeof mark - 1) != NULL;
}

/* Of a file on the disk: bytes in memory were looked at when they were given.
   Takes nothing from what is sent later. */
static bool has_key (const struct ba_part *part) {
  char bytes[CERTIFICATE_MAX];
  ssize_t n = pread(part->fd, bytes, sizeof bytes, 0);
  return n > 0 && ba_parts_has_key(bytes, (size_t)n);
}

static bool is_missing (int code) {
  return code == ENOENT || code == ENOTDIR;
}

/* A file of /proc, say, has bytes but no size: the body couldn't say how many
   come. */
static bool is_sized (int fd, const struct stat *info) {
  char byte;
  return info->st_size > 0 || pread(fd, &byte, 1, 0) <= 0;
}

/* Without waiting for the other end of a pipe. */
static bool open_file (struct ba_parts *p, struct ba_part *part) {
  struct stat info = {0};
  int code = 0;
  int fd = open(part->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 || fstat(fd, &info) != 0) code = errno;
  else if (S_ISREG(info.st_mode) && is_sized(fd, &info)) {
    part->fd = fd;
    part->inode = ba_inode_of(fd);
    part->size = info.st_size;
    return true;
  }
  if (fd >= 0) close(fd);
  if (is_missing(code)) return fail(p, part, BA_FILE_MISSING, code);
  if (code) return fail(p, part, BA_FILE_UNREADABLE, code);
  return fail(p, part, BA_FILE_KIND, S_ISDIR(info.st_mode) ? EISDIR : 0);
}

bool ba_parts_new (struct ba_parts *p, size_t n) {
  size_t i;
  memset(p, 0, sizeof *p);
  p->list = calloc(n, sizeof *p->list);
  if (!p->list) return false;
  p->n = n;
  for (i = 0; i < n; i++)
    p->list[i].fd = -1;
  return true;
}

bool ba_parts_have_file (const struct ba_parts *p) {
  size_t i;
  for (i = 0; i < p->n; i++)
    if (p->list[i].filename && !p->list[i].is_certificate) return true;
  return false;
}

bool ba_parts_open (struct ba_parts *p) {
  size_t i;
  for (i = 0; i < p->n; i++) {
    struct ba_part *part = &p->list[i];
    if (!part->path) continue;
    if (!open_file(p, part)) return false;
    if (part->is_certificate && has_key(part))
      return fail(p, part, BA_FILE_KEY, 0);
  }
  return true;
}

int64_t ba_parts_size (const struct ba_parts *p) {
  int64_t size = 0;
  size_t i;
  for (i = 0; i < p->n; i++)
    size += p->list[i].size;
  return size;
}

/* --- reading ------------------------------------------------------------- */

/* Is the file as long as it was, and fd still its? */
static bool is_same (const struct ba_part *part) {
  struct stat info;
  return ba_inode_has(&part->inode, part->fd)
         && fstat(part->fd, &info) == 0 && info.st_size == part->size;
}

/* The last bytes of a file that has changed aren't given: no server gets the
   whole of such a body. */
static int64_t read_file (struct ba_parts *p, struct ba_part *part,
                          char *bytes, size_t n) {
  ssize_t got;
  do got = pread(part->fd, bytes, n, part->at);
  while (got < 0 && errno == EINTR);
  if (got > 0 && (part->at + got < part->size || is_same(part))) return got;
  if (got < 0) fail(p, part, BA_FILE_UNREADABLE, errno);
  else fail(p, part, BA_FILE_CHANGED, 0);
  return -1;
}

int64_t ba_part_read (struct ba_parts *p, struct ba_part *part, char *bytes,
                      size_t n) {
  int64_t left = part->size - part->at, got;
  if (p->failed) return -1;
  if ((int64_t)n > left) n = (size_t)left;
  if (n == 0) return 0;
  got = (int64_t)n;
  if (part->path) got = read_file(p, part, bytes, n);
  else memcpy(bytes, part->data + part->at, n);
  if (got > 0) part->at += got;
  return got;
}

/* --- life ---------------------------------------------------------------- */

/* Not a descriptor that somebody else has got since: a forked child may have
   closed all of them. */
void ba_parts_close (struct ba_parts *p) {
  size_t i;
  for (i = 0; i < p->n; i++) {
    struct ba_part *part = &p->list[i];
    if (part->fd >= 0) ba_inode_close(&part->inode, part->fd);
    part->fd = -1;
  }
}

void ba_parts_free (struct ba_parts *p) {
  ba_parts_close(p);
  free(p->list);
  memset(p, 0, sizeof *p);
}
