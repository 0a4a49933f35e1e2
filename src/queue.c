/* SPDX-License-Identifier: MIT */
/* Which call may begin now: the first one of a host resolves its name, the
   others wait for that, since libcurl would use a thread for each. */
#include "system.h"
#include "queue.h"

#include "poller.h"

#include <stdlib.h>
#include <string.h>

/* libcurl keeps a resolved name for 60 s */
#define RESOLVED_US (50 * (int64_t)1000000)

/* A host and port that calls lead to. */
struct ba_host {
  struct ba_host *next;
  struct ba_transfer *leader;   /* who resolves it now */
  int64_t resolved_until;
  size_t waiting;               /* parked transfers */
  size_t len;
  char name[];
};

static bool is_unused (const struct ba_host *h, int64_t now) {
  return !h->leader && h->waiting == 0 && h->resolved_until <= now;
}

static struct ba_host *add (struct ba_queue *q, const char *name,
                            size_t len) {
  struct ba_host *h = calloc(1, sizeof *h + len);
  if (!h) return NULL;
  memcpy(h->name, name, len);
  h->len = len;
  h->next = q->hosts;
  q->hosts = h;
  return h;
}

/* Finds the host of t, and frees those that nobody needs on the way. NULL: no
   memory, or t doesn't go by its host's name. */
static struct ba_host *find (struct ba_queue *q, const struct ba_transfer *t,
                             int64_t now) {
  struct ba_host **at = &q->hosts;
  const struct ba_request *r = &t->request;
  const char *name = r->url.data + r->authority.at;
  if (r->own_route) return NULL;
  while (*at) {
    struct ba_host *h = *at;
    if (h->len == r->authority.len && memcmp(h->name, name, h->len) == 0)
      return h;
    if (is_unused(h, now)) {
      *at = h->next;
      free(h);
    }
    else at = &h->next;
  }
  return add(q, name, r->authority.len);
}

void ba_queue_push (struct ba_queue *q, struct ba_transfer *t) {
  t->entry.state = BA_QUEUED;
  ba_list_move(t, &q->ready);
}

static void park (struct ba_queue *q, struct ba_transfer *t,
                  struct ba_host *h) {
  t->entry.host = h;
  h->waiting++;
  ba_list_move(t, &q->parked);
}

/* Those parked for h go to another list; `why`: with this outcome. */
static void unpark (struct ba_queue *q, struct ba_host *h, struct ba_list *to,
                    const struct ba_outcome *why) {
  struct ba_transfer *t = q->parked.first;
  while (h->waiting > 0 && t) {
    struct ba_transfer *next = t->entry.next;
    if (t->entry.host == h) {
      t->entry.host = NULL;
      h->waiting--;
      if (why) t->outcome = *why;
      ba_list_move(t, to);
    }
    t = next;
  }
}

struct ba_transfer *ba_queue_next (struct ba_queue *q, int64_t now) {
  struct ba_transfer *t;
  for (t = q->ready.first; t; t = q->ready.first) {
    struct ba_host *h = find(q, t, now);
    if (!h || h->resolved_until > now) break;
    if (!h->leader || h->leader == t) {
      h->leader = t;
      t->entry.host = h;
      break;
    }
    park(q, t, h);
  }
  return t;
}

/* After an open connection the name is as unresolved as before: one of those
   that begin now leads. */
void ba_queue_resolved (struct ba_queue *q, struct ba_transfer *t,
                        bool by_name) {
  struct ba_host *h = t->entry.host;
  if (!h || h->leader != t) return;
  if (by_name) h->resolved_until = ba_now() + RESOLVED_US;
  t->entry.host = NULL;
  h->leader = NULL;
  unpark(q, h, &q->ready, NULL);
}

/* Who has the most time left leads next, the others go on waiting: somebody
   always asks, by one thread, and has as long for it as can be. */
static void lead_next (struct ba_queue *q, struct ba_host *h) {
  struct ba_transfer *t;
  struct ba_transfer *best = NULL;
  for (t = q->parked.first; t; t = t->entry.next)
    if (t->entry.host == h
        && (!best || t->entry.deadline > best->entry.deadline))
      best = t;
  h->leader = best;
  if (!best) return;
  h->waiting--;
  ba_list_move(best, &q->ready);
}

/* That the leader's name has no address is the answer for everyone who waited
   for it. */
void ba_queue_ended (struct ba_queue *q, struct ba_transfer *t) {
  struct ba_host *h = t->entry.host;
  if (!h) return;
  t->entry.host = NULL;
  if (h->leader != t) {
    h->waiting--;
    return;
  }
  if (t->outcome.curl_code == CURLE_COULDNT_RESOLVE_HOST)
    unpark(q, h, &q->failed, &t->outcome);
  lead_next(q, h);
}

void ba_queue_free (struct ba_queue *q) {
  while (q->hosts) {
    struct ba_host *next = q->hosts->next;
    free(q->hosts);
    q->hosts = next;
  }
}
