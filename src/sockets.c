/* SPDX-License-Identifier: MIT */
/* How each socket of an engine is closed, and which ones are idle. */
#include "system.h"
#include "engine.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAINS = 64 };

/* An idle socket is clean while its last request is known to be answered. */
struct ba_idle {
  int fd;
  bool clean;
  bool stale;                   /* carries no further request */
  int64_t patience_ms;          /* its TCP_USER_TIMEOUT, 0: not known */
  uint64_t peer;                /* of its last call */
};

bool ba_sockets_open (struct ba_engine *e) {
  e->n_idle = 0;
  e->idle = calloc((size_t)e->keep, sizeof *e->idle);
  return e->idle != NULL;
}

void ba_sockets_free (struct ba_engine *e) {
  free(e->idle);
  e->idle = NULL;
  e->n_idle = 0;
}

/* Whoever forked may have closed all and opened other things since. */
static void close_inherited (int fd) {
  struct stat info;
  if (fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode)) close(fd);
}

/* In a forked child: the descriptors alone, the parent goes on. */
void ba_sockets_abandon (struct ba_engine *e) {
  int i;
  ba_poller_each(&e->poller, close_inherited);
  for (i = 0; i < e->n_idle; i++)
    if (!ba_poller_watches(&e->poller, e->idle[i].fd))
      close_inherited(e->idle[i].fd);
}

static struct ba_idle *find (struct ba_engine *e, int fd) {
  int i;
  for (i = 0; i < e->n_idle; i++)
    if (e->idle[i].fd == fd) return &e->idle[i];
  return NULL;
}

static bool forget (struct ba_engine *e, int fd) {
  struct ba_idle *idle = find(e, fd);
  bool clean = idle && idle->clean;
  if (idle) *idle = e->idle[--e->n_idle];
  return clean;
}

/* After the end and before remove_handle: is the socket one of the cache? */
void ba_sockets_note (struct ba_transfer *t) {
  struct ba_engine *e = t->place.engine;
  curl_socket_t fd = CURL_SOCKET_BAD;
  struct ba_idle *idle;
  if (t->outcome.kind != BA_ANSWERED || t->outcome.sent != BA_SENT_YES) return;
  if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd)
      || fd == CURL_SOCKET_BAD)
    return;
  idle = find(e, fd);
  if (!idle && e->n_idle == e->keep) return;
  if (!idle) {
    idle = &e->idle[e->n_idle++];
    idle->fd = fd;
    idle->patience_ms = 0;
  }
  idle->clean = true;
  idle->stale = false;
  idle->peer = t->peer;
}

/* Has the server ended the connection, or spoken unasked? The words of one
   that has spoken, a 408 before it closes for instance, would be taken for
   the answer: libcurl must see the end of that connection. */
static bool is_stale (int fd) {
  char bytes[4096];
  ssize_t n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  int i;
  if (n < 0) return errno != EAGAIN && errno != EINTR;
  for (i = 0; n > 0 && i < DRAINS; i++)
    n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT);
  shutdown(fd, SHUT_RDWR);
  return true;
}

static void set_patience (struct ba_idle *idle, int64_t timeout_ms) {
  int ms = ba_user_timeout(timeout_ms);
  if (idle->patience_ms == timeout_ms) return;
  setsockopt(idle->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof ms);
  idle->patience_ms = timeout_ms;
}

/* Whichever connection libcurl takes, it will carry a request: none is clean
   any longer, and the patience of each is the new call's. One look at all of
   them is enough for the calls that start together. */
static void look (struct ba_engine *e, int64_t timeout_ms) {
  int i;
  if (e->looked && e->patience_ms == timeout_ms) return;
  for (i = 0; i < e->n_idle; i++) {
    struct ba_idle *idle = &e->idle[i];
    idle->clean = false;
    if (ba_poller_watches(&e->poller, idle->fd)) continue;    /* in use */
    if (!e->looked) idle->stale = is_stale(idle->fd);
    set_patience(idle, timeout_ms);
  }
  e->looked = true;
  e->patience_ms = timeout_ms;
}

/* Since 8.22.0 libcurl looks at most once a second whether a connection lives
   (curl#22169): it would take the stale one. */
bool ba_sockets_before_reuse (struct ba_transfer *t) {
  struct ba_engine *e = t->place.engine;
  int i;
  look(e, t->request.timeout_ms);
  for (i = 0; i < e->n_idle; i++)
    if (e->idle[i].stale && e->idle[i].peer == t->peer) return true;
  return false;
}

/* A clean socket closes politely; any other is reset at once, even while a
   forked child holds a copy of it. */
int ba_engine_close_socket (void *engine, curl_socket_t fd) {
  struct ba_engine *e = engine;
  struct linger polite = {0, 0};
  struct sockaddr none;
  if (forget(e, fd))
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &polite, sizeof polite);
  else {
    memset(&none, 0, sizeof none);
    none.sa_family = AF_UNSPEC;
    (void)connect(fd, &none, sizeof none);      /* a reset can't fail */
  }
  return close(fd);
}
