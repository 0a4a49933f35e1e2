/* SPDX-License-Identifier: MIT */
/* How to log in at a proxy: by libcurl's CURLAUTH bits. */
#include "system.h"
#include "proxy.h"

#include "ascii.h"
#include "libcurl.h"

#include <stdlib.h>
#include <string.h>

/* In the order in which one is advised: a password is enough for the first
   ones. */
static const struct {
  const char *name;
  unsigned long way;
  int feature;                  /* 0: no libcurl says whether it has it */
  enum ba_problem problem;
} WAYS[] = {
  {"digest", CURLAUTH_DIGEST, 0, BA_PROXY_DIGEST},
  {"ntlm", CURLAUTH_NTLM, CURL_VERSION_NTLM, BA_PROXY_NTLM},
  {"negotiate", CURLAUTH_NEGOTIATE, CURL_VERSION_SPNEGO, BA_PROXY_NEGOTIATE},
  {"basic", CURLAUTH_BASIC, 0, BA_PROXY_BASIC}
};

enum { N_WAYS = sizeof WAYS / sizeof *WAYS };

unsigned long ba_proxy_auth (const char *name) {
  unsigned long all = 0;
  size_t i;
  for (i = 0; i < N_WAYS; i++) {
    if (strcmp(name, WAYS[i].name) == 0) return WAYS[i].way;
    all |= WAYS[i].way;
  }
  return strcmp(name, "any") == 0 ? all : 0;
}

bool ba_proxy_has (unsigned long ways) {
  size_t i;
  for (i = 0; i < N_WAYS; i++)
    if ((ways & WAYS[i].way) && ba_libcurl_has(WAYS[i].feature)) return true;
  return false;
}

/* As libcurl looks: an empty one is none. HTTP_PROXY may be a header that a
   web server got. */
const char *ba_proxy_of (const char *proxy, bool https) {
  static const char *const of_https[] = {
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
  static const char *const of_http[] = {
    "http_proxy", "all_proxy", "ALL_PROXY", NULL};
  const char *const *name = https ? of_https : of_http;
  if (proxy) return proxy;
  for (; *name && (!proxy || !*proxy); name++)
    proxy = getenv(*name);
  return proxy;
}

/* Does it hold the code of a control character? */
static bool has_control (CURLU *url, CURLUPart part) {
  static const char digits[] = "0123456789abcdefABCDEF";
  char *text = NULL;
  const char *s;
  bool has = false;
  if (curl_url_get(url, part, &text, 0) || !text) return false;
  for (s = strchr(text, '%'); s && !has; s = strchr(s + 1, '%'))
    has = (s[1] == '0' || s[1] == '1') && s[2] && strchr(digits, s[2]);
  curl_free(text);
  return has;
}

bool ba_proxy_has_login (const char *proxy) {
  CURLU *url = curl_url();
  bool wrong = false;
  if (url && !curl_url_set(url, CURLUPART_URL, proxy,
                           CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME))
    wrong = has_control(url, CURLUPART_USER)
            || has_control(url, CURLUPART_PASSWORD);
  curl_url_cleanup(url);
  return !wrong;
}

/* Without the = behind it, which may be encoded or not. */
static void add_base64 (struct ba_buffer *out, const struct ba_buffer *bytes) {
  static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned bits = 0, have = 0;
  size_t i;
  for (i = 0; i < bytes->len; i++) {
    bits = (bits & 0x3f) << 8 | (unsigned char)bytes->data[i];
    for (have += 8; have >= 6; have -= 6)
      ba_buffer_add(out, &letters[bits >> (have - 6) & 0x3f], 1);
  }
  if (have > 0) ba_buffer_add(out, &letters[bits << (6 - have) & 0x3f], 1);
}

static void add_login (struct ba_buffer *out, const char *user,
                       const char *password) {
  struct ba_buffer login = {0};
  ba_buffer_text(&login, user);
  ba_buffer_add(&login, ":", 1);
  ba_buffer_text(&login, password);
  ba_buffer_add(out, "", 1);
  ba_buffer_text(out, password);
  ba_buffer_add(out, "", 1);
  ba_buffer_add(out, ":", 1);
  add_base64(out, &login);
  if (login.failed) out->failed = true;
  ba_buffer_free(&login);
}

void ba_proxy_secrets (struct ba_buffer *out, const char *proxy) {
  CURLU *url = curl_url();
  char *user = NULL, *password = NULL;
  if (!url) out->failed = true;
  else if (!curl_url_set(url, CURLUPART_URL, proxy,
                         CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME)) {
    curl_url_get(url, CURLUPART_USER, &user, CURLU_URLDECODE);
    curl_url_get(url, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
  }
  if (user || password)
    add_login(out, user ? user : "", password ? password : "");
  if (user) explicit_bzero(user, strlen(user));
  if (password) explicit_bzero(password, strlen(password));
  curl_free(user);
  curl_free(password);
  curl_url_cleanup(url);
}

/* The part of a URL behind what was hashed before. */
static uint64_t hash_part (uint64_t hash, CURLU *url, CURLUPart part,
                           unsigned flags) {
  char *text = NULL;
  if (curl_url_get(url, part, &text, flags) || !text) return hash;
  hash = ba_hash_on(hash, text, strlen(text) + 1);
  curl_free(text);
  return hash;
}

static void lower (char *s) {
  for (; *s; s++)
    *s = ba_lower(*s);
}

/* Who names a proxy's port and who doesn't may mean the same. */
static const char *default_port (CURLU *url) {
  char *scheme = NULL;
  bool tls;
  if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) || !scheme) return "";
  tls = ba_same(scheme, "https");
  curl_free(scheme);
  return tls ? "443" : "1080";
}

