/* SPDX-License-Identifier: MIT */
/* The differences between libcurl 7.87 and 8.23: the only file that asks which
   version there is. */
#ifndef BA_LIBCURL_H
#define BA_LIBCURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include <stdbool.h>
#include <stddef.h>

#define BA_LIBCURL_OLDEST 0x075700
#define BA_LIBCURL_OLDEST_NAME "7.87"

#if defined(LIBCURL_VERSION_NUM) && LIBCURL_VERSION_NUM < BA_LIBCURL_OLDEST
#error "botapi needs libcurl 7.87 or newer"
#endif

/* A header line of over 100 KiB, since 8.6.0; before: CURLE_OUT_OF_MEMORY. */
#if LIBCURL_VERSION_NUM < 0x080600
#define BA_TOO_LARGE ((CURLcode)100)
#else
#define BA_TOO_LARGE CURLE_TOO_LARGE
#endif

/* A multi handle that never waits for a resolver thread, since 8.20.0; before
   it is unknown, and there is nothing to wait for (curl#20936). */
#if LIBCURL_VERSION_NUM < 0x081400
#define BA_MULTI_QUICK_EXIT ((CURLMoption)21)
#else
#define BA_MULTI_QUICK_EXIT CURLMOPT_QUICK_EXIT
#endif

/* A host's name as the DNS has it, since 7.88.0; before as it stands. */
#if LIBCURL_VERSION_NUM < 0x075800
#define BA_PUNYCODE (1u << 12)
#else
#define BA_PUNYCODE CURLU_PUNYCODE
#endif

/* Of the library that runs, which may be newer than its headers. */
static inline bool ba_libcurl_is_at_least (unsigned version) {
  return curl_version_info(CURLVERSION_NOW)->version_num >= version;
}

static inline bool ba_libcurl_is_new_enough (void) {
  return ba_libcurl_is_at_least(BA_LIBCURL_OLDEST);
}

/* curl#11920, mended in 8.4.0: when an address of a host fails, the next one
   is not started until some timer fires. */
static inline bool ba_libcurl_forgets_addresses (void) {
  return !ba_libcurl_is_at_least(0x080400);
}

/* curl#18703, since 8.17.0: NULL as CURLOPT_CAINFO or CURLOPT_CAPATH is the
   built-in default. Before, it was nothing. */
static inline bool ba_libcurl_null_is_default (void) {
  return ba_libcurl_is_at_least(0x081100);
}

/* CVE-2026-3784, mended in 8.19.0: a tunnel that one login at a proxy has
   opened serves another's calls. */
static inline bool ba_libcurl_shares_tunnels (void) {
  return !ba_libcurl_is_at_least(0x081300);
}

/* Since 7.88.0 libcurl tells of TLS's messages to the handle that a connection
   has just then. Before, to the last one that used it, which may be freed. */
static inline bool ba_libcurl_tells_tls (void) {
  return ba_libcurl_is_at_least(0x075800);
}

/* Was it built with these CURL_VERSION_… features? */
static inline bool ba_libcurl_has (int features) {
  return (curl_version_info(CURLVERSION_NOW)->features & features) == features;
}

/* Where this libcurl finds the roots that it trusts by default; NULL: it was
   built without. */
static inline const char *ba_libcurl_bundle (void) {
  return curl_version_info(CURLVERSION_NOW)->cainfo;
}

static inline const char *ba_libcurl_directory (void) {
  return curl_version_info(CURLVERSION_NOW)->capath;
}

/* CURLOPT_CAPATH for no directory at all. Before 8.17.0 NULL, since only then
   libcurl caches what it has read from CURLOPT_CAINFO; later a path that can't
   exist, since /dev/null is no directory. */
static inline const char *ba_libcurl_no_directory (void) {
  return ba_libcurl_null_is_default() ? "/dev/null/none" : NULL;
}

#endif
