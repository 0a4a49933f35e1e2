/* SPDX-License-Identifier: MIT */
/* One request on one easy handle: the options that harden it, at most one
   send, and what became of it. */
#include "system.h"
#include "transfer.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum { HEADER_MAX = 64 * 1024 };

/* --- callbacks: no Lua in here ------------------------------------------- */

static bool starts_with (const char *s, size_t n, const char *prefix) {
  size_t len = strlen(prefix);
  return n >= len && strncasecmp(s, prefix, len) == 0;
}

/* Refuses an answer for what its head says. Some versions of libcurl refuse
   it, others take it: docs/internals/transport.md. */
static void refuse_head (struct ba_transfer *t, const char *why) {
  if (!t->refused) t->refused = why;
}

/* "HTTP/1.1 401 Unauthorized": a new head, after a 100 Continue perhaps */
static void read_status_line (struct ba_transfer *t, const char *s,
                              size_t n) {
  const char *end = s + n;
  const char *space = memchr(s, ' ', n);
  size_t len;
  t->head_complete = false;
  t->framed = false;
  t->interim = false;
  t->outcome.retry_after = -1;
  t->outcome.reason[0] = '\0';
  if (!starts_with(s, n, "HTTP/1."))
    refuse_head(t, "the answer is of another version of HTTP than 1.x");
  if (!space || end - space < 4) return;
  t->interim = space[1] == '1';
  t->framed = memcmp(space + 1, "204", 3) == 0
              || memcmp(space + 1, "304", 3) == 0;      /* never a body */
  space = memchr(space + 1, ' ', (size_t)(end - space - 1));
  if (!space) return;
  for (space++; end > space && (end[-1] == '\r' || end[-1] == '\n'); )
    end--;
  len = (size_t)(end - space);
  if (len >= BA_REASON_MAX) len = BA_REASON_MAX - 1;
  memcpy(t->outcome.reason, space, len);
  t->outcome.reason[len] = '\0';
}

