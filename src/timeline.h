/* SPDX-License-Identifier: MIT */
/* Deadlines in order: of timers, of calls that wait and of calls that run. */
#ifndef BA_TIMELINE_H
#define BA_TIMELINE_H

#include "transfer.h"

/* A pairing heap whose nodes are the transfers: thousands with any times, and
   nothing to allocate. */
struct ba_timeline {
  struct ba_transfer *soonest;
  uint64_t added;               /* so far */
};

void ba_timeline_add (struct ba_timeline *line, struct ba_transfer *t,
                      int64_t deadline);
void ba_timeline_remove (struct ba_timeline *line, struct ba_transfer *t);

#endif
