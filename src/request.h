/* SPDX-License-Identifier: MIT */
/* What one call is to send, and how: filled by options, params and endpoint,
   carried out by transfer. */
#ifndef BA_REQUEST_H
#define BA_REQUEST_H

#include "buffer.h"
#include "parts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ba_reuse { BA_REUSE_DEFAULT, BA_REUSE_NEVER, BA_REUSE_ALLOWED };

/* A part of `url`, by position: the buffer may move while it grows. */
struct ba_span {
  size_t at;
  size_t len;
};

struct ba_request {
  /* borrowed from the Lua stack; NULL once the transfer is set up or ended,
     when libcurl has copies of what it needs */
  const char *server;
  const char *proxy;            /* NULL: the environment's; "": none */
  const char *proxy_auth;
  const char *ca_file;
  const char *cert_file;
  const char *key_file;
  const char *unix_socket;
  const char *user_agent;
  bool test;
  bool plain_http;
  enum ba_reuse reuse;
  int64_t timeout_ms;
  int64_t idle_ms;              /* nothing moves for so long; 0: no limit */
  int64_t connect_ms;
  size_t max_response;
  bool has_max_response;        /* the caller said so */
  struct ba_buffer headers;     /* lines, each ended by a NUL */
  struct ba_buffer resolve;     /* host:port:address, each ended by a NUL */
  /* by params: a body as it is sent, or its parts */
  struct ba_buffer body;
  struct ba_parts parts;
  /* by endpoint */
  struct ba_buffer url;
  struct ba_span authority;     /* host and port: who resolves together */
  struct ba_span token;
  bool https;
  bool near;                    /* a server on this machine or network */
  unsigned long auth;           /* how to log in at a proxy: CURLAUTH_… */
  bool own_route;               /* not by its server's name and DNS */
  bool may_reuse;               /* an open connection, unless told otherwise */
  bool get;                     /* a page or a file: GET */
  /* of a cookie session, by web.c alone */
  bool web;
  struct ba_buffer cookies;     /* Set-Cookie lines, each ended by a NUL */
};

#endif
