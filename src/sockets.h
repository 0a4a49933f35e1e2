/* SPDX-License-Identifier: MIT */
/* How each socket of an engine is closed, and which ones are idle. */
#ifndef BA_SOCKETS_H
#define BA_SOCKETS_H

#include "poller.h"
#include "transfer.h"

struct ba_sockets {
  int keep;                     /* idle connections at most */
  struct ba_idle *idle;         /* sockets that wait for another request */
  int n;
  bool checked;                 /* for the calls that start now */
  int64_t timeout_ms;           /* of the call that they were checked for */
  struct ba_unread unread;      /* who tells of bytes that TLS holds */
};

/* Room for one more than libcurl keeps: it closes the oldest one after the new
   one was noted. */
bool ba_sockets_open (struct ba_sockets *s);
void ba_sockets_free (struct ba_sockets *s);
/* In a forked child: closes its copies, the parent's connections go on. */
void ba_sockets_abandon (struct ba_sockets *s);
/* t ended and is still libcurl's: notes a socket that libcurl keeps. */
void ba_sockets_keep (struct ba_sockets *s, const struct ba_transfer *t);
/* t is paused: nobody watches its connection, and libcurl doesn't tell which
   it is. No idle one to the same server is taken until they are let go. */
void ba_sockets_hold (struct ba_sockets *s, const struct ba_transfer *t);
void ba_sockets_let_go (struct ba_sockets *s);
/* Before t may take an open connection: true if one to its server is idle, and
   none that libcurl might take in its place is stale. */
bool ba_sockets_check (struct ba_sockets *s, const struct ba_poller *p,
                       const struct ba_transfer *t);
/* For libcurl, which wants a socket closed. */
int ba_sockets_close (void *sockets, curl_socket_t fd);

#endif
