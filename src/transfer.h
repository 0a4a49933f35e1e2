/* SPDX-License-Identifier: MIT */
/* One request on one easy handle: the options that harden it, at most one
   send, and what became of it. */
#ifndef BA_TRANSFER_H
#define BA_TRANSFER_H

#include "buffer.h"
#include "ca.h"
#include "libcurl.h"
#include "outcome.h"
#include "request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ba_engine;
struct ba_host;

enum ba_state {
  BA_IDLE,                      /* never started, or given back */
  BA_QUEUED,                    /* waits for its turn */
  BA_RUNNING,                   /* in the multi handle; or a timer */
  BA_DONE                       /* the outcome stands */
};

/* The engine's entry for a transfer: only the engine and its parts use it. */
struct ba_entry {
  struct ba_engine *engine;     /* NULL: in none */
  enum ba_state state;
  struct ba_list *list;
  struct ba_transfer *next, *prev;              /* in that list */
  bool timed;                   /* in the timeline; all its nodes: */
  struct ba_transfer *child, *sibling;
  struct ba_transfer *before;   /* the sibling, of a first child the parent */
  int64_t deadline;             /* monotonic microseconds */
  uint64_t order;               /* among those with the same deadline */
  int64_t until;                /* when the whole call must be done */
  int64_t connect_until;        /* when it must be connected */
  struct ba_host *host;         /* that it resolves or waits for */
  bool may_stall;               /* in the engine's list of those */
  struct ba_transfer *next_stall;
  int sockets;                  /* that libcurl watches for this transfer */
};

/* What a transfer tells its owner, from inside libcurl's callbacks. */
struct ba_hooks {
  void (*opening) (struct ba_transfer *t);      /* a socket, to an address */
  void (*connected) (struct ba_transfer *t);
  int (*close_socket) (void *sockets, curl_socket_t fd);
};

struct ba_transfer {
  struct ba_request request;
  struct ba_outcome outcome;
  struct ba_buffer answer;      /* the body, up to max_response */
  struct ba_entry entry;
  const struct ba_hooks *hooks;
  CURL *easy;                   /* NULL: a timer, or refused before */
  struct curl_slist *headers;
  struct curl_slist *resolve;
  struct curl_slist *jar;       /* the cookies that a session has now */
  struct ba_buffer location;    /* where a redirect of a session leads */
  const struct ba_roots *roots;
  enum ba_ca ca;                /* which roots the handle has */
  bool fresh;                   /* never on a connection that is open */
  uint64_t peer;                /* whom its connection leads to */
  int prereqs;                  /* how often libcurl was about to send */
  long size_before;             /* bytes written before the request */
  size_t header_bytes;
  bool head_complete;
  bool interim;                 /* the head is a 1xx one */
  bool framed;                  /* the answer tells where it ends */
  bool no_memory;
  bool no_descriptor;
  const char *refused;          /* what the head has and must not; NULL */
  char error[CURL_ERROR_SIZE];
};

/* Makes the easy handle with all options. `sockets` is for
   hooks->close_socket: a connection outlives the transfer that opened it.
   From here on the strings that the request borrowed are not used: libcurl
   has copies. False: it failed, the outcome says why. */
bool ba_transfer_setup (struct ba_transfer *t, const struct ba_hooks *hooks,
                        void *sockets, const struct ba_roots *roots);
/* Whether a connection that is open may be taken, or be kept. `stale`: one of
   them can't be used any more. */
CURLcode ba_transfer_set_reuse (struct ba_transfer *t, bool stale,
                                bool crowded);
/* The addresses of the resolve option, for this call alone: `earlier` holds
   the names that were set before, as libcurl takes them back, and gets these
   for the next call. */
CURLcode ba_transfer_set_resolve (struct ba_transfer *t,
                                  struct ba_buffer *earlier);
/* After a failure of TLS: the bundle instead of the directory; true if it may
   help. */
bool ba_transfer_retry_ca (struct ba_transfer *t, CURLcode code);
/* Sets the outcome from libcurl's result. */
void ba_transfer_finish (struct ba_transfer *t, CURLcode code);
/* Sets the outcome of a transfer that is ended from this side. */
void ba_transfer_stop (struct ba_transfer *t, enum ba_kind kind,
                       const char *text);
/* Takes everything of this transfer out of a handle that libcurl keeps. */
void ba_transfer_detach (struct ba_transfer *t);
/* Frees what the transfer owns, but for the easy handle. */
void ba_transfer_free (struct ba_transfer *t);

/* TCP_USER_TIMEOUT: the kernel gives up on what isn't acknowledged. */
void ba_set_user_timeout (int fd, int64_t ms);

#endif
