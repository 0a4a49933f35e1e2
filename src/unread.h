/* SPDX-License-Identifier: MIT */
/* Whether TLS holds bytes of a connection that libcurl has not read. */
#ifndef BA_UNREAD_H
#define BA_UNREAD_H

#include "libcurl.h"

#include <stdbool.h>

/* The TLS of a connection that libcurl has: a pointer into its library. */
struct ba_tls {
  curl_sslbackend library;
  void *session;                /* NULL: none, or libcurl doesn't tell */
};

/* The functions of these libraries that tell; NULL: not that of libcurl. They
   are looked up with the first connection that has TLS. */
struct ba_unread {
  bool is_known;
  int (*openssl) (const void *session);
  size_t (*gnutls) (void *session);
};

/* From a transfer's callbacks only: later libcurl doesn't tell. */
struct ba_tls ba_unread_session (CURL *easy);

/* May there be any? `is_tls`: the connection has TLS for certain. Where nobody
   tells, there may. libcurl must still have the connection. */
bool ba_unread_any (struct ba_unread *u, const struct ba_tls *tls,
                    bool is_tls);

#endif
