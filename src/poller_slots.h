/* SPDX-License-Identifier: MIT */
/* What both pollers know of each descriptor: its wish and its life. */
#ifndef BA_POLLER_SLOTS_H
#define BA_POLLER_SLOTS_H

#include "poller.h"

struct ba_slot {
  uint32_t generation;
  unsigned want;
};

bool ba_slots_reach (struct ba_poller *p, int fd);

#endif
