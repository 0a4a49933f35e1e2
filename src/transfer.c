/* SPDX-License-Identifier: MIT */
/* One request on one easy handle: the options that harden it, at most one
   send, and what became of it. */
#include "system.h"
#include "transfer.h"

#include "ascii.h"
#include "cause.h"
#include "pem.h"
#include "poller.h"
#include "proxy.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* A TLS record has up to 16 KiB; libcurl adds a few headers. */
enum { HEADER_MAX = 64 * 1024, RECORD = 15 * 1024 };

/* About what libcurl writes before each part of a body. */
enum { PART_HEAD = 512 };

enum { PIN_MARK = '\1' };

/* --- callbacks: no Lua in here ------------------------------------------- */

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
  if (!ba_begins(s, n, "HTTP/1."))
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

/* Is the value of a header line this word and nothing else? */
static bool is_word (const char *s, size_t n, const char *word) {
  ba_trim(&s, &n);
  return n == strlen(word) && ba_same_start(s, word, n);
}

/* No transfer coding was asked for; 7.88 would unpack a bomb. */
static void read_coding (struct ba_transfer *t, const char *s, size_t n) {
  t->framed = is_word(s, n, "chunked");
  if (!t->framed && !is_word(s, n, "identity"))
    refuse_head(t, "the answer has a transfer coding that nobody asked for");
}

/* A length that libcurl can't count doesn't tell where the answer ends. */
static bool is_length (const char *s, size_t n) {
  return ba_whole(s, n, INT64_MAX) >= 0;
}

/* A date, say, is no number to wait. */
static int64_t wait_of (const char *s, size_t n) {
  int64_t seconds = ba_whole(s, n, BA_WAIT_MAX);
  return seconds > 0 ? seconds : -1;
}

/* The head is that of the file, or of a refusal. */
static bool begin_file (struct ba_transfer *t) {
  long status = 0;
  if (!t->sink.open) return true;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  if (!ba_sink_begin(&t->sink, status)) return false;
  t->progress.done = t->sink.at;
  t->progress.total = t->sink.size;
  return true;
}

static size_t on_header (char *s, size_t size, size_t count, void *user) {
  struct ba_transfer *t = user;
  size_t n = size * count;
  if (n > HEADER_MAX - t->header_bytes) return 0;
  t->header_bytes += n;
  if (t->sink.open && !t->head_complete) ba_sink_header(&t->sink, s, n);
  if (ba_begins(s, n, "HTTP/")) read_status_line(t, s, n);
  else if (t->head_complete) return n;                  /* a trailer */
  else if (ba_begins(s, n, "Content-Length:"))
    t->framed = is_length(s + 15, n - 15);
  else if (ba_begins(s, n, "Transfer-Encoding:"))
    read_coding(t, s + 18, n - 18);
  else if (ba_begins(s, n, "Retry-After:"))
    t->outcome.retry_after = wait_of(s + 12, n - 12);
  else if (n <= 2 && (s[0] == '\r' || s[0] == '\n'))
    t->head_complete = !t->interim;
  if (t->head_complete && !begin_file(t)) return 0;
  return t->refused ? 0 : n;
}

/* In between the owner of a file hears of it so often. */
#define TELL_US (100 * (int64_t)1000)

void ba_transfer_moved (struct ba_transfer *t, size_t n) {
  struct ba_progress *p = &t->progress;
  bool chunk = t->sink.chunk.len >= BA_CHUNK / 2;
  p->moved_at = ba_now();
  p->done += (int64_t)n;
  if (!p->wanted && !t->sink.chunks) return;
  if (!chunk && p->moved_at - p->told_at < TELL_US) return;
  p->told_at = p->moved_at;
  t->hooks->tell(t);
}

