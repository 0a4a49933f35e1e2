/* SPDX-License-Identifier: MIT */
/* Preloaded: libcurl never hears of a time limit, as if its timer were lost. */
#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdbool.h>

typedef CURLcode setter (CURL *easy, CURLoption option, ...);

CURLcode curl_easy_setopt (CURL *easy, CURLoption option, ...) {
  /* loaded by the module, and so not next in the order of the program's */
  void *libcurl = dlopen("libcurl.so.4", RTLD_LAZY | RTLD_NOLOAD);
  setter *next;
  void *value = NULL;
  curl_off_t size = 0;
  bool is_size = option > CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB;
  va_list rest;
  *(void **)&next = dlsym(libcurl, "curl_easy_setopt");
  va_start(rest, option);
  if (is_size) size = va_arg(rest, curl_off_t);
  else value = va_arg(rest, void *);    /* a long is as wide */
  va_end(rest);
  if (option == CURLOPT_TIMEOUT_MS || option == CURLOPT_CONNECTTIMEOUT_MS)
    return CURLE_OK;
  return is_size ? next(easy, option, size) : next(easy, option, value);
}
