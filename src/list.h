/* SPDX-License-Identifier: MIT */
/* Lists of transfers; each transfer is in one list at most. */
#ifndef BA_LIST_H
#define BA_LIST_H

#include "transfer.h"

struct ba_list {
  struct ba_transfer *first, *last;
  size_t count;
};

/* To the end of the list, out of the one it was in. */
void ba_list_move (struct ba_transfer *t, struct ba_list *to);
void ba_list_remove (struct ba_transfer *t);

#endif
