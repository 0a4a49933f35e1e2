/* SPDX-License-Identifier: MIT */
/* The poller: epoll, and a timerfd inside it; for other loops inside a second
   epoll, which stays the same when the first one is replaced. */
#include "system.h"
#include "poller.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64 };

#define OWN_TAG UINT64_MAX

/* What is known of each descriptor. `generation` counts its lives. */
struct ba_slot {
  uint32_t generation;
  unsigned interest;
  struct ba_inode inode;
};

int64_t ba_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void clear (struct ba_poller *p) {
  memset(p, 0, sizeof *p);
  p->outer = -1;
  p->timer = -1;
  p->mark = -1;
  p->fd = -1;
  p->deadline = -1;
}

/* For a member of the poller's own: its tag stands in the place of a number
   and a generation. */
static bool control_own (int set, int command, int fd, uint32_t events) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.u64 = OWN_TAG;
  return epoll_ctl(set, command, fd, &event) == 0;
}

/* No two epolls can be told apart by themselves: this one has a socket in it
   that does nothing. Where none is to be had, a child leaves it open. */
static void add_mark (struct ba_poller *p) {
  p->mark = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  p->mark_inode = ba_inode_of(p->mark);
  control_own(p->fd, EPOLL_CTL_ADD, p->mark, 0);
}

bool ba_poller_open (struct ba_poller *p) {
  clear(p);
  p->fd = epoll_create1(EPOLL_CLOEXEC);
  if (p->fd >= 0) add_mark(p);
  return p->fd >= 0;
}

