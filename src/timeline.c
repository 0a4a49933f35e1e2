/* SPDX-License-Identifier: MIT */
/* Deadlines in order: of timers, of calls that wait and of calls that run.
   A pairing heap whose nodes are the transfers: thousands with any times, and
   nothing to allocate. */
#include "system.h"
#include "engine.h"

static bool is_sooner (const struct ba_place *a, const struct ba_place *b) {
  if (a->deadline != b->deadline) return a->deadline < b->deadline;
  return a->order < b->order;
}

/* Of two heaps: the later root becomes the sooner one's first child. */
static struct ba_transfer *meld (struct ba_transfer *a,
                                 struct ba_transfer *b) {
  struct ba_transfer *root = is_sooner(&a->place, &b->place) ? a : b;
  struct ba_transfer *child = root == a ? b : a;
  child->place.sibling = root->place.child;
  if (child->place.sibling) child->place.sibling->place.before = child;
  child->place.before = root;
  root->place.child = child;
  return root;
}

static void detach (struct ba_transfer *t) {
  t->place.before = NULL;
  t->place.sibling = NULL;
}

/* Of a row of siblings, one heap: in pairs, then those from the last on. */
static struct ba_transfer *meld_all (struct ba_transfer *first) {
  struct ba_transfer *pairs = NULL, *root = NULL, *next;
  while (first) {
    struct ba_transfer *a = first, *b = first->place.sibling;
    first = b ? b->place.sibling : NULL;
    detach(a);
    if (b) {
      detach(b);
      a = meld(a, b);
    }
    a->place.sibling = pairs;
    pairs = a;
  }
  for (; pairs; pairs = next) {
    next = pairs->place.sibling;
    detach(pairs);
    root = root ? meld(root, pairs) : pairs;
  }
  return root;
}

void ba_timeline_add (struct ba_transfer *t, int64_t deadline) {
  struct ba_engine *e = t->place.engine;
  t->place.deadline = deadline;
  t->place.order = e->added++;
  t->place.timed = true;
  e->soonest = e->soonest ? meld(e->soonest, t) : t;
}

void ba_timeline_remove (struct ba_transfer *t) {
  struct ba_engine *e = t->place.engine;
  struct ba_place *p = &t->place;
  struct ba_transfer *rest;
  if (!p->timed) return;
  rest = meld_all(p->child);
  if (t == e->soonest) e->soonest = rest;
  else {
    if (p->before->place.child == t) p->before->place.child = p->sibling;
    else p->before->place.sibling = p->sibling;
    if (p->sibling) p->sibling->place.before = p->before;
    if (rest) e->soonest = meld(e->soonest, rest);
  }
  p->child = NULL;
  detach(t);
  p->timed = false;
}
