/* SPDX-License-Identifier: MIT */
/* The server: check it, compose a method's URL. */
#include "system.h"
#include "endpoint.h"

#include "address.h"
#include "ascii.h"
#include "libcurl.h"
#include "pasted.h"
#include "proxy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- server -------------------------------------------------------------- */

/* [bot]digits: at the start of a path's segment? Also in brackets. */
static bool is_token_segment (const char *s) {
  size_t digits;
  if (ba_same_start(s, "bot", 3)) s += 3;
  s += strspn(s, "{<[$");
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
  r->https = ba_same(scheme, "https");
  if (!r->https && !ba_same(scheme, "http"))
    wrong = "its scheme is neither http nor https";
  curl_free(scheme);
  return wrong;
}

static bool has_control (const char *s) {
  for (; *s; s++)
    if ((unsigned char)*s <= ' ' || *s == 0x7f) return true;
  return false;
}

/* Who pasted a URL behind another one's scheme means no host of that name. */
static bool is_scheme (const char *host) {
  return ba_same(host, "http") || ba_same(host, "https");
}

/* A name that has a % once it is decoded would be decoded again when it is
   used: another name than the one that was looked at. One that has a control
   character then is no URL to libcurl any more. */
static const char *check_host (struct ba_request *r, CURLU *url) {
  char *host = NULL;
  const char *wrong = NULL;
  CURLUcode code = curl_url_get(url, CURLUPART_HOST, &host, 0);
  if (code) return verdict(r, code, "it has no host");
  if (has_control(host) || (host[0] != '[' && strchr(host, '%')))
    wrong = "not a URL";
  else if (is_scheme(host)) wrong = "it has two schemes";
  r->near = ba_address_is_near(host);
  curl_free(host);
  return wrong;
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
  else if (strpbrk(path, "{}<>"))
    wrong = "what stands for a token doesn't belong in it";
  curl_free(path);
  if (!wrong) wrong = check_host(r, url);
  return wrong || r->url.failed ? wrong : take_base(r, url);
}

