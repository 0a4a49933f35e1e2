/* SPDX-License-Identifier: MIT */
/* What became of one request: its kind, what was sent, and the details. */
#ifndef BA_OUTCOME_H
#define BA_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

/* Lua has two more: "logged_out" of a bot, and "busy" of a loop. */
enum ba_kind {
  BA_ANSWERED,          /* no failure: an HTTP answer waits to be decoded */
  BA_TOKEN,
  BA_NETWORK,
  BA_TLS,
  BA_TIMEOUT,
  BA_PROTOCOL,
  BA_LIMIT,
  BA_CANCELLED,
  BA_SYSTEM
};

enum ba_sent {
  BA_SENT_NO,           /* not one byte of the request was written */
  BA_SENT_YES,          /* a complete HTTP answer to it was read */
  BA_SENT_MAYBE         /* anything else */
};

#define BA_KIND_NAMES { "answered", "token", "network", "tls", "timeout", \
  "protocol", "limit", "cancelled", "system" }
#define BA_SENT_NAMES { "no", "yes", "maybe" }

enum { BA_TEXT_MAX = 256, BA_REASON_MAX = 64 };

struct ba_outcome {
  enum ba_kind kind;
  enum ba_sent sent;
  int curl_code;                /* 0: none */
  long http_status;             /* 0: none; a proxy's when sent is "no" */
  int64_t retry_after;          /* seconds, -1: none */
  char reason[BA_REASON_MAX];   /* the status line's phrase, may be empty */
  char text[BA_TEXT_MAX];       /* what went wrong, from outside: unclean */
};

static inline const char *ba_kind_name (enum ba_kind kind) {
  static const char *const names[] = BA_KIND_NAMES;
  return names[kind];
}

static inline const char *ba_sent_name (enum ba_sent sent) {
  static const char *const names[] = BA_SENT_NAMES;
  return names[sent];
}

#endif
