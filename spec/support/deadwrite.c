/* SPDX-License-Identifier: MIT */
/* Preloaded: once the file that DEAD_FILE names is there, one write to a
   socket fails, as if its end came right before, and the file is removed. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

typedef ssize_t sender (int fd, const void *bytes, size_t n, int flags);

ssize_t send (int fd, const void *bytes, size_t n, int flags) {
  sender *next;
  const char *file = getenv("DEAD_FILE");
  if (file && unlink(file) == 0) {
    errno = EPIPE;
    return -1;
  }
  *(void **)&next = dlsym(RTLD_NEXT, "send");
  return next(fd, bytes, n, flags);
}
