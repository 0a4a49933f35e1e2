/* SPDX-License-Identifier: MIT */
/* Tries the poller alone: each line says "ok" or "not ok" and a sentence. */
#include "system.h"
#include "poller.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static void tell (bool ok, const char *text) {
  printf("%s %s\n", ok ? "ok" : "not ok", text);
}

/* A pair whose first number is `number`. */
static void pair_at (int number, int *other) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) _exit(9);
  if (pair[0] != number) {
    if (pair[1] == number) pair[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, 100);
    dup3(pair[0], number, O_CLOEXEC);
    close(pair[0]);
  }
  *other = pair[1];
}

static void try_basics (struct ba_poller *p) {
  struct ba_event events[8];
  int other;
  int64_t began;
  pair_at(50, &other);
  tell(ba_poller_wait(p, events, 8, 0) == 0, "nothing is ready at first");
  tell(ba_poller_watch(p, 50, BA_READ), "a socket can be watched");
  tell(ba_poller_wait(p, events, 8, 0) == 0, "it isn't readable");
  began = ba_now();
  ba_poller_wait(p, events, 8, 30);
  tell(ba_now() - began >= 29000, "a wait lasts as long as it is told");
  if (write(other, "x", 1) != 1) _exit(9);
  tell(ba_poller_wait(p, events, 8, 1000) == 1 && events[0].fd == 50
       && events[0].bits == BA_READ, "it is readable once bytes came");
  tell(ba_poller_is_current(p, &events[0]), "and the event is about it");
  ba_poller_watch(p, 50, BA_WRITE);
  tell(ba_poller_wait(p, events, 8, 1000) == 1 && events[0].bits == BA_WRITE,
       "another wish replaces the first");
  ba_poller_watch(p, 50, 0);
  tell(ba_poller_wait(p, events, 8, 0) == 0, "none is reported any longer");
  tell(!ba_poller_is_current(p, &events[0]), "and the old event is stale");
  tell(ba_poller_watch(p, 50, 0) && ba_poller_watch(p, 7000, 0),
       "what isn't watched can be dropped again");
  tell(!ba_poller_watch(p, -1, BA_READ), "a number below 0 is refused");
  close(50);
  close(other);
}

/* Hang-ups and errors are reads and writes, which tell what happened. */
static void try_errors (struct ba_poller *p) {
  struct ba_event events[8];
  int other;
  pair_at(51, &other);
  ba_poller_watch(p, 51, BA_READ);
  close(other);
  tell(ba_poller_wait(p, events, 8, 1000) == 1
       && (events[0].bits & ~(unsigned)(BA_READ | BA_WRITE)) == 0
       && (events[0].bits & BA_READ),
       "a hang-up is something to read, and no third thing");
  ba_poller_watch(p, 51, 0);
  close(51);
}

/* libcurl 7.88 closes a socket that still connects before it says so. */
static void try_closed (struct ba_poller *p) {
  struct ba_event events[8], old;
  int other, next;
  pair_at(52, &other);
  ba_poller_watch(p, 52, BA_READ);
  if (write(other, "x", 1) != 1) _exit(9);
  ba_poller_wait(p, events, 8, 1000);
  old = events[0];
  close(52);
  tell(ba_poller_watch(p, 52, 0), "dropping what is closed is no failure");
  pair_at(52, &next);
  tell(ba_poller_watch(p, 52, BA_READ), "its number can be watched again");
  tell(!ba_poller_is_current(p, &old), "an event of its earlier life is stale");
  tell(ba_poller_wait(p, events, 8, 0) == 0, "nothing of it is left");
  if (write(next, "y", 1) != 1) _exit(9);
  tell(ba_poller_wait(p, events, 8, 1000) == 1
       && ba_poller_is_current(p, &events[0]), "its own event is current");
  close(52);
  close(next);
  pair_at(52, &next);
  tell(ba_poller_watch(p, 52, BA_READ | BA_WRITE),
       "a number that was reused unsaid is watched anew");
  tell(ba_poller_wait(p, events, 8, 1000) == 1, "and reports");
  ba_poller_watch(p, 52, 0);
  close(52);
  close(next);
  close(other);
}

/* As an event loop watches the poller. */
static int watch_from_outside (struct ba_poller *p) {
  int outside = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = EPOLLIN;
  if (epoll_ctl(outside, EPOLL_CTL_ADD, ba_poller_fd(p), &event)) _exit(9);
  return outside;
}

/* Forked while it was watched, closed here without a word: a child's copy
   would be ready for ever. */
static void try_fork (struct ba_poller *p) {
  struct ba_event events[8];
  struct epoll_event event;
  int outside = watch_from_outside(p);
  int other, innocent, far;
  int rounds = 0;
  pid_t child;
  int64_t began;
  pair_at(53, &other);
  pair_at(54, &innocent);
  ba_poller_watch(p, 53, BA_READ);
  ba_poller_watch(p, 54, BA_READ);
  far = dup(53);
  child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  if (write(other, "x", 1) != 1) _exit(9);
  close(53);
  ba_poller_watch(p, 53, 0);
  began = ba_now();
  while (ba_now() - began < 50000 && rounds < 100000) {
    int n = ba_poller_wait(p, events, 8, 20);
    if (n != 0) break;
    rounds++;
  }
  tell(rounds < 20, "a child's copy of a closed socket makes nothing spin");
  tell(epoll_wait(outside, &event, 1, 0) == 0, "nor the loop outside");
  if (write(innocent, "y", 1) != 1) _exit(9);
  tell(epoll_wait(outside, &event, 1, 1000) == 1,
       "which still hears of the others");
  tell(ba_poller_wait(p, events, 8, 1000) == 1 && events[0].fd == 54,
       "and the others are still watched");
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  ba_poller_watch(p, 54, 0);
  close(54);
  close(innocent);
  close(other);
  close(far);
  close(outside);
}