static void close_one (int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void ba_poller_close (struct ba_poller *p) {
  close_one(&p->outer);
  close_one(&p->timer);
  close_one(&p->mark);
  close_one(&p->fd);
  free(p->slots);
  clear(p);
}

/* --- in a forked child --------------------------------------------------- */

/* Has the set this member of the poller's own? The parent shares the set, and
   sees no change: the member is set to what it is. */
static bool has_own (int set, int fd, uint32_t events) {
  return control_own(set, EPOLL_CTL_MOD, fd, events);
}

/* Whoever forked may have closed all and opened other things since. */
static void close_sets (struct ba_poller *p) {
  if (!ba_inode_has(&p->mark_inode, p->mark) || !has_own(p->fd, p->mark, 0))
    return;
  if (has_own(p->outer, p->fd, EPOLLIN)) close(p->outer);
  if (has_own(p->fd, p->timer, EPOLLIN)) close(p->timer);
  close(p->fd);
}

void ba_poller_abandon (struct ba_poller *p) {
  int fd;
  for (fd = 0; fd < p->n; fd++)
    if (p->slots[fd].interest) ba_inode_close(&p->slots[fd].inode, fd);
  close_sets(p);
  ba_inode_close(&p->mark_inode, p->mark);
  free(p->slots);
  clear(p);
}

/* --- slots --------------------------------------------------------------- */

static bool ensure_slot (struct ba_poller *p, int fd) {
  int n = fd + fd / 2 + 16;
  struct ba_slot *slots;
  if (fd < p->n) return true;
  if ((size_t)n > SIZE_MAX / sizeof *slots) return false;
  slots = realloc(p->slots, (size_t)n * sizeof *slots);
  if (!slots) return false;
  memset(slots + p->n, 0, (size_t)(n - p->n) * sizeof *slots);
  p->slots = slots;
  p->n = n;
  return true;
}

bool ba_poller_is_current (const struct ba_poller *p,
                           const struct ba_event *event) {
  return event->fd < p->n && p->slots[event->fd].interest != 0
         && p->slots[event->fd].generation == event->generation;
}

bool ba_poller_watches (const struct ba_poller *p, int fd) {
  return fd >= 0 && fd < p->n && p->slots[fd].interest != 0;
}

/* --- epoll --------------------------------------------------------------- */

static struct epoll_event event_for (const struct ba_poller *p, int fd) {
  const struct ba_slot *slot = &p->slots[fd];
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  if (slot->interest & BA_READ) event.events |= EPOLLIN;
  if (slot->interest & BA_WRITE) event.events |= EPOLLOUT;
  event.data.u64 = (uint64_t)slot->generation << 32 | (uint32_t)fd;
  return event;
}

/* The kernel forgets a descriptor that was closed, and may still know one
   whose number was reused: the other command is the right one then. */
static bool control (struct ba_poller *p, int fd, int command) {
  struct epoll_event event = event_for(p, fd);
  if (epoll_ctl(p->fd, command, fd, &event) == 0) return true;
  command = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  return epoll_ctl(p->fd, command, fd, &event) == 0;
}

static void unwatch (struct ba_poller *p, int fd) {
  struct epoll_event unused;
  struct ba_slot *slot = &p->slots[fd];
  if (!slot->interest) return;
  memset(&unused, 0, sizeof unused);
  /* EBADF is normal: libcurl 7.88 closes a socket that still connects
     before it says so */
  epoll_ctl(p->fd, EPOLL_CTL_DEL, fd, &unused);
  slot->interest = 0;
  slot->generation++;
}

bool ba_poller_watch (struct ba_poller *p, int fd, unsigned bits) {
  struct ba_slot *slot;
  bool known;
  if (fd < 0 || !ensure_slot(p, fd)) return false;
  if (bits == 0) {
    unwatch(p, fd);
    return true;
  }
  slot = &p->slots[fd];
  known = slot->interest != 0;
  slot->inode = ba_inode_of(fd);
  slot->interest = bits;
  if (control(p, fd, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD)) return true;
  slot->interest = 0;
  return false;
}

static bool add_own (int set, int fd) {
  return control_own(set, EPOLL_CTL_ADD, fd, EPOLLIN);
}

static void show_outside (struct ba_poller *p, bool shown) {
  struct epoll_event unused;
  memset(&unused, 0, sizeof unused);
  if (p->outer < 0) return;
  if (shown) add_own(p->outer, p->fd);
  else epoll_ctl(p->outer, EPOLL_CTL_DEL, p->fd, &unused);
}

/* A child that was forked while a socket connected may hold one that we no
   longer can remove: it would be ready for ever. A new set without it takes
   the old one's number. */
static void rebuild (struct ba_poller *p) {
  int fresh = epoll_create1(EPOLL_CLOEXEC);
  int fd, same;
  if (fresh < 0) return;
  show_outside(p, false);
  same = dup3(fresh, p->fd, O_CLOEXEC);
  if (same >= 0) {
    p->fd = same;
    for (fd = 0; fd < p->n; fd++)
      if (p->slots[fd].interest) control(p, fd, EPOLL_CTL_ADD);
    if (p->timer >= 0) add_own(p->fd, p->timer);
    control_own(p->fd, EPOLL_CTL_ADD, p->mark, 0);
  }
  show_outside(p, true);
  close(fresh);
}

static unsigned bits_of (uint32_t events) {
  unsigned bits = 0;
  if (events & EPOLLIN) bits |= BA_READ;
  if (events & EPOLLOUT) bits |= BA_WRITE;
  /* never an error of its own: libcurl would fail the call with code 55,
     where reading tells what happened */
  if (events & (EPOLLERR | EPOLLHUP)) bits |= BA_READ | BA_WRITE;
  return bits;
}

/* Those that are about the present life of their descriptor. */
static int translate (struct ba_poller *p, const struct epoll_event *from,
                      int n, struct ba_event *to) {
  int current = 0;
  int stale = 0;
  int i;
  for (i = 0; i < n; i++) {
    if (from[i].data.u64 == OWN_TAG) continue;
    to[current].fd = (int)(uint32_t)from[i].data.u64;
    to[current].generation = (uint32_t)(from[i].data.u64 >> 32);
    to[current].bits = bits_of(from[i].events);
    if (ba_poller_is_current(p, &to[current])) current++;
    else stale++;
  }
  if (stale > 0) rebuild(p);
  return current;
}

int ba_poller_wait (struct ba_poller *p, struct ba_event *events, int most,
                    int ms) {
  struct epoll_event ready[BATCH];
  int n = epoll_wait(p->fd, ready, most < BATCH ? most : BATCH, ms);
  if (n < 0) return -1;
  return translate(p, ready, n, events);
}

void ba_poller_set_deadline (struct ba_poller *p, int64_t deadline) {
  struct itimerspec when;
  if (p->timer < 0 || deadline == p->deadline) return;
  memset(&when, 0, sizeof when);
  if (deadline >= 0) {
    when.it_value.tv_sec = (time_t)(deadline / 1000000);
    when.it_value.tv_nsec = (long)(deadline % 1000000 * 1000);
    if (deadline == 0) when.it_value.tv_nsec = 1;       /* 0 would stop it */
  }
  if (timerfd_settime(p->timer, TFD_TIMER_ABSTIME, &when, NULL) == 0)
    p->deadline = deadline;
}

int ba_poller_fd (struct ba_poller *p) {
  if (p->outer >= 0) return p->outer;
  p->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  p->outer = epoll_create1(EPOLL_CLOEXEC);
  if (p->timer >= 0 && p->outer >= 0 && add_own(p->fd, p->timer)
      && add_own(p->outer, p->fd))
    return p->outer;
  close_one(&p->timer);
  close_one(&p->outer);
  return -1;
}
