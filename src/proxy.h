/* SPDX-License-Identifier: MIT */
/* How to log in at a proxy: by libcurl's CURLAUTH bits. */
#ifndef BA_PROXY_H
#define BA_PROXY_H

#include "buffer.h"
#include "outcome.h"

#include <stdbool.h>
#include <stdint.h>

/* Which ways a value of the option proxy_auth allows; 0: there is none of that
   name. */
unsigned long ba_proxy_auth (const char *name);

/* Was this libcurl built with one of these ways? */
bool ba_proxy_has (unsigned long ways);

/* The proxy of a request: the option, or where that is NULL the environment's
   for https:// or for http://; NULL or "": none. */
const char *ba_proxy_of (const char *proxy, bool https);

/* Can libcurl read its user and password? If one has the code of a control
   character, libcurl says nothing and goes without the proxy. */
bool ba_proxy_has_login (const char *proxy);

/* Adds what must not show of its login, as redact.h has secrets: a NUL and the
   password, and another and user and password in base64. */
void ba_proxy_secrets (struct ba_buffer *out, const char *proxy);

/* Through which proxy a call goes, and by whose login; place 0: through none.
   One that isn't understood has a place of its own. */
struct ba_tunnel { uint64_t place, login; };

struct ba_tunnel ba_proxy_tunnel (const char *proxy, unsigned long auth);

/* The first login at each proxy that an engine has met. */
struct ba_tunnels {
  struct ba_tunnel first[64];
  int n;
};

/* Would libcurl give this call the tunnel of another login? Only those of the
   first one at each proxy are kept, then. */
bool ba_proxy_is_foreign (struct ba_tunnels *known,
                          const struct ba_tunnel *own);

/* May a request for an http:// server go to an HTTP proxy, which reads it and
   serves all servers? Not to a SOCKS proxy. NULL is the environment's. */
bool ba_proxy_reads (const char *proxy, bool near);

/* Of a 407: which way the proxy offers that wasn't allowed. */
enum ba_problem ba_proxy_problem (unsigned long offered,
                                  unsigned long allowed);

#endif