static size_t take_file (struct ba_transfer *t, const char *s, size_t n) {
  enum ba_taken taken = ba_sink_take(&t->sink, s, n);
  if (taken == BA_TAKEN) ba_transfer_moved(t, n);
  if (taken != BA_NOT_NOW) return taken == BA_TAKEN ? n : 0;
  t->is_paused = true;          /* libcurl keeps these bytes */
  t->hooks->tell(t);
  return CURL_WRITEFUNC_PAUSE;
}

static size_t on_body (char *s, size_t size, size_t count, void *user) {
  struct ba_transfer *t = user;
  enum ba_grown grown;
  if (t->sink.begun) return take_file(t, s, size * count);
  grown = ba_buffer_add(&t->answer, s, size * count);
  if (grown == BA_NOMEM) t->no_memory = true;
  return grown == BA_GROWN ? size * count : 0;
}

/* A local server answers when it has passed the whole file on to Telegram; one
   that hears nothing for 500 s drops the request. */
enum { ANSWER_MS = 600 * 1000 };

/* Of the files that are sent: n bytes more. */
static void on_moved (void *user, int64_t n) {
  struct ba_transfer *t = user;
  struct ba_request *r = &t->request;
  if (t->upload.left == 0 && r->idle_ms > 0) r->idle_ms = ANSWER_MS;
  ba_transfer_moved(t, (size_t)n);
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
  t->tls = ba_unread_session(t->easy);
  /* the first time only: later the size holds another CONNECT */
  curl_easy_getinfo(t->easy, CURLINFO_REQUEST_SIZE, &t->size_before);
  return CURL_PREREQFUNC_OK;
}

/* A message of TLS's handshake: its type, and its length in three bytes. */
static bool is_message (const unsigned char *s, size_t n, int type) {
  return n >= 4 && s[0] == type
         && n - 4 == ((size_t)s[1] << 16 | (size_t)s[2] << 8 | s[3]);
}

/* Of TLS alone: a fatal alert, and that the server asks for a certificate. A
   tunnel's server speaks after the request for the tunnel; what an https
   proxy says doesn't count, not even its late alert. */
static int on_debug (CURL *easy, curl_infotype type, char *data, size_t n,
                     void *user) {
  enum { FATAL = 2, CERTIFICATE_REQUEST = 13 };
  struct ba_transfer *t = user;
  const unsigned char *s = (const unsigned char *)data;
  (void)easy;
  if (type == CURLINFO_HEADER_OUT && t->prereqs == 0)
    t->is_before_tunnel = false;
  if (type != CURLINFO_SSL_DATA_IN || t->is_before_tunnel) return 0;
  if (n == 2 && s[0] == FATAL && t->alert == 0) t->alert = s[1];
  if (is_message(s, n, CERTIFICATE_REQUEST)) t->is_asked = true;
  return 0;
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
  t->opened = true;
  t->alert = 0;                 /* of a connection that was closed before */
  t->is_asked = false;
  t->is_before_tunnel = t->has_tls_proxy;
  t->hooks->opening(t);
  fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
  if (fd < 0) {
    t->no_descriptor = errno == EMFILE || errno == ENFILE ? errno : 0;
    return CURL_SOCKET_BAD;
  }
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  /* a frozen process can't close: the kernel gives up after as long */
  if (a->family != AF_UNIX)
    ba_set_user_timeout(fd, t->request.idle_ms ? t->request.idle_ms
                                               : t->request.timeout_ms);
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
    {CURLOPT_CA_CACHE_TIMEOUT, 60},     /* a root that was taken out */
    {CURLOPT_MAXAGE_CONN, BA_IDLE_MAX_SECONDS},
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

/* Without a passphrase of its own libcurl lets OpenSSL ask for one at the
   terminal. */
static CURLcode set_certificate (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  CURLcode code;
  if (!r->cert_file) return CURLE_OK;
  code = curl_easy_setopt(t->easy, CURLOPT_SSLCERT, r->cert_file);
  if (!code && r->key_file)
    code = curl_easy_setopt(t->easy, CURLOPT_SSLKEY, r->key_file);
  if (!code) code = curl_easy_setopt(t->easy, CURLOPT_KEYPASSWD, "");
  return code;
}

static CURLcode set_auth (struct ba_transfer *t) {
  unsigned long auth = t->request.auth;
  return auth ? curl_easy_setopt(t->easy, CURLOPT_PROXYAUTH, auth) : CURLE_OK;
}

/* libcurl tells of messages of TLS to who wants to know everything. */
static CURLcode watch_tls (struct ba_transfer *t) {
  CURLcode code;
  if (!ba_libcurl_tells_tls()) return CURLE_OK;
  code = curl_easy_setopt(t->easy, CURLOPT_DEBUGFUNCTION, on_debug);
  if (!code) code = curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, t);
  if (!code) code = curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 1L);
  return code;
}