static bool is_space (char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Is the value of a header line this word and nothing else? */
static bool is_word (const char *s, size_t n, const char *word) {
  while (n > 0 && is_space(s[n - 1]))
    n--;
  for (; n > 0 && is_space(*s); n--)
    s++;
  return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

/* No transfer coding was asked for; 7.88 would unpack a bomb. */
static void read_coding (struct ba_transfer *t, const char *s, size_t n) {
  t->framed = is_word(s, n, "chunked");
  if (!t->framed && !is_word(s, n, "identity"))
    refuse_head(t, "the answer has a transfer coding that nobody asked for");
}

static void read_retry_after (struct ba_transfer *t, const char *s, size_t n) {
  int64_t seconds = 0;
  size_t i = 0;
  while (i < n && s[i] == ' ')
    i++;
  if (i == n || s[i] < '0' || s[i] > '9') return;       /* a date: ignored */
  for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
    if (seconds < 100000000) seconds = seconds * 10 + (s[i] - '0');
  t->outcome.retry_after = seconds;
}

static size_t on_header (char *s, size_t size, size_t count, void *user) {
  struct ba_transfer *t = user;
  size_t n = size * count;
  if (n > HEADER_MAX - t->header_bytes) return 0;
  t->header_bytes += n;
  if (starts_with(s, n, "HTTP/")) read_status_line(t, s, n);
  else if (t->head_complete) return n;                  /* a trailer */
  else if (starts_with(s, n, "Content-Length:")) t->framed = true;
  else if (starts_with(s, n, "Transfer-Encoding:"))
    read_coding(t, s + 18, n - 18);
  else if (starts_with(s, n, "Retry-After:"))
    read_retry_after(t, s + 12, n - 12);
  else if (n <= 2 && (s[0] == '\r' || s[0] == '\n'))
    t->head_complete = !t->interim;
  return t->refused ? 0 : n;
}

static size_t on_body (char *s, size_t size, size_t count, void *user) {
  struct ba_transfer *t = user;
  enum ba_grown grown = ba_buffer_add(&t->answer, s, size * count);
  if (grown == BA_NOMEM) t->no_memory = true;
  return grown == BA_GROWN ? size * count : 0;
}

/* Runs right before each send. The second one would be a repeat. */
static int on_prereq (void *user, char *ip, char *local_ip, int port,
                      int local_port) {
  struct ba_transfer *t = user;
  (void)ip;
  (void)local_ip;
  (void)port;
  (void)local_port;
  if (t->prereqs++ > 0) return CURL_PREREQFUNC_ABORT;
  t->hooks->connected(t);
  /* the first time only: later the size holds another CONNECT */
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &t->size_before);
  return CURL_PREREQFUNC_OK;
}

void ba_set_user_timeout (int fd, int64_t ms) {
  int timeout = ms < INT_MAX ? (int)ms : INT_MAX;
  setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
}

/* Closing this socket resets the connection, whoever closes it, a kill -9 and
   libcurl's own closes included: what the kernel has not delivered by then is
   thrown away. */
static curl_socket_t on_open (void *user, curlsocktype type,
                              struct curl_sockaddr *a) {
  struct ba_transfer *t = user;
  struct linger reset = {1, 0};
  int fd;
  (void)type;
  t->hooks->opening(t);
  fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
  if (fd < 0) {
    t->no_descriptor = errno == EMFILE || errno == ENFILE;
    return CURL_SOCKET_BAD;
  }
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  /* a frozen process can't close: the kernel gives up after as long */
  if (a->family != AF_UNIX) ba_set_user_timeout(fd, t->request.timeout_ms);
  return fd;
}

/* --- options ------------------------------------------------------------- */

static CURLcode set_fixed (CURL *easy) {
  static const struct { CURLoption option; long value; } fixed[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_FOLLOWLOCATION, 0},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_SESSIONID_CACHE, 0},   /* 7.88.1: double free on no memory */
    {CURLOPT_PROXY_SSL_VERIFYPEER, 1},
    {CURLOPT_PROXY_SSL_VERIFYHOST, 2},
    {CURLOPT_PROXY_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1},
    {CURLOPT_PATH_AS_IS, 1},
    {CURLOPT_QUICK_EXIT, 1},            /* never wait for a resolver thread */
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_POST, 1}
  };
  CURLcode code = CURLE_OK;
  size_t i;
  for (i = 0; !code && i < sizeof fixed / sizeof *fixed; i++)
    code = curl_easy_setopt(easy, fixed[i].option, fixed[i].value);
  return code;
}

/* Where the trusted roots are; an https proxy's are the same. */
static CURLcode set_roots (CURL *easy, const char *file,
                           const char *directory) {
  CURLcode code = curl_easy_setopt(easy, CURLOPT_CAINFO, file);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CAPATH, directory);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, file);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, directory);
  return code;
}

/* Both ways are what libcurl trusts by default. It parses the whole bundle
   (22 ms) for each connection unless the path is NULL, and caches it then;
   with the directory alone it reads only the root that it needs. Where NULL
   as the file is the whole bundle again, one root of the directory is it. */
static CURLcode set_default_roots (struct ba_transfer *t) {
  const struct ba_roots *roots = t->roots;
  const char *file = ba_libcurl_null_is_default() ? roots->one : NULL;
  if (t->ca == BA_CA_DIRECTORY)
    return set_roots(t->easy, file, roots->directory);
  if (t->ca == BA_CA_BUNDLE) return set_roots(t->easy, roots->bundle, NULL);
  return CURLE_OK;
}

/* With a ca_file nothing but what it holds is trusted. */
static CURLcode set_trust (struct ba_transfer *t) {
  const char *file = t->request.ca_file;
  t->ca = file ? BA_CA_FILE : t->roots->ca;
  return file ? set_roots(t->easy, file, ba_libcurl_no_directory())
              : set_default_roots(t);
}

static CURLcode set_functions (struct ba_transfer *t, void *sockets) {
  CURL *easy = t->easy;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  if (!code)
    code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  if (!code)
    code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION,
                            t->hooks->close_socket);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, sockets);
  return code;
}

static CURLcode set_data (struct ba_transfer *t) {
  static const CURLoption options[] = {
    CURLOPT_PREREQDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA,
    CURLOPT_OPENSOCKETDATA, CURLOPT_PRIVATE
  };
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
  size_t i;
  for (i = 0; !code && i < sizeof options / sizeof *options; i++)
    code = curl_easy_setopt(t->easy, options[i], t);
  return code;
}

