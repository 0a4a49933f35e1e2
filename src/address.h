/* SPDX-License-Identifier: MIT */
/* The host of a URL: whether it is near, and its one spelling. */
#ifndef BA_ADDRESS_H
#define BA_ADDRESS_H

#include "buffer.h"

#include <stdbool.h>

/* Loopback, a private or link-local address, or a name that only private
   networks have. `host` is as libcurl reads it: IPv6 in brackets. */
bool ba_address_is_near (const char *host);

/* Is it an IPv4 or IPv6 address in numbers, with brackets or without? */
bool ba_address_is (const char *text, size_t len);

/* Adds the spelling that a host has in common with all others of the same
   host. `zone` is that of an IPv6 address, NULL: none. */
void ba_address_spell (struct ba_buffer *out, const char *host,
                       const char *zone);

#endif
