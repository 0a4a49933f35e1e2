/* SPDX-License-Identifier: MIT */
/* What became of one request: its kind, what was sent, and the details. */
#ifndef BA_OUTCOME_H
#define BA_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
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

/* What is known of a failure besides its kind; what each is:
   lua/botapi/reason/rows.lua. */
enum ba_problem {
  BA_NO_PROBLEM,
  BA_CERT_MISSING, BA_CERT_UNREADABLE, BA_CERT_MALFORMED,
  BA_KEY_MISSING, BA_KEY_UNREADABLE, BA_KEY_MALFORMED, BA_KEY_ENCRYPTED,
  BA_KEY_MISMATCH,
  BA_CERT_WANTED, BA_CERT_UNTRUSTED, BA_CERT_EXPIRED, BA_CERT_REVOKED,
  BA_CERT_REFUSED,
  BA_PROXY_BASIC, BA_PROXY_DIGEST, BA_PROXY_NTLM, BA_PROXY_NEGOTIATE,
  BA_PROXY_UNKNOWN,
  BA_FILE_UNWRITABLE, BA_FILE_OTHER, BA_FILE_LARGE,
  BA_FILE_MISSING, BA_FILE_UNREADABLE, BA_FILE_KIND, BA_FILE_CHANGED,
  BA_FILE_KEY
};

enum { BA_TEXT_MAX = 256, BA_REASON_MAX = 64 };

/* seconds; Telegram's flood waits have up to two weeks */
enum { BA_WAIT_MAX = 100000000 };

struct ba_outcome {
  enum ba_kind kind;
  enum ba_sent sent;
  enum ba_problem problem;
  int curl_code;                /* 0: none */
  int code;                     /* the errno of what failed here, 0: none */
  long http_status;             /* 0: none; a proxy's when sent is "no" */
  int64_t retry_after;          /* 1 to BA_WAIT_MAX s, -1: none */
  char reason[BA_REASON_MAX];   /* the status line's phrase, may be empty */
  char text[BA_TEXT_MAX];       /* what went wrong, from outside: unclean */
};

static inline const char *ba_kind_name (enum ba_kind kind) {
  static const char *const names[] = {
    "answered", "token", "network", "tls", "timeout", "protocol", "limit",
    "cancelled", "system"};
  return names[kind];
}

static inline const char *ba_problem_name (enum ba_problem problem) {
  static const char *const names[] = {
    NULL, "cert_missing", "cert_unreadable", "cert_malformed", "key_missing",
    "key_unreadable", "key_malformed", "key_encrypted", "key_mismatch",
    "cert_wanted", "cert_untrusted", "cert_expired", "cert_revoked",
    "cert_refused", "proxy_basic", "proxy_digest", "proxy_ntlm",
    "proxy_negotiate", "proxy_unknown", "file_unwritable",
    "file_other", "file_large", "file_missing", "file_unreadable",
    "file_kind", "file_changed", "file_key"};
  return names[problem];
}

static inline const char *ba_sent_name (enum ba_sent sent) {
  static const char *const names[] = {"no", "yes", "maybe"};
  return names[sent];
}

#endif
