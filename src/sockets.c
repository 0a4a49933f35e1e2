/* SPDX-License-Identifier: MIT */
/* How each socket of an engine is closed, and which ones are idle. */
#include "system.h"
#include "sockets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DRAINS = 64 };

struct ba_idle {
  int fd;
  struct ba_inode inode;
  bool answered;                /* its last request, for all that is known */
  bool stale;                   /* carries no further request */
  bool in_use;                  /* by a call that runs */
  bool held;                    /* perhaps by one that is paused */
  int64_t since;                /* when its last call ended, in seconds */
  int64_t timeout_ms;           /* its TCP_USER_TIMEOUT, 0: not known */
  uint64_t peer;                /* of its last call */
  uint64_t certificate;         /* of the client, with that call */
};

bool ba_sockets_open (struct ba_sockets *s) {
  s->n = 0;
  s->idle = calloc((size_t)s->keep + 1, sizeof *s->idle);
  return s->idle != NULL;
}

void ba_sockets_free (struct ba_sockets *s) {
  free(s->idle);
  s->idle = NULL;
  s->n = 0;
}

void ba_sockets_abandon (struct ba_sockets *s) {
  int i;
  for (i = 0; i < s->n; i++)
    ba_inode_close(&s->idle[i].inode, s->idle[i].fd);
  ba_sockets_free(s);
}

/* Goes on while the machine sleeps: its peers forget meanwhile. */
static int64_t now_in_seconds (void) {
  struct timespec t = {0, 0};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return t.tv_sec;
}

static struct ba_idle *find (const struct ba_sockets *s, int fd) {
  int i;
  for (i = 0; i < s->n; i++)
    if (s->idle[i].fd == fd) return &s->idle[i];
  return NULL;
}

static struct ba_idle *add (struct ba_sockets *s, int fd) {
  struct ba_idle *idle;
  if (s->n > s->keep) return NULL;
  idle = &s->idle[s->n++];
  idle->fd = fd;
  idle->inode = ba_inode_of(fd);
  idle->timeout_ms = 0;
  idle->held = false;
  return idle;
}

/* More than the answer has come, and TLS holds it, where no recv sees it: the
   next call would get it for its own answer. Of two layers of TLS the one with
   the proxy tells nothing. */
static bool has_unread (struct ba_sockets *s, const struct ba_transfer *t) {
  return t->has_tls_proxy
         || ba_unread_any(&s->unread, &t->tls, t->request.https);
}

void ba_sockets_keep (struct ba_sockets *s, const struct ba_transfer *t) {
  curl_socket_t fd = CURL_SOCKET_BAD;
  struct ba_idle *idle;
  if (t->outcome.kind != BA_ANSWERED || t->outcome.sent != BA_SENT_YES) return;
  if (curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd)
      || fd == CURL_SOCKET_BAD)
    return;
  idle = find(s, fd);
  if (!idle) idle = add(s, fd);
  if (!idle) return;
  idle->answered = true;
  idle->stale = false;
  idle->since = now_in_seconds();
  idle->peer = t->peer;
  idle->certificate = t->certificate;
  if (has_unread(s, t)) shutdown(fd, SHUT_RDWR);        /* and so stale */
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

/* Its path may have forgotten it: what is sent would be lost. */
static bool is_old (const struct ba_idle *idle, int64_t now) {
  if (now - idle->since < BA_IDLE_MAX_SECONDS) return false;
  shutdown(idle->fd, SHUT_RDWR);        /* libcurl must drop it, too */
  return true;
}

static void set_timeout (struct ba_idle *idle, int64_t timeout_ms) {
  if (idle->timeout_ms == timeout_ms) return;
  ba_set_user_timeout(idle->fd, timeout_ms);
  idle->timeout_ms = timeout_ms;
}

void ba_sockets_hold (struct ba_sockets *s, const struct ba_transfer *t) {
  int i;
  for (i = 0; i < s->n; i++)
    if (s->idle[i].peer == t->peer) s->idle[i].held = true;
}

void ba_sockets_let_go (struct ba_sockets *s) {
  int i;
  for (i = 0; i < s->n; i++)
    s->idle[i].held = false;
}

/* Whichever connection libcurl takes, it will carry a request: none counts as
   answered any longer, and each gets the new call's timeout. One check of all
   of them is enough for the calls that start together. */
static void check_all (struct ba_sockets *s, const struct ba_poller *p,
                       int64_t timeout_ms) {
  int64_t now;
  int i;
  if (s->checked && s->timeout_ms == timeout_ms) return;
  now = now_in_seconds();
  for (i = 0; i < s->n; i++) {
    struct ba_idle *idle = &s->idle[i];
    idle->answered = false;
    idle->in_use = idle->held || ba_poller_watches(p, idle->fd);
    if (idle->in_use) continue;
    if (!s->checked) idle->stale = is_old(idle, now) || is_stale(idle->fd);
    set_timeout(idle, timeout_ms);
  }
  s->checked = true;
  s->timeout_ms = timeout_ms;
}

/* Connections with what was in the files of t's certificate before: libcurl
   knows them by their paths alone. */
static void end_certificates (struct ba_sockets *s,
                              const struct ba_transfer *t) {
  int i;
  for (i = 0; i < s->n; i++) {
    struct ba_idle *idle = &s->idle[i];
    if (idle->peer != t->peer || idle->in_use
        || idle->certificate == t->certificate)
      continue;
    shutdown(idle->fd, SHUT_RDWR);
    idle->stale = true;
  }
}

/* Since 8.22.0 libcurl looks at most once a second whether a connection lives
   (curl#22169): it would take the stale one. */
bool ba_sockets_check (struct ba_sockets *s, const struct ba_poller *p,
                       const struct ba_transfer *t) {
  bool usable = false;
  int i;
  check_all(s, p, t->request.timeout_ms);
  end_certificates(s, t);
  for (i = 0; i < s->n; i++) {
    const struct ba_idle *idle = &s->idle[i];
    if (idle->peer != t->peer || idle->in_use) continue;
    if (idle->stale) return false;
    usable = true;
  }
  return usable;
}

/* Out of the idle ones; true if its last request was answered. */
static bool remove_idle (struct ba_sockets *s, int fd) {
  struct ba_idle *idle = find(s, fd);
  bool answered = idle && idle->answered;
  if (idle) *idle = s->idle[--s->n];
  return answered;
}

/* After an answer a socket closes as usual; any other is reset at once, even
   while a forked child holds a copy of it. */
int ba_sockets_close (void *sockets, curl_socket_t fd) {
  struct linger usual = {0, 0};
  struct sockaddr none;
  if (remove_idle(sockets, fd))
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &usual,
               sizeof usual);
  else {
    memset(&none, 0, sizeof none);
    none.sa_family = AF_UNSPEC;
    (void)connect(fd, &none, sizeof none);      /* a reset can't fail */
  }
  return close(fd);
}
