/* SPDX-License-Identifier: MIT */
/* A write whose signals end no process. */
#include "system.h"
#include "quiet.h"

#include <errno.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* Takes a signal that is blocked, where it waits. */
static void take_signal (int number) {
  static const struct timespec at_once = {0, 0};
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, number);
  while (sigtimedwait(&one, NULL, &at_once) < 0 && errno == EINTR)
    ;
}

ssize_t ba_quiet_write (int fd, const char *s, size_t n) {
  sigset_t fatal, before, waiting;
  ssize_t written;
  int code;
  sigemptyset(&fatal);
  sigaddset(&fatal, SIGPIPE);
  sigaddset(&fatal, SIGXFSZ);
  pthread_sigmask(SIG_BLOCK, &fatal, &before);
  sigpending(&waiting);
  written = write(fd, s, n);
  code = errno;
  if (written < 0 && code == EPIPE && !sigismember(&waiting, SIGPIPE))
    take_signal(SIGPIPE);
  if (written < 0 && code == EFBIG && !sigismember(&waiting, SIGXFSZ))
    take_signal(SIGXFSZ);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  errno = code;
  return written;
}
