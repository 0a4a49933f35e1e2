/* SPDX-License-Identifier: MIT */
/* What both pollers know of each descriptor: its wish and its life. */
#define _GNU_SOURCE
#include "poller_slots.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t ba_now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

bool ba_slots_reach (struct ba_poller *p, int fd) {
  int n = fd + fd / 2 + 16;
  struct ba_slot *slots;
  if (fd < p->n) return true;
  slots = realloc(p->slots, (size_t)n * sizeof *slots);
  if (!slots) return false;
  memset(slots + p->n, 0, (size_t)(n - p->n) * sizeof *slots);
  p->slots = slots;
  p->n = n;
  return true;
}

bool ba_poller_is_current (const struct ba_poller *p,
                           const struct ba_event *event) {
  return event->fd < p->n && p->slots[event->fd].want != 0
         && p->slots[event->fd].generation == event->generation;
}

bool ba_poller_watches (const struct ba_poller *p, int fd) {
  return fd >= 0 && fd < p->n && p->slots[fd].want != 0;
}

void ba_poller_each (const struct ba_poller *p, void (*each)(int fd)) {
  int fd;
  for (fd = 0; fd < p->n; fd++)
    if (p->slots[fd].want) each(fd);
}
