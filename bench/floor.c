/* SPDX-License-Identifier: MIT */
/* The floor: raw libcurl's multi interface with the options of src/transfer.c,
   and no Lua. floor URL CALLS AT_ONCE fresh|reuse [own] -> CPU s, wall s,
   peak kB. own: a handle of its own for each call, as libcurl before 8.1.1
   needs it (curl#11101). */
#define _GNU_SOURCE
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BODY = 256, EVENTS = 64, STARTS = 32, CROWD = 64 };

struct slot { CURL *easy; size_t len; char body[BODY]; char error[CURL_ERROR_SIZE]; };

static struct {
  CURLM *multi;
  int ep;
  double due;                           /* libcurl's timer, -1: none */
  const char *url;
  long calls, at_once, started, ended, wrong, reuse, own;
  CURL *model;
  struct slot **spare;
  long n_spare;
} f;

static double now (clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int fail (const char *what) {
  fprintf(stderr, "floor: %s\n", what);
  exit(1);
}

static size_t on_body (char *s, size_t size, size_t n, void *user) {
  struct slot *slot = user;
  if (slot->len + size * n > BODY) return 0;
  memcpy(slot->body + slot->len, s, size * n);
  slot->len += size * n;
  return size * n;
}

static size_t on_header (char *s, size_t size, size_t n, void *user) {
  (void)s;
  (void)user;
  return size * n;
}

static curl_socket_t on_open (void *user, curlsocktype type,
                              struct curl_sockaddr *a) {
  struct linger reset = {1, 0};
  int fd = socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
  (void)user;
  (void)type;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  return fd;
}

/* as after a known answer: politely */
static int on_close (void *user, curl_socket_t fd) {
  struct linger polite = {0, 0};
  (void)user;
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &polite, sizeof polite);
  return close(fd);
}

static int on_prereq (void *user, char *a, char *b, int c, int d) {
  (void)user;
  (void)a;
  (void)b;
  (void)c;
  (void)d;
  return CURL_PREREQFUNC_OK;
}

static int on_socket (CURL *easy, curl_socket_t fd, int what, void *user,
                      void *known) {
  struct epoll_event e;
  (void)easy;
  (void)user;
  memset(&e, 0, sizeof e);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(f.ep, EPOLL_CTL_DEL, fd, NULL);
    return 0;
  }
  e.events = (what & CURL_POLL_IN ? EPOLLIN : 0u)
             | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
  e.data.fd = fd;
  epoll_ctl(f.ep, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &e);
  if (!known) curl_multi_assign(f.multi, fd, &f);
  return 0;
}

static int on_timer (CURLM *multi, long ms, void *user) {
  (void)multi;
  (void)user;
  f.due = ms < 0 ? -1 : now(CLOCK_MONOTONIC) + (double)ms / 1e3;
  return 0;
}

static void set_fixed (CURL *easy) {
  static const struct { CURLoption option; long value; } fixed[] = {
    {CURLOPT_NOSIGNAL, 1}, {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1},
    {CURLOPT_FOLLOWLOCATION, 0}, {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
    {CURLOPT_SSL_SESSIONID_CACHE, 0}, {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_DISALLOW_USERNAME_IN_URL, 1},
    {CURLOPT_SUPPRESS_CONNECT_HEADERS, 1}, {CURLOPT_PATH_AS_IS, 1},
    {CURLOPT_QUICK_EXIT, 1}, {CURLOPT_HTTP09_ALLOWED, 0}, {CURLOPT_POST, 1},
    {CURLOPT_POSTFIELDSIZE, 0}, {CURLOPT_TIMEOUT_MS, 30000},
    {CURLOPT_CONNECTTIMEOUT_MS, 10000}};
  size_t i;
  for (i = 0; i < sizeof fixed / sizeof *fixed; i++)
    curl_easy_setopt(easy, fixed[i].option, fixed[i].value);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "floor/1");
  curl_easy_setopt(easy, CURLOPT_PROXY, "");
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_prereq);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
}

/* The directory of roots alone, as the library does it: see transfer.c. */
static CURL *new_easy (void) {
  CURL *easy = curl_easy_init();
  if (!easy) fail("not enough memory");
  set_fixed(easy);
  curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
  curl_easy_setopt(easy, CURLOPT_CAPATH,
                   curl_version_info(CURLVERSION_NOW)->capath);
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, f.reuse ? 0L : 1L);
  curl_easy_setopt(easy, CURLOPT_FORBID_REUSE,
                   !f.reuse && f.at_once > CROWD ? 1L : 0L);
  return easy;
}

