/* SPDX-License-Identifier: MIT */
/* Fuzzes the endpoint: token, server, proxy, resolve, and the redactor. What
   is accepted leads to one host and one path; what is cleaned shows nothing. */
#define _GNU_SOURCE
#include "common.h"
#include "endpoint.h"
#include "redact.h"
#include "token.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text_of (struct fuzz_input *in) {
  char *text = malloc(in->left + 1);
  memcpy(text, in->at, in->left);
  text[in->left] = '\0';
  return text;
}

/* The URL's path is the base's, then /bot<token>/logOut, and no more. */
static void check_url (const struct ba_request *r, const char *token,
                       size_t len) {
  char tail[400];
  char *path = NULL, *query = NULL, *fragment = NULL, *user = NULL;
  CURLU *url = curl_url();
  size_t n;
  snprintf(tail, sizeof tail, "/bot%.*s/logOut", (int)len, token);
  if (curl_url_set(url, CURLUPART_URL, r->url.data,
                   CURLU_PATH_AS_IS | CURLU_NON_SUPPORT_SCHEME)
      || curl_url_get(url, CURLUPART_PATH, &path, 0))
    fuzz_wrong("libcurl doesn't take the URL that was made");
  n = strlen(path);
  if (n < strlen(tail) || strcmp(path + n - strlen(tail), tail) != 0)
    fuzz_wrong("the path doesn't end with the method");
  if (curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK
      || curl_url_get(url, CURLUPART_FRAGMENT, &fragment, 0) == CURLUE_OK
      || curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK)
    fuzz_wrong("a query, fragment or user in the URL");
  curl_free(path);
  curl_free(query);
  curl_free(fragment);
  curl_free(user);
  curl_url_cleanup(url);
}

static void try_server (const char *server, const char *token, size_t len) {
  struct ba_request r;
  const char *wrong;
  memset(&r, 0, sizeof r);
  wrong = ba_endpoint_server(&r, server);
  if (!wrong) {
    if (strncmp(r.url.data, "http://", 7) != 0
        && strncmp(r.url.data, "https://", 8) != 0)
      fuzz_wrong("another scheme");
    if (r.https != (strncmp(r.url.data, "https://", 8) == 0))
      fuzz_wrong("https that isn't");
    if (r.authority.at + r.authority.len > r.url.len || r.authority.len == 0)
      fuzz_wrong("an authority beyond the URL");
    ba_endpoint_path(&r, token, len, "logOut");
    check_url(&r, token, len);
  }
  else if (strlen(server) > 12 && strstr(wrong, server))
    fuzz_wrong("the text repeats the server");
  ba_buffer_free(&r.url);
}

/* The one spelling of a server has no other. */
static void try_spelling (const char *server) {
  struct ba_request r;
  char *once;
  memset(&r, 0, sizeof r);
  if (!ba_endpoint_server(&r, server)) {
    bool https = r.https;
    ba_endpoint_spell(&r);
    if (!r.url.data || r.https != https) fuzz_wrong("another server");
    once = strdup(r.url.data);
    ba_buffer_free(&r.body);
    ba_endpoint_spell(&r);
    if (!r.url.data || strcmp(r.url.data, once) != 0)
      fuzz_wrong("a spelling that isn't the last one");
    free(once);
  }
  ba_buffer_free(&r.url);
  ba_buffer_free(&r.body);
}

/* A number, a colon, a secret of visible ASCII, and nothing else. */
static void check_grammar (const char *text, size_t len) {
  size_t digits = strspn(text, "0123456789"), i;
  if (digits == 0 || *text == '0') fuzz_wrong("a token without a number");
  if (text[digits] != ':' || digits + 1 >= len)
    fuzz_wrong("a token without a secret");
  for (i = digits + 1; i < len; i++)
    if (text[i] <= ' ' || text[i] >= 0x7f || strchr("/?#%\\", text[i]))
      fuzz_wrong("a token with a foreign byte");
}

static void try_token (const char *text, size_t len) {
  if (ba_token_check(text, len)) return;
  if (len > BA_TOKEN_MAX) fuzz_wrong("a token that is too long");
  check_grammar(text, len);
  try_server("https://api.telegram.org", text, len);
  try_server("http://127.0.0.1:8081/a/b", text, len);
}

enum { FORM_MAX = 16 };         /* bytes that one character may become */

/* A character of the token in one of its forms, and what may part it from the
   next one and isn't seen. */
static int put_character (char *to, size_t form, size_t i, char c) {
  static const char *const codes[] = {"%c", "%%%02X", "%%25%02x", "\\u%04x"};
  static const char *const parts[] = {
    "", "\x01", "\xe2\x80\x8b", "\xc2\x9b"};
  size_t code = form & 4 && i % 3 != 0 ? 0 : form >> 3 & 3;
  int n = sprintf(to, codes[code], (unsigned char)c);
  return n + sprintf(to + n, "%s", parts[form >> 5 & 3]);
}

/* The token put somewhere into the text, in one of its forms. */
static void try_clean (struct fuzz_input *in) {
  size_t form = fuzz_byte(in), at = fuzz_byte(in), i;
  size_t most = 20 + fuzz_byte(in);
  const char *token = form & 1 ? FUZZ_TOKEN : FUZZ_SECRET;
  char *text = malloc(in->left + FORM_MAX * strlen(token) + 1);
  char *to = text;
  if (at > in->left) at = in->left;
  memcpy(to, in->at, at);
  to += at;
  for (i = 0; i < strlen(token); i++)
    to += put_character(to, form, i, token[i]);
  memcpy(to, in->at + at, in->left - at);
  to[in->left - at] = '\0';
  ba_clean(text, FUZZ_TOKEN, strlen(FUZZ_TOKEN), most);
  if (strlen(text) > most) fuzz_wrong("a clean text is too long");
  if (fuzz_shows(text, strlen(text))) fuzz_wrong("a clean text shows it");
  for (to = text; *to; to++)
    if ((unsigned char)*to < ' ' || *to == 0x7f) fuzz_wrong("a control byte");
  free(text);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct fuzz_input in = {data, size};
  unsigned what = fuzz_byte(&in) % 5;
  char *text;
  if (size > 4096) return 0;
  if (what == 0) {
    try_clean(&in);
    return 0;
  }
  text = text_of(&in);
  if (what == 1) try_token(text, in.left);
  else if (what == 2) {
    try_server(text, FUZZ_TOKEN, strlen(FUZZ_TOKEN));
    try_spelling(text);
  }
  else if (what == 3) ba_endpoint_proxy(text);
  else ba_endpoint_is_resolve(text);
  free(text);
  return 0;
}