/* The body, which stays ours: libcurl keeps only the pointer. */
static CURLcode set_body (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  const char *bytes = r->body.data ? r->body.data : "";
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, bytes);
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                            (curl_off_t)r->body.len);
  return code;
}

static CURLcode add_line (struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (!longer) return CURLE_OUT_OF_MEMORY;
  *list = longer;
  return CURLE_OK;
}

static CURLcode add_lines (struct curl_slist **list,
                           const struct ba_buffer *lines) {
  size_t at = 0;
  CURLcode code = CURLE_OK;
  while (!code && at < lines->len) {
    code = add_line(list, lines->data + at);
    at += strlen(lines->data + at) + 1;
  }
  return code;
}

static CURLcode set_headers (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  CURLcode code = add_lines(&t->headers, &r->headers);
  if (!code && r->content_type) code = add_line(&t->headers, r->content_type);
  /* the local server never answers 100 Continue */
  if (!code && r->body.len > 0) code = add_line(&t->headers, "Expect:");
  if (!code && t->headers)
    code = curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
  return code;
}

static CURLcode set_route (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  const char *proxy = r->proxy;
  CURLcode code = CURLE_OK;
  /* NULL is the environment's proxy, which is not for servers nearby */
  if (!proxy && r->near) proxy = "";
  if (r->unix_socket)
    code = curl_easy_setopt(t->easy, CURLOPT_UNIX_SOCKET_PATH, r->unix_socket);
  if (!code) code = curl_easy_setopt(t->easy, CURLOPT_PROXY, proxy);
  return code;
}

/* Fresh: what a repeat could harm; what goes to addresses of its own. */
static bool is_fresh (const struct ba_request *r) {
  if (r->reuse == BA_REUSE_DEFAULT) return !r->reads || r->resolve.len > 0;
  return r->reuse == BA_REUSE_NEVER;
}

CURLcode ba_transfer_set_reuse (struct ba_transfer *t, bool stale,
                                bool crowded) {
  bool apart = t->fresh && t->request.resolve.len > 0;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT,
                                   t->fresh || stale ? 1L : 0L);
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE,
                            apart || (t->fresh && crowded) ? 1L : 0L);
  return code;
}

/* "-host:port" of a line "host:port:address", with its NUL */
static bool note_name (struct ba_buffer *names, const char *line) {
  const char *colon = strchr(strchr(line, ':') + 1, ':');
  return ba_buffer_add(names, "-", 1) == BA_GROWN
         && ba_buffer_add(names, line, (size_t)(colon - line)) == BA_GROWN
         && ba_buffer_add(names, "", 1) == BA_GROWN;
}

CURLcode ba_transfer_set_resolve (struct ba_transfer *t,
                                  struct ba_buffer *earlier) {
  const struct ba_buffer *lines = &t->request.resolve;
  size_t at = 0;
  CURLcode code = add_lines(&t->resolve, earlier);
  if (!code) code = add_lines(&t->resolve, lines);
  if (code || !t->resolve) return code;
  ba_buffer_free(earlier);
  while (at < lines->len) {
    if (!note_name(earlier, lines->data + at)) return CURLE_OUT_OF_MEMORY;
    at += strlen(lines->data + at) + 1;
  }
  return curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->resolve);
}

static CURLcode set_request (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_URL, r->url.data);
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR,
                            r->https ? "https" : "http,https");
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_USERAGENT, r->user_agent);
  return code;
}

/* A cookie session: the jar is of this handle alone. */
static CURLcode set_web (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  size_t at = 0;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_COOKIEFILE, "");
  if (!code && r->get) code = curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
  while (!code && at < r->cookies.len) {
    code = curl_easy_setopt(t->easy, CURLOPT_COOKIELIST, r->cookies.data + at);
    at += strlen(r->cookies.data + at) + 1;
  }
  return code;
}

/* FNV-1a */
static uint64_t hash_on (uint64_t hash, const char *s, size_t len) {
  size_t i;
  for (i = 0; i < len; i++)
    hash = (hash ^ (unsigned char)s[i]) * 1099511628211u;
  return hash;
}

