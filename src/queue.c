/* SPDX-License-Identifier: MIT */
/* Which call may begin now: the first one of a host resolves its name, the
   others wait for that, since libcurl would use a thread for each. */
#include "system.h"
#include "engine.h"

#include <stdlib.h>
#include <string.h>

/* libcurl keeps a resolved name for 60 s */
#define WARM_US (50 * (int64_t)1000000)

struct ba_host {
  struct ba_host *next;
  struct ba_transfer *leader;   /* who resolves it now */
  int64_t warm_until;
  size_t waiting;               /* parked transfers */
  size_t len;
  char *key;
};

static const char *key_of (const struct ba_transfer *t) {
  return t->request.url.data + t->request.authority.at;
}

static bool is_spent (const struct ba_host *h, int64_t now) {
  return !h->leader && h->waiting == 0 && h->warm_until <= now;
}

static void free_host (struct ba_host *h) {
  free(h->key);
  free(h);
}

static struct ba_host *add (struct ba_engine *e, const char *key,
                            size_t len) {
  struct ba_host *h = calloc(1, sizeof *h);
  if (!h) return NULL;
  h->key = malloc(len ? len : 1);
  if (!h->key) {
    free(h);
    return NULL;
  }
  memcpy(h->key, key, len);
  h->len = len;
  h->next = e->hosts;
  e->hosts = h;
  return h;
}

/* Finds the host, and drops those that nobody needs on the way. */
static struct ba_host *find (struct ba_engine *e, const struct ba_transfer *t,
                             int64_t now) {
  struct ba_host **at = &e->hosts;
  const char *key = key_of(t);
  size_t len = t->request.authority.len;
  while (*at) {
    struct ba_host *h = *at;
    if (h->len == len && memcmp(h->key, key, len) == 0) return h;
    if (is_spent(h, now)) {
      *at = h->next;
      free_host(h);
    }
    else at = &h->next;
  }
  return add(e, key, len);
}

void ba_queue_push (struct ba_engine *e, struct ba_transfer *t) {
  t->place.state = BA_QUEUED;
  ba_list_move(t, &e->queued);
}

/* Everyone who waited for the host may begin. */
static void unpark (struct ba_engine *e, struct ba_host *h) {
  struct ba_transfer *t = e->parked.first;
  h->leader = NULL;
  while (h->waiting > 0 && t) {
    struct ba_transfer *next = t->place.next;
    if (t->place.host == h) {
      t->place.host = NULL;
      h->waiting--;
      ba_list_move(t, &e->queued);
    }
    t = next;
  }
}

static void park (struct ba_engine *e, struct ba_transfer *t,
                  struct ba_host *h) {
  t->place.host = h;
  h->waiting++;
  ba_list_move(t, &e->parked);
}

struct ba_transfer *ba_queue_next (struct ba_engine *e, int64_t now) {
  struct ba_transfer *t;
  for (t = e->queued.first; t; t = e->queued.first) {
    struct ba_host *h = t->request.own_route ? NULL : find(e, t, now);
    if (!h || h->warm_until > now) break;
    if (!h->leader || h->leader == t) {
      h->leader = t;
      t->place.host = h;
      break;
    }
    park(e, t, h);
  }
  return t;
}

/* The leader has a socket, or took a connection that was open: then the name
   is as unresolved as before, and the next one leads. */
void ba_queue_resolved (struct ba_transfer *t, bool name) {
  struct ba_host *h = t->place.host;
  if (!h || h->leader != t) return;
  if (name) h->warm_until = ba_now() + WARM_US;
  t->place.host = NULL;
  unpark(t->place.engine, h);
}

/* The leader's answer is an answer for everyone who waited for it. */
static void fail_parked (struct ba_engine *e, struct ba_host *h,
                         const struct ba_outcome *outcome) {
  struct ba_transfer *t = e->parked.first;
  while (t) {
    struct ba_transfer *next = t->place.next;
    if (t->place.host == h) {
      t->outcome = *outcome;
      ba_engine_end(t);
    }
    t = next;
  }
}

/* Who has the most time left leads next, the others go on waiting: somebody
   always asks, by one thread, and has as long for it as can be. */
static void lead_next (struct ba_engine *e, struct ba_host *h) {
  struct ba_transfer *t;
  struct ba_transfer *best = NULL;
  for (t = e->parked.first; t; t = t->place.next)
    if (t->place.host == h
        && (!best || t->place.deadline > best->place.deadline))
      best = t;
  h->leader = best;
  if (!best) return;
  h->waiting--;
  ba_list_move(best, &e->queued);
}

/* t ended, or leaves the queue: nobody may wait for it any longer. */
void ba_queue_ended (struct ba_transfer *t) {
  struct ba_host *h = t->place.host;
  struct ba_engine *e = t->place.engine;
  if (!h) return;
  t->place.host = NULL;
  if (h->leader != t) {
    h->waiting--;
    return;
  }
  h->leader = NULL;
  if (t->outcome.curl_code == CURLE_COULDNT_RESOLVE_HOST)
    fail_parked(e, h, &t->outcome);
  lead_next(e, h);
}

void ba_queue_free (struct ba_engine *e) {
  while (e->hosts) {
    struct ba_host *next = e->hosts->next;
    free_host(e->hosts);
    e->hosts = next;
  }
}
