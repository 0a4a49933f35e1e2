/* SPDX-License-Identifier: MIT */
/* Preloaded: a libcurl that says it was built without IDN. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>

curl_version_info_data *curl_version_info (CURLversion age) {
  static curl_version_info_data copy;
  union {
    void *address;
    curl_version_info_data *(*function) (CURLversion age);
  } real;
  real.address = dlsym(dlopen("libcurl.so.4", RTLD_LAZY), "curl_version_info");
  copy = *real.function(age);
  copy.features &= ~CURL_VERSION_IDN;
  return &copy;
}