/* Can the connection be one of an HTTP proxy, which serves all servers? That
   of a SOCKS proxy leads to one. */
static bool is_to_http_proxy (const struct ba_request *r) {
  if (r->https) return false;
  if (!r->proxy) return !r->near;
  return r->proxy[0] != '\0' && strncasecmp(r->proxy, "socks", 5) != 0;
}

/* A number for whom a call's connection leads to: two calls that could share
   one have the same. */
static uint64_t peer_of (const struct ba_request *r) {
  uint64_t hash = 14695981039346656037u;
  if (is_to_http_proxy(r)) return 0;
  if (r->unix_socket)
    hash = hash_on(hash, r->unix_socket, strlen(r->unix_socket));
  return hash_on(hash, r->url.data + r->authority.at, r->authority.len);
}

/* Their owner may collect them now. */
static void end_borrowing (struct ba_request *r) {
  r->server = NULL;
  r->proxy = NULL;
  r->ca_file = NULL;
  r->user_agent = NULL;
  r->unix_socket = NULL;
}

static CURLcode set_options (struct ba_transfer *t, void *sockets) {
  CURLcode code;
  if (!t->easy) return CURLE_OUT_OF_MEMORY;
  code = set_fixed(t->easy);
  if (!code) code = set_functions(t, sockets);
  if (!code) code = set_data(t);
  if (!code) code = set_request(t);
  if (!code) code = set_body(t);
  if (!code) code = set_headers(t);
  if (!code) code = set_route(t);
  if (!code) code = set_trust(t);
  if (!code && t->request.web) code = set_web(t);
  return code;
}

/* Each call has a handle of its own: libcurl before 8.1.1 lets a server whose
   first header begins with a blank write into the freed headers of a handle's
   last answer (curl#11101). */
bool ba_transfer_setup (struct ba_transfer *t, const struct ba_hooks *hooks,
                        void *sockets, const struct ba_roots *roots) {
  CURLcode code;
  t->easy = curl_easy_init();
  t->hooks = hooks;
  t->roots = roots;
  t->answer.max = t->request.max_response;
  t->outcome.retry_after = -1;
  t->fresh = is_fresh(&t->request);
  t->peer = peer_of(&t->request);
  code = set_options(t, sockets);
  end_borrowing(&t->request);
  if (!code) return true;
  ba_transfer_stop(t, BA_SYSTEM, code == CURLE_OUT_OF_MEMORY
                                   ? "not enough memory"
                                   : "libcurl refuses an option");
  t->outcome.curl_code = (int)code;
  return false;
}

/* Was a root not found (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, _LOCALLY,
   _UNABLE_TO_VERIFY_LEAF_SIGNATURE, a chain's own root)? */
static bool lacks_root (const struct ba_transfer *t) {
  long verified = 0;
  curl_easy_getinfo(t->easy, CURLINFO_SSL_VERIFYRESULT, &verified);
  if (verified == 0)
    curl_easy_getinfo(t->easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &verified);
  return verified == 2 || verified == 19 || verified == 20 || verified == 21;
}

bool ba_transfer_retry_ca (struct ba_transfer *t, CURLcode code) {
  if (t->ca != BA_CA_DIRECTORY || t->prereqs > 0) return false;
  /* the one root has gone, or can't be read */
  if (code != CURLE_SSL_CACERT_BADFILE
      && !(code == CURLE_PEER_FAILED_VERIFICATION && lacks_root(t)))
    return false;
  t->ca = BA_CA_BUNDLE;
  t->error[0] = '\0';
  return set_default_roots(t) == CURLE_OK;
}

/* --- outcome ------------------------------------------------------------- */

