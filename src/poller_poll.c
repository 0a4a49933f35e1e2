/* SPDX-License-Identifier: MIT */
/* The portable poller: poll(2), no descriptor of its own. */
#define _GNU_SOURCE
#include "poller_slots.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

bool ba_poller_open (struct ba_poller *p) {
  memset(p, 0, sizeof *p);
  p->fd = -1;
  p->timer = -1;
  p->deadline = -1;
  return true;
}

void ba_poller_close (struct ba_poller *p) {
  free(p->slots);
  memset(p, 0, sizeof *p);
  p->fd = -1;
  p->timer = -1;
}

bool ba_poller_watch (struct ba_poller *p, int fd, unsigned bits) {
  struct ba_slot *slot;
  if (fd < 0 || !ba_slots_reach(p, fd)) return false;
  slot = &p->slots[fd];
  if (slot->want && !bits) {
    slot->generation++;
    p->watched--;
  }
  else if (!slot->want && bits) p->watched++;
  slot->want = bits;
  return true;
}

static nfds_t gather (const struct ba_poller *p, struct pollfd *list) {
  nfds_t n = 0;
  int fd;
  for (fd = 0; fd < p->n; fd++) {
    unsigned want = p->slots[fd].want;
    if (!want) continue;
    list[n].fd = fd;
    list[n].events = (short)((want & BA_READ ? POLLIN : 0)
                             | (want & BA_WRITE ? POLLOUT : 0));
    list[n].revents = 0;
    n++;
  }
  return n;
}

static unsigned bits_of (short events) {
  unsigned bits = 0;
  if (events & POLLIN) bits |= BA_READ;
  if (events & POLLOUT) bits |= BA_WRITE;
  if (events & (POLLERR | POLLHUP | POLLNVAL)) bits |= BA_READ | BA_WRITE;
  return bits;
}

struct batch {
  struct ba_event *events;
  int most;
};

/* The events of a list of n, at most as many as fit. */
static int take (const struct ba_poller *p, const struct pollfd *list,
                 nfds_t n, struct batch to) {
  int taken = 0;
  nfds_t i;
  for (i = 0; i < n && taken < to.most; i++) {
    if (!list[i].revents) continue;
    to.events[taken].fd = list[i].fd;
    to.events[taken].generation = p->slots[list[i].fd].generation;
    to.events[taken].bits = bits_of(list[i].revents);
    taken++;
  }
  return taken;
}

int ba_poller_wait (struct ba_poller *p, struct ba_event *events, int most,
                    int ms) {
  size_t size = (size_t)p->watched * sizeof(struct pollfd);
  struct pollfd *list = malloc(size ? size : 1);
  struct batch to;
  nfds_t n;
  int ready;
  if (!list) {                          /* a short rest, then once more */
    poll(NULL, 0, ms < 0 || ms > 10 ? 10 : ms);
    return 0;
  }
  n = gather(p, list);
  ready = poll(list, n, ms);
  to.events = events;
  to.most = most;
  if (ready > 0) ready = take(p, list, n, to);
  free(list);
  return ready;
}

void ba_poller_set_deadline (struct ba_poller *p, int64_t deadline) {
  (void)p;
  (void)deadline;
}

int ba_poller_fd (struct ba_poller *p) {
  (void)p;
  return -1;
}
