/* SPDX-License-Identifier: MIT */
/* Token and server: check them, compose a method's URL. */
#include "system.h"
#include "endpoint.h"

#include "libcurl.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- token --------------------------------------------------------------- */

static bool is_unsafe (unsigned char c) {
  return c <= ' ' || c >= 0x7f || strchr("/?#%\\", c) != NULL;
}

const char *ba_token_check (const char *token, size_t len) {
  size_t i;
  if (len == 0) return "the token is empty";
  if (len > BA_TOKEN_MAX) return "the token is longer than 256 bytes";
  for (i = 0; i < len; i++)
    if (is_unsafe((unsigned char)token[i]))
      return "the token holds a character that no token has "
             "(a space, a line end, / ? # % \\ or a non-ASCII one)";
  if (!memchr(token, ':', len))
    return "the token has no colon: it looks like 123456:secret";
  return NULL;
}

/* --- server -------------------------------------------------------------- */

static const char *named_server (const char *server) {
  static const struct { const char *name, *url; } servers[] = {
    {"telegram", "https://api.telegram.org"},
    {"bale", "https://tapi.bale.ai"},
    {"local", "http://127.0.0.1:8081"}
  };
  size_t i;
  for (i = 0; i < sizeof servers / sizeof *servers; i++)
    if (strcmp(server, servers[i].name) == 0) return servers[i].url;
  return server;
}

static bool is_near_v4 (uint32_t a) {
  static const struct { uint32_t net, mask; } near[] = {
    {0x7f000000, 0xff000000}, {0x0a000000, 0xff000000},
    {0xac100000, 0xfff00000}, {0xc0a80000, 0xffff0000},
    {0xa9fe0000, 0xffff0000}
  };
  size_t i;
  for (i = 0; i < sizeof near / sizeof *near; i++)
    if ((a & near[i].mask) == near[i].net) return true;
  return false;
}

static bool is_near_v6 (const unsigned char *a) {
  static const unsigned char loopback[16] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  static const unsigned char mapped[12] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (memcmp(a, loopback, sizeof loopback) == 0) return true;
  if (memcmp(a, mapped, sizeof mapped) == 0)
    return is_near_v4((uint32_t)a[12] << 24 | (uint32_t)a[13] << 16
                      | (uint32_t)a[14] << 8 | a[15]);
  return (a[0] & 0xfe) == 0xfc                            /* fc00::/7 */
         || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);      /* fe80::/10 */
}

static bool is_ascii (const char *s) {
  for (; *s; s++)
    if ((unsigned char)*s >= 0x80) return false;
  return true;
}

/* Loopback, a private or link-local address, or a name without a dot: other
   scripts have dots of their own. */
static bool is_near (const char *host) {
  unsigned char a[16];
  char literal[64];
  size_t len;
  struct in_addr v4;
  if (!is_ascii(host)) return false;
  if (inet_pton(AF_INET, host, &v4) == 1) return is_near_v4(ntohl(v4.s_addr));
  if (strcmp(host, "localhost.") == 0) return true;
  if (host[0] != '[') return !strchr(host, '.');
  len = strcspn(host + 1, "]%");
  if (len >= sizeof literal) return false;
  memcpy(literal, host + 1, len);
  literal[len] = '\0';
  return inet_pton(AF_INET6, literal, a) == 1 && is_near_v6(a);
}

/* [bot]digits: at the start of a path's segment? */
static bool is_token_segment (const char *s) {
  size_t digits;
  if (strncasecmp(s, "bot", 3) == 0) s += 3;
  digits = strspn(s, "0123456789");
  return digits > 0 && s[digits] == ':';
}

static bool holds_token (const char *path) {
  for (; path; path = strchr(path + 1, '/'))
    if (is_token_segment(*path == '/' ? path + 1 : path)) return true;
  return false;
}

/* `wrong`, unless there was no memory to know it: then r tells so. */
static const char *verdict (struct ba_request *r, CURLUcode code,
                            const char *wrong) {
  if (code != CURLUE_OUT_OF_MEMORY) return code ? wrong : NULL;
  r->url.failed = true;
  return NULL;
}

