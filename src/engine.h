/* SPDX-License-Identifier: MIT */
/* Many transfers on one multi handle: start, step, cancel, deadlines. */
#ifndef BA_ENGINE_H
#define BA_ENGINE_H

#include "poller.h"
#include "transfer.h"

#include <sys/types.h>

enum { BA_KEEP_DEFAULT = 8, BA_KEEP_MAX = 10000 };

struct ba_list {
  struct ba_transfer *first, *last;
  size_t count;
};

struct ba_engine {
  bool open;
  pid_t pid;                    /* who opened it: not a forked child */
  CURLM *multi;
  struct ba_poller poller;
  int64_t due;                  /* libcurl's timer, -1: none */
  bool broken;                  /* libcurl has given up on the multi */
  bool news;                    /* something ended outside of a step */
  struct ba_list queued, parked, running, timers, done;
  struct ba_transfer *soonest;  /* of the timeline */
  uint64_t added;               /* to the timeline so far */
  struct ba_transfer *suspects;
  struct ba_host *hosts;
  bool kicks;                   /* libcurl < 8.4.0: curl#11920 */
  struct ba_roots roots;
  bool roots_known;
  int keep;                     /* idle connections at most */
  struct ba_idle *idle;         /* sockets that wait for another request */
  int n_idle;
  bool looked;                  /* at them, for the calls that start now */
  int64_t patience_ms;          /* of the call they were looked at for */
  struct ba_buffer resolved;    /* names that a call's resolve option set */
  CURL *model;                  /* what each call's easy handle is a copy of */
};

/* Opens what isn't open, in a forked child anew. NULL, or what failed. */
const char *ba_engine_ready (struct ba_engine *e);
/* Ends every call, then frees everything but the list of those done. */
void ba_engine_close (struct ba_engine *e);

/* Takes t, whose request is complete, in hand. */
void ba_engine_start (struct ba_engine *e, struct ba_transfer *t);
/* Takes t in hand as one that has already failed. */
void ba_engine_refuse (struct ba_engine *e, struct ba_transfer *t,
                       enum ba_kind kind, const char *text);
/* t is done in `us` microseconds, and transfers nothing. */
void ba_engine_timer (struct ba_engine *e, struct ba_transfer *t, int64_t us);
void ba_engine_cancel (struct ba_transfer *t, const char *why);
/* Lets go of t, which is ended first if it runs. */
void ba_engine_drop (struct ba_transfer *t);

/* Makes progress, waits at most ms (-1: until there is some). */
void ba_engine_step (struct ba_engine *e, int ms);
/* When the next step has something to do: microseconds, 0: now, -1: never. */
int64_t ba_engine_due (const struct ba_engine *e);
size_t ba_engine_count (const struct ba_engine *e);
int ba_engine_fd (struct ba_engine *e);

/* In sockets.c: how each socket is closed, and which are idle. */
bool ba_sockets_open (struct ba_engine *e);
void ba_sockets_free (struct ba_engine *e);
void ba_sockets_abandon (struct ba_engine *e);
void ba_sockets_note (struct ba_transfer *t);
/* Before t may take an open connection: true if one to its server is stale. */
bool ba_sockets_before_reuse (struct ba_transfer *t);

/* For queue.c. */
void ba_list_move (struct ba_transfer *t, struct ba_list *to);
void ba_engine_end (struct ba_transfer *t);

/* In queue.c: who may begin now. */
void ba_queue_push (struct ba_engine *e, struct ba_transfer *t);
struct ba_transfer *ba_queue_next (struct ba_engine *e, int64_t now);
void ba_queue_resolved (struct ba_transfer *t, bool name);
void ba_queue_ended (struct ba_transfer *t);
void ba_queue_free (struct ba_engine *e);

/* In timeline.c: deadlines in order. */
void ba_timeline_add (struct ba_transfer *t, int64_t deadline);
void ba_timeline_remove (struct ba_transfer *t);

#endif