static void own (struct slot *slot, CURL *easy) {
  if (!easy) fail("not enough memory");
  slot->easy = easy;
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, slot);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, slot);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, slot->error);
}

static struct slot *new_slot (void) {
  struct slot *slot = calloc(1, sizeof *slot);
  if (!slot) fail("not enough memory");
  if (!f.own) own(slot, new_easy());
  return slot;
}

static void start_one (void) {
  struct slot *slot = f.n_spare > 0 ? f.spare[--f.n_spare] : new_slot();
  if (f.own && !f.model) f.model = new_easy();
  if (f.own) own(slot, curl_easy_duphandle(f.model));
  slot->len = 0;
  curl_easy_setopt(slot->easy, CURLOPT_URL, f.url);
  curl_multi_add_handle(f.multi, slot->easy);
  f.started++;
}

static void fill (void) {
  int i;
  for (i = 0; i < STARTS && f.started < f.calls
              && f.started - f.ended < f.at_once; i++)
    start_one();
}

static void act (curl_socket_t fd, int bits) {
  CURLMsg *message;
  int left;
  curl_multi_socket_action(f.multi, fd, bits, &left);
  while ((message = curl_multi_info_read(f.multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    struct slot *slot = NULL;
    long status = 0;
    if (message->msg != CURLMSG_DONE) continue;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &slot);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (message->data.result || status != 200 || slot->len == 0) {
      if (!f.wrong) fprintf(stderr, "floor: %d %s\n", message->data.result,
                            slot->error);
      f.wrong++;
    }
    curl_multi_remove_handle(f.multi, easy);
    if (f.own) curl_easy_cleanup(easy);
    f.spare[f.n_spare++] = slot;
    f.ended++;
  }
}

static void run (void) {
  struct epoll_event events[EVENTS];
  while (f.ended < f.calls) {
    double left;
    int n, i;
    fill();
    left = f.due < 0 ? 1 : f.due - now(CLOCK_MONOTONIC);
    if (f.started < f.calls && f.started - f.ended < f.at_once) left = 0;
    n = epoll_wait(f.ep, events, EVENTS, left > 0 ? (int)(left * 1e3) + 1 : 0);
    for (i = 0; i < n; i++) {
      unsigned e = events[i].events;
      int bits = (e & (EPOLLIN | EPOLLERR | EPOLLHUP) ? CURL_CSELECT_IN : 0)
                 | (e & (EPOLLOUT | EPOLLERR | EPOLLHUP) ? CURL_CSELECT_OUT
                                                         : 0);
      act(events[i].data.fd, bits);
    }
    if (f.due >= 0 && f.due <= now(CLOCK_MONOTONIC)) {
      f.due = -1;
      act(CURL_SOCKET_TIMEOUT, 0);
    }
  }
}

static long peak (void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_maxrss;
}

int main (int argc, char **argv) {
  double wall, cpu;
  long before;
  if (argc < 5) fail("URL CALLS AT_ONCE fresh|reuse [own] expected");
  f.url = argv[1];
  f.at_once = atol(argv[3]);
  f.reuse = strcmp(argv[4], "reuse") == 0;
  f.own = argc > 5 && strcmp(argv[5], "own") == 0;
  f.due = -1;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  f.multi = curl_multi_init();
  f.ep = epoll_create1(EPOLL_CLOEXEC);
  f.spare = calloc((size_t)f.at_once, sizeof *f.spare);
  curl_multi_setopt(f.multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(f.multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(f.multi, CURLMOPT_MAXCONNECTS,
                    f.reuse ? f.at_once : 8L);
  f.calls = 1;                          /* not measured: the first one */
  run();
  before = peak();
  f.calls += atol(argv[2]);
  wall = now(CLOCK_MONOTONIC);
  cpu = now(CLOCK_PROCESS_CPUTIME_ID);
  run();
  printf("%.6f %.6f %ld\n", now(CLOCK_PROCESS_CPUTIME_ID) - cpu,
         now(CLOCK_MONOTONIC) - wall, peak() - before);
  return f.wrong > 0;
}
