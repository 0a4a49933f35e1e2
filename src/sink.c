/* SPDX-License-Identifier: MIT */
/* Where the body of a file goes, to a descriptor or to its owner in chunks;
   and whether it is the file that was asked for. */
#include "system.h"
#include "sink.h"

#include "ascii.h"
#include "quiet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int ba_sink_open (struct ba_sink *sink, int fd) {
  int copy = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (fd >= 0 && copy < 0) return errno;
  sink->open = true;
  sink->chunks = fd < 0;
  sink->fd = copy;
  if (copy >= 0) {
    ba_owner_take(&sink->owner);
    sink->inode = ba_inode_of(copy);
  }
  sink->length = -1;
  sink->first = -1;
  sink->whole = -1;
  return 0;
}

/* A child's copy is closed if it is still open there. */
static void close_copy (struct ba_sink *sink) {
  if (ba_owner_is_here(&sink->owner)) close(sink->fd);
  else ba_inode_close(&sink->inode, sink->fd);
  ba_owner_free(&sink->owner);
}

void ba_sink_free (struct ba_sink *sink) {
  if (sink->open && !sink->chunks) close_copy(sink);
  ba_buffer_free(&sink->chunk);
  sink->open = false;
}

static bool refuse (struct ba_sink *sink, enum ba_problem problem,
                    const char *why) {
  sink->wrong = why;
  sink->problem = problem;
  return false;
}

/* --- the head ------------------------------------------------------------ */

/* "bytes 100-199/200"; without a whole size "bytes 100-199" and "/" and "*" */
static void read_range (struct ba_sink *sink, const char *s, size_t n) {
  const char *dash, *slash;
  ba_trim(&s, &n);
  dash = memchr(s, '-', n);
  slash = memchr(s, '/', n);
  if (!dash || !slash || dash > slash || n < 6) return;
  if (!ba_same_start(s, "bytes ", 6)) return;
  sink->first = ba_whole(s + 6, (size_t)(dash - s - 6), INT64_MAX);
  sink->whole = ba_whole(slash + 1, (size_t)(s + n - slash - 1), INT64_MAX);
}

void ba_sink_header (struct ba_sink *sink, const char *line, size_t n) {
  if (ba_begins(line, n, "HTTP/")) {    /* after a 100 Continue perhaps */
    sink->length = -1;
    sink->first = -1;
    sink->whole = -1;
  }
  else if (ba_begins(line, n, "Content-Length:"))
    sink->length = ba_whole(line + 15, n - 15, INT64_MAX);
  else if (ba_begins(line, n, "Content-Range:"))
    read_range(sink, line + 14, n - 14);
}

/* The size of the whole file by the head; -1: it doesn't tell. */
static int64_t size_told (const struct ba_sink *sink) {
  if (sink->whole >= 0) return sink->whole;
  return sink->length >= 0 && sink->length <= INT64_MAX - sink->at
           ? sink->at + sink->length : -1;
}

/* What is there of an earlier try is thrown away. */
static bool begin_anew (struct ba_sink *sink) {
  sink->at = 0;
  sink->given = 0;
  if (sink->from == 0) return true;
  if (ftruncate(sink->fd, 0) == 0 && lseek(sink->fd, 0, SEEK_SET) == 0)
    return true;
  sink->code = errno;
  return refuse(sink, BA_FILE_UNWRITABLE, "the file can't be cut");
}

static bool go_on (struct ba_sink *sink) {
  sink->at = sink->from;
  sink->given = sink->from;
  if (sink->from > 0 && sink->first == sink->from) return true;
  return refuse(sink, BA_FILE_OTHER,
                "the answer has another part of the file than was asked for");
}

bool ba_sink_begin (struct ba_sink *sink, long status) {
  int64_t told;
  if (status != 200 && status != 206) return true;
  if (status == 206 && !go_on(sink)) return false;
  told = size_told(sink);
  if (sink->size >= 0 && told >= 0 && told != sink->size)
    return refuse(sink, BA_FILE_OTHER,
                  "the file has another size than the server said before");
  if (sink->size < 0) sink->size = told;
  if (sink->most >= 0 && sink->size > sink->most)
    return refuse(sink, BA_FILE_LARGE, "the file is larger than max_size");
  if (status == 200 && !begin_anew(sink)) return false;
  sink->begun = true;
  return true;
}

/* --- the body ------------------------------------------------------------ */

static enum ba_taken fail (struct ba_sink *sink, int code, const char *why) {
  sink->code = code;
  refuse(sink, code == ENOMEM ? BA_NO_PROBLEM : BA_FILE_UNWRITABLE, why);
  return BA_REFUSED;
}

/* The disk begins with what was written, so that a sync at the end has little
   left to wait for. */
static void begin_sync (struct ba_sink *sink) {
  enum { PART = 8 * 1024 * 1024 };
  if (sink->at - sink->given < PART) return;
  sync_file_range(sink->fd, sink->given, sink->at - sink->given,
                  SYNC_FILE_RANGE_WRITE);
  sink->given = sink->at;
}

/* What was written before a failure counts: a later try goes on there. */
static enum ba_taken write_out (struct ba_sink *sink, const char *s,
                                size_t n) {
  while (n > 0) {
    ssize_t written = ba_quiet_write(sink->fd, s, n);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return fail(sink, errno, "the file can't be written");
    s += written;
    n -= (size_t)written;
    sink->at += written;
  }
  begin_sync(sink);
  return BA_TAKEN;
}

static enum ba_taken keep (struct ba_sink *sink, const char *s, size_t n) {
  if (sink->chunk.len > 0 && sink->chunk.len + n > BA_CHUNK) return BA_NOT_NOW;
  if (ba_buffer_add(&sink->chunk, s, n) != BA_GROWN)
    return fail(sink, ENOMEM, "not enough memory for a chunk");
  sink->at += (int64_t)n;
  return BA_TAKEN;
}

/* A body without a length may be longer than any. */
enum ba_taken ba_sink_take (struct ba_sink *sink, const char *s, size_t n) {
  int64_t left = INT64_MAX - sink->at;
  if (sink->size >= 0) left = sink->size - sink->at;
  else if (sink->most >= 0) left = sink->most - sink->at;
  if ((int64_t)n > left) {
    if (sink->size >= 0)
      refuse(sink, BA_FILE_OTHER, "the file is longer than the server said");
    else refuse(sink, BA_FILE_LARGE, "the file is larger than max_size");
    return BA_REFUSED;
  }
  return sink->chunks ? keep(sink, s, n) : write_out(sink, s, n);
}

bool ba_sink_end (struct ba_sink *sink, bool framed) {
  if (sink->size >= 0 && sink->at != sink->size)
    return refuse(sink, BA_FILE_OTHER,
                  "the file is shorter than the server said");
  if (sink->size < 0 && !framed)
    return refuse(sink, BA_FILE_OTHER,
                  "the answer doesn't tell where the file ends");
  return true;
}
