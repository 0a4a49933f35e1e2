/* SPDX-License-Identifier: MIT */
/* Fuzzes the endpoint: token, server, proxy, resolve, and the redactor. What
   is accepted leads to one host and one path; what is cleaned shows nothing. */
#define _GNU_SOURCE
#include "common.h"
#include "endpoint.h"
#include "redact.h"

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

static void try_token (const char *text, size_t len) {
  if (ba_token_check(text, len)) return;
  if (len > BA_TOKEN_MAX) fuzz_wrong("a token that is too long");
  try_server("https://api.telegram.org", text, len);
  try_server("http://127.0.0.1:8081/a/b", text, len);
}

/* The token put somewhere into the text, in one of its forms. */
static void try_clean (struct fuzz_input *in) {
  size_t form = fuzz_byte(in), at = fuzz_byte(in), i;
  size_t most = 20 + fuzz_byte(in);
  const char *token = form & 1 ? FUZZ_TOKEN : FUZZ_SECRET;
  char *text = malloc(in->left + 4 * strlen(token) + 1);
  char *to = text;
  if (at > in->left) at = in->left;
  memcpy(to, in->at, at);
  to += at;
  for (i = 0; i < strlen(token); i++)
    to += sprintf(to, form & 2 || (form & 4 && i % 3 == 0) ? "%%%02X" : "%c",
                  (unsigned char)token[i]);
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
  else if (what == 2) try_server(text, FUZZ_TOKEN, strlen(FUZZ_TOKEN));
  else if (what == 3) ba_endpoint_proxy(text);
  else ba_endpoint_is_resolve(text);
  free(text);
  return 0;
}
