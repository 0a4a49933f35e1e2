/* SPDX-License-Identifier: MIT */
/* The server: check it, compose a method's URL. */
#ifndef BA_ENDPOINT_H
#define BA_ENDPOINT_H

#include "request.h"

#include <stddef.h>

enum { BA_PATH_MAX = 4096 };    /* bytes of a file's path on a server */

/* Starts r->url with the base of `server` (a name or a URL in any form that
   people paste, see pasted.h) and sets authority, https and near. NULL, or
   what is wrong; the text never repeats the server. No memory shows in
   r->url.failed. */
const char *ba_endpoint_server (struct ba_request *r, const char *server);

/* Brings the base in r->url to the spelling that all of this server have in
   common; takes r->body for it. No memory shows in r->url.failed. */
void ba_endpoint_spell (struct ba_request *r);

/* NULL when libcurl could use this proxy, else what is wrong with it. */
const char *ba_endpoint_proxy (const char *proxy);

/* Starts r->url with a URL of a cookie session: https, and one of the hosts
   that have them. NULL, or what is wrong. */
const char *ba_endpoint_web (struct ba_request *r, const char *url);

/* Does this proxy, NULL and "" are none, look names up by itself? */
bool ba_endpoint_is_resolver (const char *proxy);

/* Is it "host:port:address[,address]", with addresses in numbers? */
bool ba_endpoint_is_resolve (const char *line);

/* Writes the names of r->resolve as libcurl will compare them with that of the
   server, which r->url has. NULL, or what is wrong. No memory shows in
   r->resolve.failed. */
const char *ba_endpoint_pins (struct ba_request *r);

/* Adds /file/bot<token>[/test]/<path>, which ba_endpoint_wrong_path takes. */
void ba_endpoint_file (struct ba_request *r, const char *token, size_t len,
                       const char *path);
/* NULL where a server can have a file by this path, else what is wrong. */
const char *ba_endpoint_wrong_path (const char *path, size_t len);

/* Adds /bot<token>[/test]/<method>; without a token, /bot alone. */
void ba_endpoint_path (struct ba_request *r, const char *token, size_t len,
                       const char *method);

#endif