static void try_many (struct ba_poller *p) {
  struct ba_event events[64];
  int others[200];
  int i, n;
  int seen = 0;
  for (i = 0; i < 200; i++) {
    pair_at(1000 + i, &others[i]);
    if (others[i] < 1000) others[i] = fcntl(others[i], F_DUPFD_CLOEXEC, 2000);
    ba_poller_watch(p, 1000 + i, BA_READ);
    if (write(others[i], "x", 1) != 1) _exit(9);
  }
  for (n = 1; n > 0 && seen < 200; ) {
    n = ba_poller_wait(p, events, 64, 1000);
    if (n > 64) break;
    for (i = 0; i < n; i++, seen++)
      ba_poller_watch(p, events[i].fd, 0);
  }
  tell(seen == 200, "two hundred are all reported, 64 at a time");
  for (i = 0; i < 200; i++) {
    close(1000 + i);
    close(others[i]);
  }
}

static void on_alarm (int number) {
  (void)number;
}

static void try_signal (struct ba_poller *p) {
  struct ba_event events[8];
  struct itimerval when = {{0, 0}, {0, 20000}};
  int64_t began = ba_now();
  int n;
  signal(SIGALRM, on_alarm);
  setitimer(ITIMER_REAL, &when, NULL);
  n = ba_poller_wait(p, events, 8, 20000);
  tell(n == -1 && ba_now() - began < 10000000, "a signal ends a wait");
}

static bool is_readable (int fd) {
  fd_set set;
  struct timeval none = {0, 0};
  FD_ZERO(&set);
  FD_SET(fd, &set);
  return select(fd + 1, &set, NULL, NULL, &none) == 1;
}

static void try_deadline (struct ba_poller *p) {
  struct ba_event events[8];
  int fd = ba_poller_fd(p);
  tell(fd >= 0 && fd == ba_poller_fd(p), "there is one descriptor");
  tell((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "it is close-on-exec");
  tell(!is_readable(fd), "it isn't readable without a deadline");
  ba_poller_set_deadline(p, 0);
  tell(is_readable(fd), "a deadline of 0 is now");
  ba_poller_set_deadline(p, ba_now() + 30000);
  tell(!is_readable(fd), "a later deadline is not yet");
  usleep(40000);
  tell(is_readable(fd), "but then");
  tell(ba_poller_wait(p, events, 8, 0) == 0, "the deadline is no event");
  ba_poller_set_deadline(p, -1);
  tell(!is_readable(fd), "and it can be taken back");
}

/* A child has an epoll of its own at `number` (-1: nowhere) in its place: how
   many of the three numbers lead to nothing once it has let go. */
static int abandoned (struct ba_poller *p, const int *numbers, int number) {
  int closed = 0;
  int status, i;
  pid_t child;
  fflush(stdout);
  child = fork();
  if (child == 0) {
    if (number >= 0 && dup2(epoll_create1(0), number) != number) _exit(9);
    ba_poller_abandon(p);
    for (i = 0; i < 3; i++)
      if (fcntl(numbers[i], F_GETFD) < 0) closed++;
    exit(closed);
  }
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void try_child (struct ba_poller *p) {
  struct ba_event events[8];
  int numbers[3], other, i;
  pair_at(55, &other);
  ba_poller_watch(p, 55, BA_READ);
  numbers[0] = ba_poller_fd(p);
  numbers[1] = p->fd;
  numbers[2] = 55;
  tell(abandoned(p, numbers, -1) == 3, "a child lets go of what it has");
  tell(abandoned(p, numbers, numbers[0]) == 2, "but not of another epoll");
  tell(abandoned(p, numbers, numbers[1]) == 1,
       "nor of what was known by the one that it closed");
  tell(abandoned(p, numbers, 55) == 2, "nor of what took a socket's number");
  if (write(other, "x", 1) != 1) _exit(9);
  for (i = 0; i < 2; i++)
    tell(ba_poller_wait(p, events, 8, 1000) == 1 && events[0].fd == 55,
         "and the parent still watches");
  ba_poller_watch(p, 55, 0);
  close(55);
  close(other);
}

int main (void) {
  struct ba_poller p;
  tell(ba_poller_open(&p), "a poller opens");
  try_basics(&p);
  try_errors(&p);
  try_closed(&p);
  try_child(&p);
  try_many(&p);
  try_signal(&p);
  try_fork(&p);
  try_deadline(&p);
  ba_poller_close(&p);
  ba_poller_close(&p);
  tell(true, "a poller closes, twice");
  return 0;
}