static const char *read_text (struct ba_request *r, const char *text) {
  const char *wrong;
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

static const char *read_server (struct ba_request *r, const char *server) {
  struct ba_buffer url = {0};
  const char *wrong = ba_pasted_url(&url, server);
  if (url.failed) r->url.failed = true;
  else if (!wrong) wrong = read_text(r, url.data ? url.data : "");
  ba_buffer_free(&url);
  return wrong;
}

/* The good server that this thread has read last: most calls go to one, and to
   read it again is a tenth of what a call on a kept connection takes. */
static __thread struct {
  char server[128], base[128];
  struct ba_span authority;
  bool https, near;
} last;

static void remember (const struct ba_request *r, const char *server) {
  if (strlen(server) >= sizeof last.server
      || r->url.len >= sizeof last.base) return;
  strcpy(last.server, server);
  memcpy(last.base, r->url.data, r->url.len + 1);
  last.authority = r->authority;
  last.https = r->https;
  last.near = r->near;
}

static void recall (struct ba_request *r) {
  ba_buffer_text(&r->url, last.base);
  r->authority = last.authority;
  r->https = last.https;
  r->near = last.near;
}

const char *ba_endpoint_server (struct ba_request *r, const char *server) {
  const char *wrong;
  if (*last.server && strcmp(server, last.server) == 0) {
    recall(r);
    return NULL;
  }
  wrong = read_server(r, server);
  if (!wrong && !r->url.failed) remember(r, server);
  return wrong;
}

/* --- one spelling -------------------------------------------------------- */

static char *part_of (struct ba_request *r, CURLU *url, CURLUPart part,
                      unsigned flags) {
  char *text = NULL;
  if (curl_url_get(url, part, &text, flags) == CURLUE_OUT_OF_MEMORY)
    r->body.failed = true;
  return text;
}

/* Letters of other scripts as the DNS has them, where libcurl can say so: it
   reads them in the locale of the program. 7.88 calls a failure a lack of
   memory, and leaves the name as it stands to be freed. */
static void add_host (struct ba_request *r, CURLU *url) {
  char *zone = part_of(r, url, CURLUPART_ZONEID, 0);
  char *host = NULL;
  if (curl_url_get(url, CURLUPART_HOST, &host, BA_PUNYCODE)) {
    curl_free(host);
    host = part_of(r, url, CURLUPART_HOST, 0);
  }
  if (host) ba_address_spell(&r->body, host, zone);
  curl_free(host);
  curl_free(zone);
}

/* Means the same in a path, encoded or not? */
static bool is_plain (unsigned char c) {
  static const char plain[] = "-._~!$&'()*+,;=:@0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return c != '\0' && strchr(plain, c) != NULL;
}

/* The byte that stands at s, encoded or not; how many bytes it takes there. */
static size_t read_byte (const char *s, unsigned char *byte) {
  static const char digits[] = "0123456789abcdefABCDEF";
  char code[3];
  *byte = (unsigned char)*s;
  if (*s != '%' || strspn(s + 1, digits) < 2) return 1;
  memcpy(code, s + 1, 2);
  code[2] = '\0';
  *byte = (unsigned char)strtoul(code, NULL, 16);
  return 3;
}

static void add_path (struct ba_buffer *out, const char *s) {
  while (*s) {
    char text[4];
    unsigned char byte;
    size_t n = read_byte(s, &byte);
    bool is_plain_here = is_plain(byte) || *s == '/';
    snprintf(text, sizeof text, is_plain_here ? "%c" : "%%%02X", byte);
    ba_buffer_text(out, text);
    s += n;
  }
}

static void add_spelling (struct ba_request *r, CURLU *url) {
  char *port = part_of(r, url, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
  char *path = part_of(r, url, CURLUPART_PATH, 0);
  ba_buffer_text(&r->body, r->https ? "https://" : "http://");
  add_host(r, url);
  if (port) {
    ba_buffer_text(&r->body, ":");
    ba_buffer_text(&r->body, port);
  }
  if (path && path[1]) add_path(&r->body, path);
  curl_free(port);
  curl_free(path);
}

/* What was decoded is read as a server again: it may be an address in numbers,
   dots between slashes, or /bot at the end. */
static void spell_once (struct ba_request *r) {
  CURLU *url = curl_url();
  ba_buffer_free(&r->body);
  if (!url || curl_url_set(url, CURLUPART_URL, r->url.data, 0))
    r->body.failed = true;
  else add_spelling(r, url);
  curl_url_cleanup(url);
  ba_buffer_free(&r->url);
  if (r->body.failed) r->url.failed = true;
  else if (ba_endpoint_server(r, r->body.data) && !r->url.failed)
    ba_buffer_add(&r->url, r->body.data, r->body.len);
}

/* Until nothing is left to read otherwise: each /bot makes it shorter. */
void ba_endpoint_spell (struct ba_request *r) {
  do spell_once(r);
  while (!r->url.failed && strcmp(r->url.data, r->body.data) != 0);
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
    if (ba_same_start(proxy, schemes[i], strlen(schemes[i]))) wrong = NULL;
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
  if (!wrong && !ba_proxy_has_login(proxy))
    wrong = "its user or password holds a control character";
  return wrong;
}

bool ba_endpoint_is_resolver (const char *proxy) {
  return proxy && *proxy && !ba_same_start(proxy, "socks4:", 7)
         && !ba_same_start(proxy, "socks5:", 7);
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
    if (!ba_address_is(address, len)) return false;
    address += len;
  } while (*address == ',');
  return true;
}

/* --- pins ---------------------------------------------------------------- */

static bool is_ascii (const char *s) {
  for (; *s; s++)
    if ((unsigned char)*s >= 0x80) return false;
  return true;
}

/* The host of a URL as libcurl compares it with a pin's: in the DNS's letters.
   The caller frees it. NULL: libcurl can't read it, in this locale at least;
   or there was no memory for it, which shows in r->resolve.failed. */
static char *compared_host (struct ba_request *r, const char *text) {
  CURLU *url = curl_url();
  char *host = NULL;
  CURLUcode code = CURLUE_OUT_OF_MEMORY;
  if (url) code = curl_url_set(url, CURLUPART_URL, text, 0);
  if (!code) code = curl_url_get(url, CURLUPART_HOST, &host, BA_PUNYCODE);
  curl_url_cleanup(url);
  if (!code && host && is_ascii(host)) return host;
  if (code == CURLUE_OUT_OF_MEMORY && is_ascii(text)) r->resolve.failed = true;
  curl_free(host);
  return NULL;
}

/* Could a server's URL have it? */
static bool is_host (const char *host) {
  return host[0] != '.' && !strstr(host, "..") && !has_control(host)
         && !strchr(host, '%');
}

static char *host_of_line (struct ba_request *r, const char *line,
                           size_t len) {
  struct ba_buffer text = {0};
  char *host = NULL;
  if (strcspn(line, "/?#@\\[]") < len) return NULL;
  ba_buffer_text(&text, "http://");
  ba_buffer_add(&text, line, len);
  if (text.failed) r->resolve.failed = true;
  else host = compared_host(r, text.data);
  ba_buffer_free(&text);
  if (!host || is_host(host)) return host;
  curl_free(host);
  return NULL;
}

/* A name without the dot that may end it. */
static size_t bare (const char *name) {
  size_t len = strlen(name);
  return len > 1 && name[len - 1] == '.' ? len - 1 : len;
}

/* libcurl compares the final dot, too. */
static bool is_same_host (const char *a, const char *b) {
  return bare(a) == bare(b) && ba_same_start(a, b, bare(a));
}

static bool add_pin (struct ba_request *r, struct ba_buffer *out,
                     const char *line, const char *server) {
  size_t len = strcspn(line, ":");
  char *host = host_of_line(r, line, len);
  if (!host) return r->resolve.failed;
  ba_buffer_text(out, server && is_same_host(host, server) ? server : host);
  ba_buffer_add(out, line + len, strlen(line + len) + 1);
  curl_free(host);
  return true;
}

const char *ba_endpoint_pins (struct ba_request *r) {
  struct ba_buffer out = {0};
  size_t at = 0;
  const char *wrong = NULL;
  char *server = r->resolve.len > 0 ? compared_host(r, r->url.data) : NULL;
  while (!wrong && at < r->resolve.len) {
    const char *line = r->resolve.data + at;
    if (!add_pin(r, &out, line, server))
      wrong = is_ascii(line)
              ? "holds what can't be the name of a host"
              : "holds a name that libcurl can't read, in this program's "
                "locale at least; write it as the DNS has it (xn--...)";
    at += strlen(line) + 1;
  }
  curl_free(server);
  if (r->resolve.failed) out.failed = true;
  ba_buffer_free(&r->resolve);
  r->resolve = out;
  return wrong;
}

/* --- cookie sessions ----------------------------------------------------- */

static bool has_sessions (const char *host) {
  static const char *const hosts[] = {
    "facebook.com", "www.facebook.com", "m.facebook.com", "messenger.com",
    "www.messenger.com"};
  size_t i;
  for (i = 0; i < sizeof hosts / sizeof *hosts; i++)
    if (ba_same(host, hosts[i])) return true;
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
  if (!ba_same_start(url, "https://", 8)) return "its scheme is not https";
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

/* --- files --------------------------------------------------------------- */

/* What leads out of the directory, or nowhere. */
static bool is_odd_segment (const char *s, size_t n) {
  return n == 0 || (n == 1 && s[0] == '.')
         || (n == 2 && s[0] == '.' && s[1] == '.');
}

const char *ba_endpoint_wrong_path (const char *path, size_t len) {
  size_t i;
  if (len == 0) return "empty";
  if (len > BA_PATH_MAX) return "too long";
  for (i = 0; i < len; i++)
    if ((unsigned char)path[i] < ' ' || path[i] == 0x7f || path[i] == '\\')
      return "holds a character that no path of a server has";
  for (i = 0; i <= len; i++) {
    size_t n = strcspn(path + i, "/");
    if (is_odd_segment(path + i, n))
      return "holds an empty part, \".\" or \"..\" between slashes";
    i += n;
  }
  return NULL;
}

/* Everything but letters, digits and what no server reads otherwise. */
static void add_escaped (struct ba_buffer *out, const char *s) {
  static const char kept[] = "-._~/0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (; *s; s++) {
    char text[4];
    snprintf(text, sizeof text, strchr(kept, *s) ? "%c" : "%%%02X",
             (unsigned char)*s);
    ba_buffer_text(out, text);
  }
}

void ba_endpoint_file (struct ba_request *r, const char *token, size_t len,
                       const char *path) {
  ba_buffer_text(&r->url, "/file");
  ba_endpoint_path(r, token, len, "");
  add_escaped(&r->url, path);
}
