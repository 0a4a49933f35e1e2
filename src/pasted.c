/* SPDX-License-Identifier: MIT */
/* A server as people paste it: the URL that it means, or the right form. */
#include "system.h"
#include "pasted.h"

#include "address.h"
#include "ascii.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct text {
  const char *at;
  size_t len;
};

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LETTERS "abcdefghijklmnopqrstuvwxyz" CAPITALS
#define DIGITS "0123456789"

enum { HOST_MAX = 100, TOP_MAX = 12, PORT_MAX = 5, HTTPS_PORT = 443 };

static const struct { const char name[12], url[32]; } SERVERS[] = {
  {"telegram", "https://api.telegram.org"},
  {"bale", "https://tapi.bale.ai"},
  {"local", "http://127.0.0.1:8081"}
};
enum { N_SERVERS = sizeof SERVERS / sizeof *SERVERS };

/* --- texts --------------------------------------------------------------- */

static struct text text_of (const char *s) {
  struct text t;
  t.at = s;
  t.len = strlen(s);
  return t;
}

static struct text after (struct text t, size_t n) {
  t.at += n;
  t.len -= n;
  return t;
}

/* How many bytes at its start are among `bytes`, or aren't. */
static size_t span (struct text t, const char *bytes, bool among) {
  size_t n = 0;
  while (n < t.len && (strchr(bytes, t.at[n]) != NULL) == among)
    n++;
  return n;
}

static struct text until (struct text t, const char *bytes) {
  t.len = span(t, bytes, false);
  return t;
}

static bool has_only (struct text t, const char *bytes) {
  return span(t, bytes, true) == t.len;
}

static bool begins (struct text t, const char *start) {
  return ba_begins(t.at, t.len, start);
}

static bool ends (struct text t, const char *end) {
  size_t n = strlen(end);
  return t.len >= n && ba_begins(t.at + t.len - n, n, end);
}

static bool is (struct text t, const char *other) {
  return t.len == strlen(other) && begins(t, other);
}

/* Takes off what encloses it, once. */
static bool take_off (struct text *t, const char *open, const char *close) {
  if (t->len < strlen(open) + strlen(close)) return false;
  if (!begins(*t, open) || !ends(*t, close)) return false;
  *t = after(*t, strlen(open));
  t->len -= strlen(close);
  return true;
}

/* Takes off blanks, quotes and brackets. */
static struct text unwrapped (const char *s) {
  static const struct { const char *open, *close; } pairs[] = {
    {"\"", "\""}, {"'", "'"}, {"`", "`"}, {"<", ">"},
    {"\xe2\x80\x9c", "\xe2\x80\x9d"}, {"\xe2\x80\x98", "\xe2\x80\x99"}};
  struct text t = text_of(s);
  size_t i;
  ba_trim(&t.at, &t.len);
  for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (take_off(&t, pairs[i].open, pairs[i].close))
      ba_trim(&t.at, &t.len);
  return t;
}

/* --- templates ----------------------------------------------------------- */

/* {token}, <token>, %s, $TOKEN, TOKEN, ***: does it stand for a token? A real
   one has a colon. */
static bool is_placeholder (struct text t) {
  static const struct { const char *open, *close; } pairs[] = {
    {"${", "}"}, {"{", "}"}, {"<", ">"}, {"[", "]"}, {"%7B", "%7D"},
    {"%3C", "%3E"}, {"$", ""}};
  size_t i;
  if (is(t, "%s") || is(t, "***")) return true;
  if (ends(t, "TOKEN") && has_only(t, CAPITALS "_")) return true;
  for (i = 0; i < sizeof pairs / sizeof *pairs; i++)
    if (take_off(&t, pairs[i].open, pairs[i].close))
      return has_only(t, LETTERS DIGITS "_.- ");
  return false;
}

static struct text segment (struct text t) { return until(t, "/?#"); }

/* From /bot{token} on; an empty text: it has none. */
static struct text template_of (struct text t) {
  while (t.len > 0) {
    if (begins(t, "/bot") && is_placeholder(segment(after(t, 4)))) break;
    t = after(t, begins(t, "://") ? 3 : 1);     /* a host is none */
  }
  return t;
}

/* What is the same for each request; and whether the rest names the test
   environment, which is another server. */
static struct text without_template (struct text t, bool *is_test) {
  struct text rest = template_of(t);
  *is_test = false;
  if (rest.len == 0) return t;
  t.len -= rest.len;
  if (ends(t, "/file")) t.len -= strlen("/file");
  rest = after(rest, 4);
  rest = after(rest, segment(rest).len);
  *is_test = rest.len > 1 && is(segment(after(rest, 1)), "test");
  return t;
}

/* --- host and port ------------------------------------------------------- */

struct place {
  char host[HOST_MAX + 1];
  int port;                     /* 0: none */
};

