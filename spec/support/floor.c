/* SPDX-License-Identifier: MIT */
/* The least that a logOut by libcurl takes: floor URL CALLS, each on a
   connection of its own, with the system's directory of roots. Prints the CPU
   seconds of all calls but the first. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static size_t take (char *s, size_t size, size_t n, void *user) {
  (void)s;
  (void)user;
  return size * n;
}

/* A root of the directory in place of the bundle: what a version of libcurl
   takes NULL for is another question. */
static void set_roots (CURL *easy, const char *root) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  curl_easy_setopt(easy, CURLOPT_CAINFO, root);
  curl_easy_setopt(easy, CURLOPT_CAPATH, info->capath);
}

int main (int argc, char **argv) {
  CURL *easy;
  clock_t began = 0;
  int calls, i;
  if (argc != 4) return 2;
  calls = atoi(argv[2]);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  easy = curl_easy_init();
  if (!easy) return 1;
  set_roots(easy, argv[3]);
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_POST, 1L);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take);
  for (i = 0; i < calls; i++) {
    CURLcode code = curl_easy_perform(easy);
    if (code) return fprintf(stderr, "%s\n", curl_easy_strerror(code)), 1;
    if (i == 0) began = clock();
  }
  printf("%.6f\n", (double)(clock() - began) / CLOCKS_PER_SEC);
  curl_easy_cleanup(easy);
  return 0;
}