static CURLcode set_functions (struct ba_transfer *t) {
  CURL *easy = t->easy;
  CURLcode code = curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  if (!code) code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  if (!code)
    code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  if (!code)
    code = curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION,
                            t->hooks->close_socket);
  if (!code && t->request.https) code = watch_tls(t);
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
  if (!code && t->sink.from > 0) {
    char range[48];
    snprintf(range, sizeof range, "Range: bytes=%lld-",
             (long long)t->sink.from);
    code = add_line(&t->headers, range);
  }
  /* the local server never answers 100 Continue */
  if (!code && (r->body.len > 0 || r->parts.n > 0))
    code = add_line(&t->headers, "Expect:");
  if (!code && t->headers)
    code = curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
  return code;
}

/* Fresh: what must not fail because an open connection has died. */
static bool is_fresh (const struct ba_request *r) {
  if (r->reuse == BA_REUSE_DEFAULT) return !r->may_reuse;
  return r->reuse == BA_REUSE_NEVER;
}

CURLcode ba_transfer_set_reuse (struct ba_transfer *t, bool usable,
                                bool crowded, bool foreign) {
  /* hardly anybody else goes to addresses of a call's own */
  bool apart = crowded || (t->fresh && t->request.resolve.len > 0);
  bool asked = t->request.reuse == BA_REUSE_ALLOWED;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_FRESH_CONNECT,
                                   !usable || foreign ? 1L : 0L);
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_FORBID_REUSE,
                            (apart && !asked) || foreign ? 1L : 0L);
  return code;
}

/* The number of a line among those that this engine has met, from 1 on; 0: no
   memory. */
static unsigned number_of (struct ba_buffer *pins, const char *line) {
  unsigned n = 1;
  size_t at = 0;
  for (; at < pins->len; n++) {
    if (strcmp(pins->data + at, line) == 0) return n;
    at += strlen(pins->data + at) + 1;
  }
  return ba_buffer_add(pins, line, strlen(line) + 1) == BA_GROWN ? n : 0;
}

static bool add (struct ba_buffer *b, const char *s, size_t len) {
  return ba_buffer_add(b, s, len) == BA_GROWN;
}

/* "7\1host:port" for line 7, which begins with "host:port:". No URL can have
   that name; the number is first, since libcurl cuts long names. */
static bool add_pin (struct ba_buffer *b, const char *line, unsigned n) {
  char mark[16];
  size_t host = strcspn(line, ":");
  int len = snprintf(mark, sizeof mark, "%u%c", n, PIN_MARK);
  return add(b, mark, (size_t)len)
         && add(b, line, host + 1 + strcspn(line + host + 1, ":"));
}

/* Adds what `line` is to libcurl: a name of its own for these addresses, and
   that host and port lead to this name. */
static CURLcode pin (struct ba_transfer *t, const char *line, unsigned n) {
  struct ba_buffer lead = {0}, addresses = {0};
  size_t host = strcspn(line, ":") + 1;
  const char *rest = line + host + strcspn(line + host, ":");
  CURLcode code = CURLE_OUT_OF_MEMORY;
  if (n > 0 && add(&lead, line, (size_t)(rest - line) + 1)
      && add_pin(&lead, line, n) && add(&lead, "", 1)
      && add_pin(&addresses, line, n)
      && add(&addresses, rest, strlen(rest) + 1)) {
    code = add_line(&t->leads, lead.data);
    if (!code) code = add_line(&t->resolve, addresses.data);
  }
  ba_buffer_free(&lead);
  ba_buffer_free(&addresses);
  return code;
}

