/* SPDX-License-Identifier: MIT */
/* Token and server: check them, compose a method's URL. */
#ifndef BA_ENDPOINT_H
#define BA_ENDPOINT_H

#include "request.h"

#include <stddef.h>

enum { BA_TOKEN_MAX = 256 };

/* NULL when the token is well formed, else what is wrong with it. */
const char *ba_token_check (const char *token, size_t len);

/* Starts r->url with the base of `server` (a name or a URL in any form that
   people paste) and sets authority, https and near. NULL, or what is wrong;
   the text never repeats the server. No memory shows in r->url.failed. */
const char *ba_endpoint_server (struct ba_request *r, const char *server);

/* NULL when libcurl could use this proxy, else what is wrong with it. */
const char *ba_endpoint_proxy (const char *proxy);

/* Starts r->url with a URL of a cookie session: https, and one of the hosts
   that have them. NULL, or what is wrong. */
const char *ba_endpoint_web (struct ba_request *r, const char *url);

/* Is it "host:port:address[,address]", with addresses in numbers? */
bool ba_endpoint_is_resolve (const char *line);

/* Adds /bot<token>[/test]/<method>; without a token, /bot alone. */
void ba_endpoint_path (struct ba_request *r, const char *token, size_t len,
                       const char *method);

#endif