static bool has_part (struct ba_request *r, CURLU *url, CURLUPart part) {
  char *text = NULL;
  CURLUcode code = curl_url_get(url, part, &text, 0);
  curl_free(text);
  if (code == CURLUE_OUT_OF_MEMORY) r->url.failed = true;
  return code == CURLUE_OK;
}

static const char *check_scheme (struct ba_request *r, CURLU *url) {
  char *scheme = NULL;
  const char *wrong = NULL;
  CURLUcode code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
  if (code) return verdict(r, code, "no scheme");
  r->https = strcasecmp(scheme, "https") == 0;
  if (!r->https && strcasecmp(scheme, "http") != 0)
    wrong = "its scheme is neither http nor https";
  curl_free(scheme);
  return wrong;
}

static const char *check_host (struct ba_request *r, CURLU *url) {
  char *host = NULL;
  CURLUcode code = curl_url_get(url, CURLUPART_HOST, &host, 0);
  if (code) return verdict(r, code, "it has no host");
  r->near = is_near(host);
  curl_free(host);
  return NULL;
}

static size_t without_slashes (const char *s, size_t len) {
  while (len > 0 && s[len - 1] == '/')
    len--;
  return len;
}

/* The base: everything before /bot, without slashes at its end. */
static const char *take_base (struct ba_request *r, CURLU *url) {
  char *text = NULL;
  const char *host;
  size_t len, path;
  CURLUcode code = curl_url_get(url, CURLUPART_URL, &text, 0);
  if (code) return verdict(r, code, "not a URL");
  host = strstr(text, "://");
  r->authority.at = host ? (size_t)(host + 3 - text) : 0;
  r->authority.len = strcspn(text + r->authority.at, "/");
  path = r->authority.at + r->authority.len;
  len = without_slashes(text, strlen(text));
  if (len >= path + 4 && strncmp(text + len - 4, "/bot", 4) == 0)
    len = without_slashes(text, len - 4);
  ba_buffer_add(&r->url, text, len);
  curl_free(text);
  return NULL;
}

static bool has_escape (struct ba_request *r, CURLU *url) {
  char *path = NULL;
  bool has = false;
  if (curl_url_get(url, CURLUPART_PATH, &path, 0)) r->url.failed = true;
  else has = strchr(path, '%') != NULL;
  curl_free(path);
  return has;
}

static const char *read_url (struct ba_request *r, CURLU *url) {
  const char *wrong = check_scheme(r, url);
  char *path = NULL;
  CURLUcode code;
  if (wrong || r->url.failed) return wrong;
  if (has_part(r, url, CURLUPART_USER) || has_part(r, url, CURLUPART_PASSWORD))
    return "a user or password doesn't belong in it";
  code = curl_url_get(url, CURLUPART_PATH, &path, CURLU_URLDECODE);
  /* libcurl says so of a lack of memory, too */
  if (code == CURLUE_URLDECODE && !has_escape(r, url))
    code = CURLUE_OUT_OF_MEMORY;
  if (code) return verdict(r, code, "not a URL");
  if (holds_token(path)) wrong = "a token doesn't belong in it";
  curl_free(path);
  if (!wrong) wrong = check_host(r, url);
  return wrong || r->url.failed ? wrong : take_base(r, url);
}

const char *ba_endpoint_server (struct ba_request *r, const char *server) {
  const char *wrong;
  const char *text = named_server(server);
  CURLUcode code;
  CURLU *url;
  if (strchr(text, '?')) return "a query doesn't belong in it";
  if (strchr(text, '#')) return "a fragment doesn't belong in it";
  if (!strstr(text, "://"))
    return "\"telegram\", \"bale\", \"local\" or a URL expected";
  url = curl_url();
  if (!url) {
    r->url.failed = true;
    return NULL;
  }
  code = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
  wrong = code ? verdict(r, code, "not a URL") : read_url(r, url);
  curl_url_cleanup(url);
  return wrong;
}

