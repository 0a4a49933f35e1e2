/* SPDX-License-Identifier: MIT */
/* One descriptor that gathers many, and a timer. */
#ifndef BA_POLLER_H
#define BA_POLLER_H

#include "owner.h"

#include <stdbool.h>
#include <stdint.h>

enum { BA_READ = 1, BA_WRITE = 2 };

struct ba_slot;

/* `generation` tells which life of a descriptor's number an event is of. */
struct ba_event {
  int fd;
  unsigned bits;
  uint32_t generation;
};

struct ba_poller {
  int fd;                       /* epoll, -1: closed */
  int outer;                    /* the pollfd: epoll around fd; -1 */
  int timer;                    /* timerfd, once pollfd was asked for; -1 */
  int mark;                     /* a socket in fd, by which fd is known; -1 */
  struct ba_inode mark_inode;
  int64_t deadline;             /* what the timer is set to, -1: off */
  struct ba_slot *slots;        /* by descriptor */
  int n;
};

int64_t ba_now (void);          /* monotonic, microseconds */

bool ba_poller_open (struct ba_poller *p);
void ba_poller_close (struct ba_poller *p);
/* In a forked child: closes its copies of what is watched and of the poller's
   own, as far as they are still open there. */
void ba_poller_abandon (struct ba_poller *p);
/* Watches fd for bits; 0: no longer. False: no memory or refused. */
bool ba_poller_watch (struct ba_poller *p, int fd, unsigned bits);
/* At most `most` events within ms (-1: for ever): how many, -1: a signal. */
int ba_poller_wait (struct ba_poller *p, struct ba_event *events, int most,
                    int ms);
/* Is the event about the number's present life? */
bool ba_poller_is_current (const struct ba_poller *p,
                           const struct ba_event *event);
/* The one descriptor, readable on events and at the deadline; -1: none. */
int ba_poller_fd (struct ba_poller *p);
void ba_poller_set_deadline (struct ba_poller *p, int64_t deadline);
bool ba_poller_watches (const struct ba_poller *p, int fd);

#endif
