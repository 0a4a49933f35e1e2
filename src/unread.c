/* SPDX-License-Identifier: MIT */
/* Whether TLS holds bytes of a connection that libcurl has not read. */
#include "system.h"
#include "unread.h"

#include <dlfcn.h>

struct ba_tls ba_unread_session (CURL *easy) {
  struct ba_tls tls = {CURLSSLBACKEND_NONE, NULL};
  struct curl_tlssessioninfo *info = NULL;
  if (curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) || !info)
    return tls;
  tls.library = info->backend;
  tls.session = info->internals;
  return tls;
}

/* A function of a library that libcurl brings along, unless this process has
   two of that name: then nobody knows which one libcurl calls. */
static void *find (void *libcurl, const char *name) {
  void *function = dlsym(libcurl, name);
  return function == dlsym(RTLD_DEFAULT, name) ? function : NULL;
}

static void look_up (struct ba_unread *u) {
  union { CURL *(*function) (void); const void *address; } known;
  union { void *address; int (*function) (const void *); } openssl;
  union { void *address; size_t (*function) (void *); } gnutls;
  void *libcurl = NULL;
  Dl_info info;
  known.function = curl_easy_init;
  openssl.address = gnutls.address = NULL;
  if (dladdr(known.address, &info) && info.dli_fname)
    libcurl = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (libcurl) {
    openssl.address = find(libcurl, "SSL_has_pending");
    gnutls.address = find(libcurl, "gnutls_record_check_pending");
    dlclose(libcurl);
  }
  u->openssl = openssl.function;
  u->gnutls = gnutls.function;
  u->is_known = true;
}

bool ba_unread_any (struct ba_unread *u, const struct ba_tls *tls,
                    bool is_tls) {
  if (!tls->session) return is_tls;
  if (!u->is_known) look_up(u);
  if (tls->library == CURLSSLBACKEND_OPENSSL && u->openssl)
    return u->openssl(tls->session) != 0;
  if (tls->library == CURLSSLBACKEND_GNUTLS && u->gnutls)
    return u->gnutls(tls->session) > 0;
  return true;
}