const char *ba_endpoint_proxy (const char *proxy) {
  static const char *const schemes[] = {
    "http://", "https://", "socks4://", "socks4a://", "socks5://",
    "socks5h://"};
  const char *wrong = "not a proxy's URL";
  CURLUcode code;
  CURLU *url;
  size_t i;
  if (*proxy == '\0') return NULL;
  for (i = 0; i < sizeof schemes / sizeof *schemes; i++)
    if (strncasecmp(proxy, schemes[i], strlen(schemes[i])) == 0) wrong = NULL;
  if (!strstr(proxy, "://")) wrong = NULL;
  if (wrong) return "its scheme is not http, https, socks4, socks4a, socks5 "
                    "or socks5h";
  url = curl_url();
  if (!url) return NULL;                  /* libcurl will say the same */
  code = curl_url_set(url, CURLUPART_URL, proxy,
                      CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME);
  /* BAD_LOGIN is how libcurl calls a lack of memory for the password */
  if (code && code != CURLUE_OUT_OF_MEMORY && code != CURLUE_BAD_LOGIN)
    wrong = "not a proxy's URL";
  curl_url_cleanup(url);
  return wrong;
}

static bool is_address (const char *s, size_t len) {
  unsigned char a[16];
  char text[64];
  if (len > 1 && s[0] == '[' && s[len - 1] == ']') {
    s++;
    len -= 2;
  }
  if (len >= sizeof text) return false;
  memcpy(text, s, len);
  text[len] = '\0';
  return inet_pton(AF_INET, text, a) == 1 || inet_pton(AF_INET6, text, a) == 1;
}

bool ba_endpoint_is_resolve (const char *line) {
  size_t host = strcspn(line, ":");
  const char *port = line + host + (line[host] ? 1 : 0);
  size_t digits = strspn(port, "0123456789");
  const char *address = port + digits;
  long number = strtol(port, NULL, 10);
  if (host == 0 || strchr("+-*", line[0])) return false;
  if (digits == 0 || digits > 5 || *address != ':') return false;
  if (number < 1 || number > 65535) return false;
  do {
    size_t len = strcspn(++address, ",");
    if (!is_address(address, len)) return false;
    address += len;
  } while (*address == ',');
  return true;
}

static bool has_sessions (const char *host) {
  static const char *const hosts[] = {
    "facebook.com", "www.facebook.com", "m.facebook.com", "messenger.com",
    "www.messenger.com"};
  size_t i;
  for (i = 0; i < sizeof hosts / sizeof *hosts; i++)
    if (strcasecmp(host, hosts[i]) == 0) return true;
  return false;
}

static const char *read_web_url (struct ba_request *r, CURLU *url,
                                 const char *text) {
  const char *wrong = check_scheme(r, url);
  char *host = NULL;
  CURLUcode code;
  if (wrong || r->url.failed) return wrong;
  if (!r->https) return "its scheme is not https";
  if (has_part(r, url, CURLUPART_USER) || has_part(r, url, CURLUPART_PASSWORD))
    return "a user or password doesn't belong in it";
  code = curl_url_get(url, CURLUPART_HOST, &host, 0);
  if (code) return verdict(r, code, "it has no host");
  if (!has_sessions(host)) wrong = "its host is not one that has sessions";
  curl_free(host);
  if (wrong) return wrong;
  r->authority.at = strlen("https://");
  r->authority.len = strcspn(text + r->authority.at, "/?#");
  ba_buffer_text(&r->url, text);
  return NULL;
}

const char *ba_endpoint_web (struct ba_request *r, const char *url) {
  const char *wrong;
  CURLUcode code;
  CURLU *parsed;
  if (strncasecmp(url, "https://", 8) != 0) return "its scheme is not https";
  parsed = curl_url();
  if (!parsed) {
    r->url.failed = true;
    return NULL;
  }
  code = curl_url_set(parsed, CURLUPART_URL, url, 0);
  wrong = code ? verdict(r, code, "not a URL") : read_web_url(r, parsed, url);
  curl_url_cleanup(parsed);
  return wrong;
}

void ba_endpoint_path (struct ba_request *r, const char *token, size_t len,
                       const char *method) {
  ba_buffer_text(&r->url, "/bot");
  if (!token) return;
  r->token.at = r->url.len;
  r->token.len = len;
  ba_buffer_add(&r->url, token, len);
  ba_buffer_text(&r->url, r->test ? "/test/" : "/");
  ba_buffer_text(&r->url, method);
}
