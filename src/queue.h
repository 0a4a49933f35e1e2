/* SPDX-License-Identifier: MIT */
/* Which call may begin now: the first one of a host resolves its name, the
   others wait for that, since libcurl would use a thread for each. */
#ifndef BA_QUEUE_H
#define BA_QUEUE_H

#include "list.h"

struct ba_queue {
  struct ba_list ready;         /* may begin, or may have to wait for a host */
  struct ba_list parked;        /* wait for another call to resolve the host */
  struct ba_list failed;        /* the host has no address: to be ended */
  struct ba_host *hosts;
};

void ba_queue_push (struct ba_queue *q, struct ba_transfer *t);
/* The next one that may begin, still in its list; NULL: none. */
struct ba_transfer *ba_queue_next (struct ba_queue *q, int64_t now);
/* t has a socket (`by_name`: its host's name was resolved), or took a
   connection that was open. */
void ba_queue_resolved (struct ba_queue *q, struct ba_transfer *t,
                        bool by_name);
/* t ended: nobody may wait for it any longer. */
void ba_queue_ended (struct ba_queue *q, struct ba_transfer *t);
void ba_queue_free (struct ba_queue *q);

#endif