CURLcode ba_transfer_set_resolve (struct ba_transfer *t,
                                  struct ba_buffer *pins) {
  const struct ba_buffer *lines = &t->request.resolve;
  size_t at = 0;
  CURLcode code = CURLE_OK;
  while (!code && at < lines->len) {
    const char *line = lines->data + at;
    code = pin(t, line, number_of(pins, line));
    at += strlen(line) + 1;
  }
  if (code || !t->resolve) return code;
  code = curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->resolve);
  if (!code) code = curl_easy_setopt(t->easy, CURLOPT_CONNECT_TO, t->leads);
  return code;
}

static bool is_direct (const struct ba_request *r) {
  return !r->proxy && (r->near || r->resolve.len > 0);
}

/* What the callbacks get, and what libcurl copies; the body stays ours. NULL
   as the proxy is the environment's, which is not for servers nearby, and
   would look up by itself what has an address here. The environment's list of
   those who need none (no_proxy) is for its own proxy alone. */
static CURLcode set_pointers (struct ba_transfer *t, void *sockets) {
  const struct ba_request *r = &t->request;
  const struct { CURLoption option; const void *value; } pointers[] = {
    {CURLOPT_ERRORBUFFER, t->error},
    {CURLOPT_PRIVATE, t},
    {CURLOPT_PREREQDATA, t},
    {CURLOPT_WRITEDATA, t},
    {CURLOPT_HEADERDATA, t},
    {CURLOPT_OPENSOCKETDATA, t},
    {CURLOPT_CLOSESOCKETDATA, sockets},
    {CURLOPT_URL, r->url.data},
    {CURLOPT_PROTOCOLS_STR, r->https ? "https" : "http,https"},
    {CURLOPT_USERAGENT, r->user_agent},
    {CURLOPT_UNIX_SOCKET_PATH, r->unix_socket},
    {CURLOPT_PROXY, is_direct(r) ? "" : r->proxy},
    {CURLOPT_NOPROXY, r->proxy ? "" : NULL},
    {CURLOPT_POSTFIELDS, r->body.data ? r->body.data : ""}
  };
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE,
                                   (curl_off_t)r->body.len);
  size_t i;
  for (i = 0; !code && i < sizeof pointers / sizeof *pointers; i++)
    code = curl_easy_setopt(t->easy, pointers[i].option, pointers[i].value);
  return code;
}

/* A cookie session: the jar is of this handle alone. */
static CURLcode set_web (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  size_t at = 0;
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_COOKIEFILE, "");
  while (!code && at < r->cookies.len) {
    code = curl_easy_setopt(t->easy, CURLOPT_COOKIELIST, r->cookies.data + at);
    at += strlen(r->cookies.data + at) + 1;
  }
  return code;
}

/* As much at a time as the curl command reads; or what its owner is told of at
   once, who takes it before there is more. */
static CURLcode set_file (struct ba_transfer *t) {
  enum { READ_BYTES = 128 * 1024 };
  return curl_easy_setopt(t->easy, CURLOPT_BUFFERSIZE,
                          t->sink.chunks ? BA_CHUNK / 2L : (long)READ_BYTES);
}

static bool is_to_http_proxy (const struct ba_request *r) {
  return !r->https && ba_proxy_reads(r->proxy, r->near);
}

/* A number for whom a call's connection leads to: two calls that could share
   one have the same. */
static uint64_t peer_of (const struct ba_request *r) {
  uint64_t hash = BA_HASH;
  if (is_to_http_proxy(r)) return 0;
  if (r->unix_socket)
    hash = ba_hash_on(hash, r->unix_socket, strlen(r->unix_socket));
  if (r->https && r->cert_file)         /* libcurl keeps these apart by it */
    hash = ba_hash_on(hash, r->cert_file, strlen(r->cert_file) + 1);
  return ba_hash_on(hash, r->url.data + r->authority.at, r->authority.len);
}

