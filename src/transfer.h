/* SPDX-License-Identifier: MIT */
/* One request on one easy handle: the options that harden it, at most one
   send, and what became of it. */
#ifndef BA_TRANSFER_H
#define BA_TRANSFER_H

#include "buffer.h"
#include "ca.h"
#include "libcurl.h"
#include "outcome.h"
#include "proxy.h"
#include "request.h"
#include "sink.h"
#include "unread.h"
#include "upload.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ba_engine;
struct ba_host;

/* NATs and firewalls forget a connection that is idle for longer: a request
   on it would get no answer. */
enum { BA_IDLE_MAX_SECONDS = 60 };

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
  bool news;                    /* the owner hasn't taken them */
};

/* What a transfer tells its owner, from inside libcurl's callbacks. */
struct ba_hooks {
  void (*opening) (struct ba_transfer *t);      /* a socket, to an address */
  void (*connected) (struct ba_transfer *t);
  int (*close_socket) (void *sockets, curl_socket_t fd);
  void (*tell) (struct ba_transfer *t);         /* its owner has news */
};

/* How much of a file has moved, for who wants to know. */
struct ba_progress {
  bool wanted;
  int64_t done;
  int64_t total;                /* -1: not known */
  int64_t taken;                /* what the owner knows of `done` */
  int64_t moved_at, told_at;    /* monotonic microseconds */
};

struct ba_transfer {
  struct ba_request request;
  struct ba_outcome outcome;
  struct ba_upload upload;      /* a body of parts */
  struct ba_buffer answer;      /* the body, up to max_response */
  struct ba_sink sink;          /* where a file goes */
  struct ba_progress progress;
  bool is_paused;               /* until its owner takes a chunk */
  struct ba_entry entry;
  const struct ba_hooks *hooks;
  CURL *easy;                   /* NULL: a timer, or refused before */
  struct curl_slist *headers;
  struct curl_slist *resolve;   /* addresses of names of this engine's own */
  struct curl_slist *leads;     /* which hosts lead to these names */
  struct curl_slist *jar;       /* the cookies that a session has now */
  struct ba_buffer location;    /* where a redirect leads */
  struct ba_buffer unix_socket; /* its path, where it goes to one */
  struct ba_buffer secrets;     /* the token, and its proxy's login */
  const struct ba_roots *roots;
  enum ba_ca ca;                /* which roots the handle has */
  bool fresh;                   /* never on a connection that is open */
  uint64_t peer;                /* whom its connection leads to */
  struct ba_tunnel tunnel;
  struct ba_tls tls;            /* of the connection that has the request */
  bool has_certificate;         /* the client's */
  uint64_t certificate;         /* which one, by its files; 0: none */
  bool has_tls_proxy;
  bool is_before_tunnel;        /* an https proxy speaks, not the server */
  bool is_asked;                /* the server asked for the client's */
  int alert;                    /* the fatal one of TLS that came; 0: none */
  bool many_records;            /* the request may leave in parts over TLS */
  int prereqs;                  /* how often libcurl was about to send */
  long size_before;             /* bytes written before the request */
  size_t header_bytes;
  bool head_complete;
  bool interim;                 /* the head is a 1xx one */
  bool framed;                  /* the answer tells where it ends */
  bool no_memory;
  bool opened;                  /* a socket, so all names were looked up */
  int no_descriptor;            /* the errno of one that wasn't; 0 */
  const char *refused;          /* what the head has and must not; NULL */
  char error[CURL_ERROR_SIZE];
};

/* What no text may show, into t->secrets: the token, and the login of the
   proxy by which it would go. False: no memory. */
bool ba_transfer_secrets (struct ba_transfer *t, const char *token,
                          size_t len);

/* Makes the easy handle with all options. `sockets` is for
   hooks->close_socket: a connection outlives the transfer that opened it.
   From here on the strings that the request borrowed are not used: libcurl
   has copies. False: it failed, the outcome says why. */
bool ba_transfer_setup (struct ba_transfer *t, const struct ba_hooks *hooks,
                        void *sockets, const struct ba_roots *roots);
/* Whether a connection that is open may be taken, or be kept. `usable`: the
   call may take one, one is open, and libcurl would take no bad one;
   `crowded`: so many calls run that it would not be kept for long; `foreign`:
   they may be tunnels of another login. */
CURLcode ba_transfer_set_reuse (struct ba_transfer *t, bool usable,
                                bool crowded, bool foreign);
/* The addresses of the resolve option. libcurl keeps addresses by name for all
   transfers of a multi handle, and connections, too: each line gets a name of
   its own. `pins`: the lines that the engine has met. */
CURLcode ba_transfer_set_resolve (struct ba_transfer *t,
                                  struct ba_buffer *pins);
/* After a failure of TLS: the bundle instead of the directory; true if it may
   help. */
bool ba_transfer_retry_ca (struct ba_transfer *t, CURLcode code);
/* From libcurl's callbacks: n bytes of a file have moved. */
void ba_transfer_moved (struct ba_transfer *t, size_t n);
/* Sets the outcome from libcurl's result. */
void ba_transfer_finish (struct ba_transfer *t, CURLcode code);
/* Sets the outcome of a transfer that is ended from this side. */
void ba_transfer_stop (struct ba_transfer *t, enum ba_kind kind,
                       const char *text);
/* Takes everything of this transfer out of a handle that libcurl keeps. */
void ba_transfer_detach (struct ba_transfer *t);
/* Closes the files that it sent: its easy handle is gone, or detached. */
void ba_transfer_close (struct ba_transfer *t);
/* Frees what the transfer owns, but for the easy handle. */
void ba_transfer_free (struct ba_transfer *t);

/* TCP_USER_TIMEOUT: the kernel gives up on what isn't acknowledged. */
void ba_set_user_timeout (int fd, int64_t ms);

#endif
