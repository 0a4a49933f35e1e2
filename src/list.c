/* SPDX-License-Identifier: MIT */
/* Lists of transfers; each transfer is in one list at most. */
#include "system.h"
#include "list.h"

void ba_list_remove (struct ba_transfer *t) {
  struct ba_entry *entry = &t->entry;
  if (!entry->list) return;
  if (entry->prev) entry->prev->entry.next = entry->next;
  else entry->list->first = entry->next;
  if (entry->next) entry->next->entry.prev = entry->prev;
  else entry->list->last = entry->prev;
  entry->list->count--;
  entry->list = NULL;
  entry->next = NULL;
  entry->prev = NULL;
}

void ba_list_move (struct ba_transfer *t, struct ba_list *to) {
  ba_list_remove(t);
  t->entry.list = to;
  t->entry.prev = to->last;
  if (to->last) to->last->entry.next = t;
  else to->first = t;
  to->last = t;
  to->count++;
}