/* libcurl counts a write once all of it is out. Over TLS, with the server or
   with a proxy, that may be many records, and some of them can arrive. */
static bool has_many_records (const struct ba_request *r) {
  bool tls = r->https || is_to_http_proxy(r);
  int64_t size = (int64_t)(r->url.len + r->headers.len + r->body.len)
                 + (int64_t)r->parts.n * PART_HEAD + ba_parts_size(&r->parts);
  return tls && size > RECORD;
}

/* Their owner may collect them now. */
static void end_borrowing (struct ba_request *r) {
  r->server = NULL;
  r->proxy = NULL;
  r->proxy_auth = NULL;
  r->ca_file = NULL;
  r->cert_file = NULL;
  r->key_file = NULL;
  r->user_agent = NULL;
  r->unix_socket = NULL;
}

/* After the other body, which the last one set replaces. */
static CURLcode set_parts (struct ba_transfer *t) {
  CURLcode code;
  if (t->request.parts.n == 0) return CURLE_OK;
  t->upload.moved = on_moved;
  t->upload.owner = t;
  code = ba_upload_set(&t->upload, t->easy, &t->request.parts);
  t->progress.total = t->upload.left;
  return code;
}

static CURLcode set_options (struct ba_transfer *t, void *sockets) {
  CURLcode code;
  if (!t->easy) return CURLE_OUT_OF_MEMORY;
  code = set_fixed(t->easy);
  if (!code) code = set_functions(t);
  if (!code) code = set_pointers(t, sockets);
  if (!code) code = set_headers(t);
  if (!code) code = set_parts(t);
  if (!code) code = set_trust(t);
  if (!code) code = set_certificate(t);
  if (!code) code = set_auth(t);
  if (!code && t->request.get)
    code = curl_easy_setopt(t->easy, CURLOPT_HTTPGET, 1L);
  if (!code && t->request.web) code = set_web(t);
  if (!code && t->sink.open) code = set_file(t);
  if (!code && t->request.unix_socket
      && ba_buffer_text(&t->unix_socket, t->request.unix_socket) != BA_GROWN)
    code = CURLE_OUT_OF_MEMORY;
  return code;
}

static const char *text_of (enum ba_problem problem) {
  switch (problem) {
    case BA_CERT_MISSING: return "the file of cert_file doesn't exist";
    case BA_CERT_UNREADABLE: return "the file of cert_file can't be read";
    case BA_CERT_MALFORMED: return "cert_file holds no certificate in PEM";
    case BA_KEY_MISSING: return "there is no key for cert_file";
    case BA_KEY_UNREADABLE: return "the file of key_file can't be read";
    case BA_KEY_ENCRYPTED: return "the client's key has a passphrase";
    default: return "key_file holds no key in PEM";
  }
}

static bool check_certificate (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  enum ba_problem problem = BA_NO_PROBLEM;
  t->has_certificate = r->https && r->cert_file;
  if (t->has_certificate) {
    t->certificate = ba_pem_stamp(r->cert_file, r->key_file);
    problem = ba_pem_check(r->cert_file, r->key_file);
  }
  if (!problem) return true;
  ba_transfer_stop(t, BA_TLS, text_of(problem));
  t->outcome.problem = problem;
  return false;
}

/* What the parts of the body say; at the call's end, too. */
static void tell_parts (struct ba_transfer *t) {
  const struct ba_parts *parts = &t->request.parts;
  struct ba_outcome *o = &t->outcome;
  o->kind = BA_SYSTEM;
  o->problem = parts->problem;
  o->code = parts->code;
  o->curl_code = 0;                     /* libcurl only says that it ended */
  ba_parts_tell(parts, o->text, sizeof o->text);
}

