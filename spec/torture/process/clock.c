/* SPDX-License-Identifier: MIT */
/* Preloaded: the wall clock is up to two hours fast, another time at each
   look: it jumps forwards and back, but never to before the certificates of
   the test were made. The monotonic one is as it is. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long jump (void) {
  static unsigned state = 1;
  state = state * 1103515245u + 12345u;
  return (long)(state >> 16) % 7201;
}

int clock_gettime (clockid_t which, struct timespec *now) {
  int code = (int)syscall(SYS_clock_gettime, which, now);
  if (which == CLOCK_REALTIME) now->tv_sec += jump();
  return code;
}

int gettimeofday (struct timeval *restrict now, void *restrict zone) {
  int code = (int)syscall(SYS_gettimeofday, now, zone);
  now->tv_sec += jump();
  return code;
}

time_t time (time_t *to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}
