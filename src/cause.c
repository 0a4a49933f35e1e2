/* SPDX-License-Identifier: MIT */
/* Why a call failed, where libcurl doesn't tell it: what this machine
   lacks, and what is wrong with a unix socket. */
#include "system.h"
#include "cause.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- no lookup ----------------------------------------------------------- */

static int try_descriptors (void) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
    return errno == EMFILE || errno == ENFILE ? errno : 0;
  close(pair[0]);
  close(pair[1]);
  return 0;
}

static void *end_at_once (void *nothing) {
  return nothing;
}

static int try_thread (void) {
  pthread_t thread;
  int code = pthread_create(&thread, NULL, end_at_once, NULL);
  if (code == 0) pthread_join(thread, NULL);
  return code;
}

/* libcurl says that the name doesn't resolve, or since 8.20 nothing at all
   until the time is up. Here is tried what it had to do. */
int ba_cause_of_no_lookup (char *text, size_t size) {
  int code = try_descriptors();
  bool full = code != 0;
  if (!full) code = try_thread();
  if (code)
    snprintf(text, size, "no %s to look the name up: %s",
             full ? "descriptor is left" : "thread can be started",
             strerror(code));
  return code;
}

/* --- unix sockets -------------------------------------------------------- */

/* The kernel refuses a connection to any other file as if nobody listened. */
int ba_cause_of_unix_socket (const char *path, int code) {
  struct stat info;
  if (code == ECONNREFUSED && stat(path, &info) == 0
      && !S_ISSOCK(info.st_mode))
    return ENOTSOCK;
  return code;
}

void ba_cause_tell_unix_socket (char *text, size_t size, const char *path,
                                int code) {
  snprintf(text, size, "unix socket %s: %s", path, code
             ? strerror(code) : "the connection failed");
}
