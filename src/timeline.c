/* SPDX-License-Identifier: MIT */
/* Deadlines in order: of timers, and of calls that wait for their turn. */
#include "engine.h"

/* From the end: most deadlines are the latest so far. */
void ba_timeline_add (struct ba_transfer *t, int64_t deadline) {
  struct ba_engine *e = t->place.engine;
  struct ba_transfer *sooner = e->latest;
  while (sooner && sooner->place.deadline > deadline)
    sooner = sooner->place.sooner;
  t->place.deadline = deadline;
  t->place.sooner = sooner;
  t->place.later = sooner ? sooner->place.later : e->soonest;
  if (sooner) sooner->place.later = t;
  else e->soonest = t;
  if (t->place.later) t->place.later->place.sooner = t;
  else e->latest = t;
  t->place.timed = true;
}

void ba_timeline_remove (struct ba_transfer *t) {
  struct ba_engine *e = t->place.engine;
  if (!t->place.timed) return;
  if (t->place.sooner) t->place.sooner->place.later = t->place.later;
  else e->soonest = t->place.later;
  if (t->place.later) t->place.later->place.sooner = t->place.sooner;
  else e->latest = t->place.sooner;
  t->place.timed = false;
}