static enum ba_kind kind_of (CURLcode code) {
  static const struct { CURLcode code; enum ba_kind kind; } kinds[] = {
    {CURLE_UNSUPPORTED_PROTOCOL, BA_PROTOCOL},
    {CURLE_WEIRD_SERVER_REPLY, BA_PROTOCOL},
    {CURLE_BAD_CONTENT_ENCODING, BA_PROTOCOL},
    {CURLE_COULDNT_RESOLVE_PROXY, BA_NETWORK},
    {CURLE_COULDNT_RESOLVE_HOST, BA_NETWORK},
    {CURLE_COULDNT_CONNECT, BA_NETWORK},
    {CURLE_PARTIAL_FILE, BA_NETWORK},
    {CURLE_ABORTED_BY_CALLBACK, BA_NETWORK},
    {CURLE_GOT_NOTHING, BA_NETWORK},
    {CURLE_SEND_ERROR, BA_NETWORK},
    {CURLE_RECV_ERROR, BA_NETWORK},
    {CURLE_SEND_FAIL_REWIND, BA_NETWORK},
    {CURLE_INTERFACE_FAILED, BA_NETWORK},
    {CURLE_PROXY, BA_NETWORK},
    {CURLE_LOGIN_DENIED, BA_NETWORK},
    {CURLE_OPERATION_TIMEDOUT, BA_TIMEOUT},
    {CURLE_WRITE_ERROR, BA_LIMIT},
    {CURLE_FILESIZE_EXCEEDED, BA_LIMIT},
    {BA_TOO_LARGE, BA_LIMIT},
    {CURLE_SSL_CONNECT_ERROR, BA_TLS},
    {CURLE_SSL_ENGINE_NOTFOUND, BA_TLS},
    {CURLE_SSL_ENGINE_SETFAILED, BA_TLS},
    {CURLE_SSL_CERTPROBLEM, BA_TLS},
    {CURLE_SSL_CIPHER, BA_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, BA_TLS},
    {CURLE_USE_SSL_FAILED, BA_TLS},
    {CURLE_SSL_ENGINE_INITFAILED, BA_TLS},
    {CURLE_SSL_CACERT_BADFILE, BA_TLS},
    {CURLE_SSL_SHUTDOWN_FAILED, BA_TLS},
    {CURLE_SSL_CRL_BADFILE, BA_TLS},
    {CURLE_SSL_ISSUER_ERROR, BA_TLS},
    {CURLE_SSL_PINNEDPUBKEYNOTMATCH, BA_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, BA_TLS}
  };
  size_t i;
  for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (kinds[i].code == code) return kinds[i].kind;
  return BA_SYSTEM;
}

/* By what libcurl counted: docs/internals/transport.md. */
static enum ba_sent what_was_sent (const struct ba_transfer *t) {
  long size = 0;
  if (t->prereqs == 0 || !t->easy) return BA_SENT_NO;
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &size);
  return size > t->size_before ? BA_SENT_MAYBE : BA_SENT_NO;
}

static void set_text (struct ba_outcome *o, const char *text) {
  size_t len;
  /* libcurl would repeat it, password and all */
  if (strncmp(text, "Unsupported proxy", 17) == 0)
    text = "the proxy's URL is not one that can be used";
  len = strlen(text);
  if (len >= BA_TEXT_MAX) len = BA_TEXT_MAX - 1;
  memcpy(o->text, text, len);
  o->text[len] = '\0';
}

/* A second send was refused; libcurl's own text may tell of the reset. */
static void tell_refused_repeat (struct ba_transfer *t) {
  t->outcome.kind = BA_NETWORK;
  if (t->error[0] == '\0' || strstr(t->error, "pre-request"))
    set_text(&t->outcome, "the server closed the connection without an "
                          "answer; the request was not repeated");
  else set_text(&t->outcome, t->error);
}