/* A name or an address that can be shown, and can't be a token. */
static bool is_host (struct text t) {
  if (t.len == 0 || t.len > HOST_MAX) return false;
  if (ba_address_is(t.at, t.len)) return true;
  return has_only(t, LETTERS DIGITS "-_.") && span(t, LETTERS, false) < t.len
         && span(t, "-_.", true) == 0;
}

/* Reads host[:port]; false: it is something else. */
static bool read_place (struct place *p, struct text t) {
  struct text host = until(t, t.len && *t.at == '[' ? "]" : ":");
  struct text port;
  if (t.len && *t.at == '[' && host.len < t.len) host.len++;
  port = after(t, host.len);
  p->port = 0;
  if (!is_host(host)) return false;
  if (*host.at != '[' && span(host, ":", false) < host.len) return false;
  memcpy(p->host, host.at, host.len);
  p->host[host.len] = '\0';
  if (port.len == 0) return true;
  if (port.len > PORT_MAX + 1 || *port.at != ':') return false;
  p->port = (int)ba_whole(port.at + 1, port.len - 1, 65535);
  return p->port > 0 && has_only(after(port, 1), DIGITS);
}

static const char *url_of_name (struct text t) {
  size_t i;
  for (i = 0; i < N_SERVERS; i++)
    if (is(t, SERVERS[i].name)) return SERVERS[i].url;
  return NULL;
}

/* Is it the host of a known server's URL? */
static bool is_known (struct text t) {
  size_t i;
  for (i = 0; i < N_SERVERS; i++)
    if (is(t, strstr(SERVERS[i].url, "://") + 3)) return true;
  return false;
}

static bool is_ambiguous (struct text t) {
  return is(t, "http") || is(t, "https") || url_of_name(t);
}

/* The scheme of a text without one, where only one can be meant. */
static const char *clear_scheme (struct text t) {
  struct place p;
  if (!read_place(&p, segment(t)) || is_ambiguous(text_of(p.host)))
    return NULL;
  if (is_known(text_of(p.host)) && (!p.port || p.port == HTTPS_PORT))
    return "https://";
  if (!p.port || !ba_address_is_near(p.host)) return NULL;
  return p.port == HTTPS_PORT ? "https://" : "http://";
}

static bool has_scheme (struct text t) {
  for (; t.len > 0; t = after(t, 1))
    if (begins(t, "://")) return true;
  return false;
}

/* --- what it means ------------------------------------------------------- */

const char *ba_pasted_url (struct ba_buffer *out, const char *text) {
  bool is_test;
  struct text t = without_template(unwrapped(text), &is_test);
  const char *known = url_of_name(t);
  const char *scheme = has_scheme(t) ? NULL : clear_scheme(t);
  if (is_test) return "the test environment is an option, test";
  if (known) ba_buffer_text(out, known);
  else {
    ba_buffer_text(out, scheme ? scheme : "");
    ba_buffer_add(out, t.at, t.len);
  }
  return NULL;
}

/* Behind a scheme, also one that is misspelt. */
static struct text without_scheme (struct text t) {
  size_t n = span(t, LETTERS, true);
  size_t marks = span(after(t, n), ":/\\", true);
  bool is_scheme = marks > 1 || (marks == 1 && t.at[n] != ':');
  return is_scheme ? after(t, n + marks) : t;
}

/* A host that isn't just any word. */
static bool is_telling (const struct place *p) {
  const char *end = strrchr(p->host, '.');
  size_t len = end ? strlen(end + 1) : 0;
  if (p->port || ba_address_is(p->host, strlen(p->host))) return true;
  if (ba_same(p->host, "localhost")) return true;
  return 2 <= len && len <= TOP_MAX && strspn(end + 1, LETTERS) == len;
}

/* Reads the place that a text names; false: none that may be shown. Behind a
   password there is an @, wherever that ends. */
static bool find_place (struct place *p, struct text t) {
  struct text authority = until(t, "/?#\\");
  struct text rest = after(t, authority.len);
  size_t at = span(authority, "@", false);
  if (span(rest, "@", false) < rest.len) return false;
  if (at < authority.len) authority = after(authority, at + 1);
  return read_place(p, authority) && !is_ambiguous(text_of(p->host))
         && is_telling(p);
}

void ba_pasted_form (char form[BA_FORM_SIZE], const char *text) {
  struct text t = unwrapped(text);
  bool was_https = begins(t, "https");
  struct place p;
  const char *scheme = "https";
  if (!find_place(&p, without_scheme(t))) {
    snprintf(form, BA_FORM_SIZE, "%s", SERVERS[0].url);
    return;
  }
  if (ba_address_is_near(p.host) && p.port != HTTPS_PORT && !was_https)
    scheme = "http";
  if (!p.port) snprintf(form, BA_FORM_SIZE, "%s://%s", scheme, p.host);
  else snprintf(form, BA_FORM_SIZE, "%s://%s:%d", scheme, p.host, p.port);
}