static uint64_t place_of (CURLU *url) {
  const char *port = default_port(url);
  char *host = NULL;
  uint64_t place = hash_part(BA_HASH, url, CURLUPART_PORT, 0);
  if (place == BA_HASH) place = ba_hash_on(BA_HASH, port, strlen(port) + 1);
  if (curl_url_get(url, CURLUPART_HOST, &host, 0) || !host) return 0;
  lower(host);
  place = ba_hash_on(place, host, strlen(host));
  curl_free(host);
  return place;
}

struct ba_tunnel ba_proxy_tunnel (const char *proxy, unsigned long auth) {
  struct ba_tunnel tunnel = {1, 0};
  CURLU *url = curl_url();
  if (url && !curl_url_set(url, CURLUPART_URL, proxy,
                           CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME))
    tunnel.place = place_of(url) | 1;
  tunnel.login = BA_HASH ^ auth;
  if (url) {
    tunnel.login = hash_part(tunnel.login, url, CURLUPART_USER, 0);
    tunnel.login = hash_part(tunnel.login, url, CURLUPART_PASSWORD, 0);
  }
  curl_url_cleanup(url);
  return tunnel;
}

bool ba_proxy_is_foreign (struct ba_tunnels *known,
                          const struct ba_tunnel *own) {
  enum { MOST = sizeof known->first / sizeof *known->first };
  int i;
  if (!own->place || !ba_libcurl_shares_tunnels()) return false;
  for (i = 0; i < known->n; i++)
    if (known->first[i].place == own->place)
      return known->first[i].login != own->login;
  if (i == MOST) return true;
  known->first[known->n++] = *own;
  return false;
}

bool ba_proxy_reads (const char *proxy, bool near) {
  if (!proxy) return !near;
  return proxy[0] != '\0' && !ba_same_start(proxy, "socks", 5);
}

enum ba_problem ba_proxy_problem (unsigned long offered,
                                  unsigned long allowed) {
  size_t i;
  if (offered & allowed) return BA_NO_PROBLEM;
  for (i = 0; i < N_WAYS; i++)
    if (offered & WAYS[i].way) return WAYS[i].problem;
  return BA_PROXY_UNKNOWN;
}
