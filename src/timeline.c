/* SPDX-License-Identifier: MIT */
/* Deadlines in order: of timers, of calls that wait and of calls that run. */
#include "system.h"
#include "timeline.h"

static bool is_sooner (const struct ba_entry *a, const struct ba_entry *b) {
  if (a->deadline != b->deadline) return a->deadline < b->deadline;
  return a->order < b->order;
}

/* Of two heaps: the later root becomes the sooner one's first child. */
static struct ba_transfer *meld (struct ba_transfer *a,
                                 struct ba_transfer *b) {
  struct ba_transfer *root = is_sooner(&a->entry, &b->entry) ? a : b;
  struct ba_transfer *child = root == a ? b : a;
  child->entry.sibling = root->entry.child;
  if (child->entry.sibling) child->entry.sibling->entry.before = child;
  child->entry.before = root;
  root->entry.child = child;
  return root;
}

static void detach (struct ba_transfer *t) {
  t->entry.before = NULL;
  t->entry.sibling = NULL;
}

/* Of a row of siblings, one heap: in pairs, then those from the last on. */
static struct ba_transfer *meld_all (struct ba_transfer *first) {
  struct ba_transfer *pairs = NULL, *root = NULL, *next;
  while (first) {
    struct ba_transfer *a = first, *b = first->entry.sibling;
    first = b ? b->entry.sibling : NULL;
    detach(a);
    if (b) {
      detach(b);
      a = meld(a, b);
    }
    a->entry.sibling = pairs;
    pairs = a;
  }
  for (; pairs; pairs = next) {
    next = pairs->entry.sibling;
    detach(pairs);
    root = root ? meld(root, pairs) : pairs;
  }
  return root;
}

void ba_timeline_add (struct ba_timeline *line, struct ba_transfer *t,
                      int64_t deadline) {
  t->entry.deadline = deadline;
  t->entry.order = line->added++;
  t->entry.timed = true;
  line->soonest = line->soonest ? meld(line->soonest, t) : t;
}

void ba_timeline_remove (struct ba_timeline *line, struct ba_transfer *t) {
  struct ba_entry *entry = &t->entry;
  struct ba_transfer *rest;
  if (!entry->timed) return;
  rest = meld_all(entry->child);
  if (t == line->soonest) line->soonest = rest;
  else {
    if (entry->before->entry.child == t)
      entry->before->entry.child = entry->sibling;
    else entry->before->entry.sibling = entry->sibling;
    if (entry->sibling) entry->sibling->entry.before = entry->before;
    if (rest) line->soonest = meld(line->soonest, rest);
  }
  entry->child = NULL;
  detach(t);
  entry->timed = false;
}