static void tell_failure (struct ba_transfer *t, CURLcode code) {
  struct ba_outcome *o = &t->outcome;
  o->curl_code = (int)code;
  o->kind = kind_of(code);
  /* whatever else libcurl says of an answer, a malformed trailer say */
  if (o->kind == BA_SYSTEM && o->sent != BA_SENT_NO) o->kind = BA_PROTOCOL;
  set_text(o, t->error[0] ? t->error : curl_easy_strerror(code));
  if (t->prereqs > 1) tell_refused_repeat(t);
  else if (t->refused) {
    o->kind = BA_PROTOCOL;
    set_text(o, t->refused);
  }
  else if (t->no_memory) {
    o->kind = BA_SYSTEM;
    set_text(o, "not enough memory for the answer");
  }
  else if (t->no_descriptor && code == CURLE_COULDNT_CONNECT) {
    o->kind = BA_SYSTEM;
    set_text(o, "no descriptor is left for a socket");
  }
  else if (code == CURLE_WRITE_ERROR && t->answer.failed)
    set_text(o, "the answer is larger than max_response");
  else if (code == CURLE_WRITE_ERROR || code == BA_TOO_LARGE)
    set_text(o, "the answer's headers are too large");
  else if (code == CURLE_OUT_OF_MEMORY && o->sent != BA_SENT_NO) {
    /* libcurl before 8.6 says so of one header line over 100 KiB, too */
    o->kind = BA_LIMIT;
    set_text(o, "a header of the answer is too large, or no memory");
  }
}

/* A complete answer, a proxy's to CONNECT, or none: which status it had. */
static long status_of (const struct ba_transfer *t) {
  long status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  if (t->prereqs > 0 && t->outcome.sent != BA_SENT_NO)
    return t->head_complete ? status : 0;
  status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_HTTP_CONNECTCODE, &status);
  return status >= 400 ? status : 0;
}

static void collect_session (struct ba_transfer *t) {
  char *url = NULL;
  curl_easy_getinfo(t->easy, CURLINFO_COOKIELIST, &t->jar);
  curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &url);
  if (url && ba_buffer_text(&t->location, url) == BA_GROWN) return;
  t->no_memory = url != NULL;
}

/* The end of the connection is the end of an answer without a length. Over
   TLS newer versions of libcurl take it for an error where the server said no
   goodbye; a JSON object that was cut is found out by its last brace. */
static bool is_ended (const struct ba_transfer *t, CURLcode code) {
  return code == CURLE_RECV_ERROR && t->request.https && t->head_complete
         && !t->framed && !t->refused && t->prereqs == 1;
}

void ba_transfer_finish (struct ba_transfer *t, CURLcode code) {
  struct ba_outcome *o = &t->outcome;
  if (is_ended(t, code)) code = CURLE_OK;
  o->sent = what_was_sent(t);
  o->http_status = status_of(t);
  if (code) tell_failure(t, code);
  else if (t->prereqs == 0) {
    o->kind = BA_SYSTEM;
    set_text(o, "libcurl ended without a request");
  }
  else if (!t->head_complete) {         /* OK with half a head */
    o->kind = BA_NETWORK;
    set_text(o, "the connection closed within the answer's headers");
  }
  else {
    o->kind = BA_ANSWERED;
    if (t->framed) o->sent = BA_SENT_YES;
    if (t->request.web) collect_session(t);
  }
}

void ba_transfer_stop (struct ba_transfer *t, enum ba_kind kind,
                       const char *text) {
  t->outcome.kind = kind;
  t->outcome.sent = what_was_sent(t);
  t->outcome.retry_after = -1;
  set_text(&t->outcome, text);
  end_borrowing(&t->request);           /* where it wasn't set up */
}

/* --- life ---------------------------------------------------------------- */

void ba_transfer_detach (struct ba_transfer *t) {
  static const CURLoption options[] = {
    CURLOPT_ERRORBUFFER, CURLOPT_PRIVATE, CURLOPT_PREREQDATA,
    CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA,
    CURLOPT_URL, CURLOPT_HTTPHEADER, CURLOPT_RESOLVE
  };
  size_t i;
  for (i = 0; i < sizeof options / sizeof *options; i++)
    curl_easy_setopt(t->easy, options[i], NULL);
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, "");
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
}

void ba_transfer_free (struct ba_transfer *t) {
  struct ba_request *r = &t->request;
  struct ba_buffer *buffers[] = {
    &r->headers, &r->resolve, &r->body, &r->url, &r->cookies, &t->answer,
    &t->location};
  size_t i;
  for (i = 0; i < sizeof buffers / sizeof *buffers; i++)
    ba_buffer_free(buffers[i]);
  curl_slist_free_all(t->headers);
  curl_slist_free_all(t->resolve);
  curl_slist_free_all(t->jar);
  t->jar = NULL;
  t->headers = NULL;
  t->resolve = NULL;
}