static bool open_parts (struct ba_transfer *t) {
  if (ba_parts_open(&t->request.parts)) return true;
  ba_transfer_stop(t, BA_SYSTEM, "");
  tell_parts(t);
  return false;
}

/* libcurl would wait for a pipe's bytes in the midst of a step. */
static bool check_roots (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  if (!r->ca_file || !(r->https || is_to_http_proxy(r))) return true;
  if (ba_pem_ends(r->ca_file)) return true;
  ba_transfer_stop(t, BA_TLS, "what is at ca_file is no file");
  t->outcome.curl_code = CURLE_SSL_CACERT_BADFILE;
  return false;
}

/* The option's was checked when it was read. */
static bool check_environment (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  const char *proxy = NULL;
  if (!r->proxy && !is_direct(r)) proxy = ba_proxy_of(NULL, r->https);
  if (!proxy || ba_proxy_has_login(proxy)) return true;
  ba_transfer_stop(t, BA_SYSTEM, "the user or the password of the "
                                 "environment's proxy holds a control "
                                 "character");
  t->outcome.curl_code = CURLE_COULDNT_RESOLVE_PROXY;
  return false;
}

/* NULL: it goes by none. */
static const char *proxy_of (const struct ba_request *r) {
  const char *proxy = is_direct(r) ? NULL : ba_proxy_of(r->proxy, r->https);
  return proxy && *proxy ? proxy : NULL;
}

bool ba_transfer_secrets (struct ba_transfer *t, const char *token,
                          size_t len) {
  const char *proxy = proxy_of(&t->request);
  ba_buffer_add(&t->secrets, token, len);
  if (proxy) ba_proxy_secrets(&t->secrets, proxy);
  return !t->secrets.failed;
}

/* What a proxy knows and could repeat; through whose tunnel the call goes, and
   who speaks TLS first there. */
