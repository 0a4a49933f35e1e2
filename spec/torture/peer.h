/* SPDX-License-Identifier: MIT */
/* A small HTTP server in a thread: it counts every request that begins, and
   the prefix of the path says what it does. It allocates nothing while it
   runs (TLS aside), so that failing memory is the other side's alone. */
#ifndef TORTURE_PEER_H
#define TORTURE_PEER_H

#include <stdbool.h>
#include <stddef.h>

struct peer;

/* Prefixes: /ok /close /reset /half /folded /garbage /wait /big
   /html /limit /echo /page /script; none
   is as /ok. `pem` and `key`: it speaks TLS. */
struct peer *peer_start (const char *pem, const char *key);
int peer_port (const struct peer *p);
/* What /script answers with, then: does it close? The bytes are copied. */
void peer_script (struct peer *p, const char *bytes, size_t n, bool closes);
/* Once everything that was sent has been read: how many requests began since
   the last time, partial ones included. */
int peer_settle (struct peer *p);
/* Did the newest request hold this text in its head? */
bool peer_saw (const struct peer *p, const char *text);

#endif