static void read_route (struct ba_transfer *t) {
  const struct ba_request *r = &t->request;
  const char *proxy = proxy_of(r);
  if (!proxy) return;
  ba_transfer_secrets(t, r->url.data + r->token.at, r->token.len);
  if (!r->https) return;
  t->has_tls_proxy = ba_same_start(proxy, "https:", 6);
  t->tunnel = ba_proxy_tunnel(proxy, r->auth);
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
  read_route(t);
  if (!check_environment(t) || !check_roots(t) || !check_certificate(t)
      || !open_parts(t))
    return false;
  t->many_records = has_many_records(&t->request);
  /* without them a text could show the login */
  code = t->secrets.failed ? CURLE_OUT_OF_MEMORY : set_options(t, sockets);
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
  if (t->many_records) return BA_SENT_MAYBE;
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

/* libcurl's text has the name that `pin` has made. */
static void hide_pin (char *text) {
  char *mark = strchr(text, PIN_MARK);
  for (; mark; mark = strchr(text, PIN_MARK)) {
    char *number = mark;
    while (number > text && '0' <= number[-1] && number[-1] <= '9')
      number--;
    memmove(number, mark + 1, strlen(mark + 1) + 1);
  }
}

static void tell_unix_socket (struct ba_transfer *t) {
  const char *path = t->unix_socket.data;
  struct ba_outcome *o = &t->outcome;
  long code = 0;
  curl_easy_getinfo(t->easy, CURLINFO_OS_ERRNO, &code);
  o->code = ba_cause_of_unix_socket(path, (int)code);
  ba_cause_tell_unix_socket(o->text, sizeof o->text, path, o->code);
}

/* Did it end while a name was looked up, or before? */
static bool may_lack_lookup (const struct ba_transfer *t, CURLcode code) {
  return !t->opened && t->prereqs == 0
         && (code == CURLE_COULDNT_RESOLVE_HOST
             || code == CURLE_COULDNT_RESOLVE_PROXY
             || code == CURLE_OPERATION_TIMEDOUT || code == CURLE_FAILED_INIT);
}

static bool has_letters (const struct ba_request *r) {
  size_t i;
  for (i = 0; i < r->authority.len; i++)
    if ((unsigned char)r->url.data[r->authority.at + i] > 127) return true;
  return false;
}

static void tell_letters (struct ba_outcome *o) {
  o->kind = BA_SYSTEM;
  o->curl_code = CURLE_URL_MALFORMAT;
  set_text(o, "libcurl can't read the server's name, or the proxy's");
}

/* What a lookup needs may be lacking here: the name has nothing to do with it,
   or its letters alone. */
static void tell_lookup (struct ba_transfer *t, CURLcode code) {
  struct ba_outcome *o = &t->outcome;
  o->code = ba_cause_of_no_lookup(o->text, sizeof o->text);
  if (o->code) o->kind = BA_SYSTEM;
  else if (code == CURLE_COULDNT_RESOLVE_HOST && has_letters(&t->request)
           && !ba_libcurl_has(CURL_VERSION_IDN))
    tell_letters(o);
}

/* What a server says of the client's certificate that it asked for. When it
   has closed the connection before the request was out, libcurl doesn't read
   why: an alert is another's then, whose kept connection was closed. */
static enum ba_problem asked_problem (const struct ba_transfer *t,
                                      CURLcode code) {
  static const struct { int alert; enum ba_problem problem; } alerts[] = {
    {40, BA_CERT_REFUSED},              /* handshake_failure */
    {42, BA_CERT_REFUSED},              /* bad_certificate */
    {43, BA_CERT_REFUSED},              /* unsupported_certificate */
    {44, BA_CERT_REVOKED},
    {45, BA_CERT_EXPIRED},
    {46, BA_CERT_REFUSED},              /* certificate_unknown */
    {48, BA_CERT_UNTRUSTED},            /* unknown_ca */
    {49, BA_CERT_REFUSED},              /* access_denied */
    {51, BA_CERT_REFUSED},              /* decrypt_error */
    {116, BA_CERT_REFUSED}              /* certificate_required */
  };
  size_t i;
  if (!t->is_asked || t->header_bytes > 0 || t->prereqs > 1)
    return BA_NO_PROBLEM;
  if (code == CURLE_SEND_ERROR)
    return t->has_certificate ? BA_CERT_REFUSED : BA_CERT_WANTED;
  for (i = 0; i < sizeof alerts / sizeof *alerts; i++)
    if (alerts[i].alert == t->alert)
      return t->has_certificate ? alerts[i].problem : BA_CERT_WANTED;
  return BA_NO_PROBLEM;
}

/* libcurl can't use the certificate with the key; 8.22 says so of the key by
   the second code. */
static bool is_certificate_problem (const struct ba_transfer *t,
                                    CURLcode code) {
  return t->has_certificate && t->prereqs == 0
         && (code == CURLE_SSL_CERTPROBLEM
             || code == CURLE_BAD_FUNCTION_ARGUMENT);
}

/* What is known of a failure, by values. */
static enum ba_problem problem_of (const struct ba_transfer *t,
                                   CURLcode code) {
  long offered = 0;
  if (is_certificate_problem(t, code)) return BA_KEY_MISMATCH;
  if (t->prereqs > 0 || t->outcome.http_status != 407)
    return asked_problem(t, code);
  curl_easy_getinfo(t->easy, CURLINFO_PROXYAUTH_AVAIL, &offered);
  return ba_proxy_problem((unsigned long)offered,
                          t->request.auth ? t->request.auth : CURLAUTH_BASIC);
}

static void tell_sink (struct ba_transfer *t) {
  struct ba_outcome *o = &t->outcome;
  o->problem = t->sink.problem;
  o->kind = o->problem == BA_FILE_OTHER ? BA_PROTOCOL
            : o->problem == BA_FILE_LARGE ? BA_LIMIT : BA_SYSTEM;
  o->code = t->sink.code;
  snprintf(o->text, sizeof o->text, o->code ? "%s: %s" : "%s", t->sink.wrong,
           strerror(o->code));
}

static void tell_failure (struct ba_transfer *t, CURLcode code) {
  struct ba_outcome *o = &t->outcome;
  if (t->leads) hide_pin(t->error);
  o->curl_code = (int)code;
  o->kind = kind_of(code);
  o->problem = problem_of(t, code);
  /* with TLS 1.3 the alert may come for the first byte of an answer */
  if (BA_KEY_MISMATCH <= o->problem && o->problem <= BA_CERT_REFUSED)
    o->kind = BA_TLS;
  /* whatever else libcurl says of an answer, a malformed trailer say */
  if (o->kind == BA_SYSTEM && o->sent != BA_SENT_NO) o->kind = BA_PROTOCOL;
  set_text(o, t->error[0] ? t->error : curl_easy_strerror(code));
  if (o->problem && code == CURLE_SEND_ERROR)
    set_text(o, "the server asked for a client's certificate, and closed the "
                "connection");
  if (t->prereqs > 1) tell_refused_repeat(t);
  else if (t->sink.wrong) tell_sink(t);
  else if (t->request.parts.failed) tell_parts(t);
  else if (t->refused) {
    o->kind = BA_PROTOCOL;
    set_text(o, t->refused);
  }
  else if (t->no_memory) {
    o->kind = BA_SYSTEM;
    set_text(o, "not enough memory for the answer");
  }
  else if (may_lack_lookup(t, code)) tell_lookup(t, code);
  else if (t->no_descriptor && code == CURLE_COULDNT_CONNECT) {
    o->kind = BA_SYSTEM;
    o->code = t->no_descriptor;
    set_text(o, "no descriptor is left for a socket");
  }
  else if (code == CURLE_COULDNT_CONNECT && t->unix_socket.len > 0)
    tell_unix_socket(t);
  else if (code == CURLE_URL_MALFORMAT) tell_letters(o);
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

/* Since 8.22 at the latest libcurl has the Location of any answer, of a 404
   say. */
static void collect_location (struct ba_transfer *t) {
  char *url = NULL;
  if (t->outcome.http_status / 100 != 3) return;
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
    if (t->sink.begun && !ba_sink_end(&t->sink, t->framed)) tell_sink(t);
    collect_location(t);
    if (t->request.web)
      curl_easy_getinfo(t->easy, CURLINFO_COOKIELIST, &t->jar);
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
    CURLOPT_DEBUGFUNCTION, CURLOPT_DEBUGDATA, CURLOPT_URL,
    CURLOPT_HTTPHEADER, CURLOPT_RESOLVE, CURLOPT_CONNECT_TO
  };
  size_t i;
  for (i = 0; i < sizeof options / sizeof *options; i++)
    curl_easy_setopt(t->easy, options[i], NULL);
  curl_easy_setopt(t->easy, CURLOPT_VERBOSE, 0L);
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDS, "");
  curl_easy_setopt(t->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)0);
  ba_upload_leak(&t->upload);
}

void ba_transfer_close (struct ba_transfer *t) {
  ba_upload_free(&t->upload);
  ba_parts_close(&t->request.parts);
}

void ba_transfer_free (struct ba_transfer *t) {
  struct ba_request *r = &t->request;
  struct ba_buffer *buffers[] = {
    &r->headers, &r->resolve, &r->body, &r->url, &r->cookies, &t->answer,
    &t->location, &t->unix_socket, &t->secrets};
  size_t i;
  for (i = 0; i < sizeof buffers / sizeof *buffers; i++)
    ba_buffer_free(buffers[i]);
  ba_sink_free(&t->sink);
  ba_transfer_close(t);
  ba_parts_free(&r->parts);
  curl_slist_free_all(t->headers);
  curl_slist_free_all(t->resolve);
  curl_slist_free_all(t->leads);
  curl_slist_free_all(t->jar);
  t->jar = NULL;
  t->headers = NULL;
  t->resolve = NULL;
  t->leads = NULL;
}
