/* SPDX-License-Identifier: MIT */
/* A small HTTP server in a thread, see peer.h. */
#define _GNU_SOURCE
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS = 120, HEAD = 8192, SCRIPT = 1 << 17 };

struct connection {
  int fd;                       /* -1: free */
  SSL *ssl;
  size_t len;
  size_t body;                  /* bytes of a body that are still to come */
  bool begun;                   /* of the present request something came */
  char head[HEAD];
};

struct peer {
  int listener, port;
  int ask[2], tell[2];
  SSL_CTX *context;
  int began;
  char newest[HEAD];
  size_t script_len;
  bool script_closes;
  char script[SCRIPT];
  struct connection connections[CONNECTIONS];
};

static const char OK[] = "{\"ok\":true,\"result\":true}";
static const char REFUSAL[] =
  "{\"ok\":false,\"error_code\":404,\"description\":\"Not Found\"}";

static void put (struct connection *c, const char *s, size_t n) {
  size_t at = 0;
  int tries = 0;
  while (at < n && tries++ < 1000) {
    ssize_t sent = c->ssl ? SSL_write(c->ssl, s + at, (int)(n - at))
                          : send(c->fd, s + at, n - at, MSG_NOSIGNAL);
    struct pollfd writable = {c->fd, POLLOUT, 0};
    if (sent > 0) at += (size_t)sent;
    else if (errno != EAGAIN || poll(&writable, 1, 200) <= 0) return;
  }
}

static void drop (struct connection *c, bool reset) {
  struct linger hard = {1, 0};
  if (reset) setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  if (c->ssl) {
    if (!reset) SSL_shutdown(c->ssl);
    SSL_free(c->ssl);
  }
  close(c->fd);
  c->fd = -1;
  c->ssl = NULL;
}

static void answer (struct connection *c, const char *status,
                    const char *more, const char *body) {
  char text[1024];
  int n = snprintf(text, sizeof text, "HTTP/1.1 %s\r\n%sContent-Length: %zu"
                   "\r\n\r\n%s", status, more, strlen(body), body);
  put(c, text, (size_t)n);
}

/* True: the connection is to be closed. */
static bool play (struct peer *p, struct connection *c, const char *path) {
  static char big[70000];
  bool probe = strstr(path, "/bot ") != NULL;
  if (strncmp(path, "/close/", 7) == 0) return true;
  if (strncmp(path, "/reset/", 7) == 0) return true;
  if (strncmp(path, "/wait/", 6) == 0) return false;
  if (strncmp(path, "/half/", 6) == 0) {
    put(c, "HTTP/1.1 200 OK\r\nContent-Le", 27);
    return true;
  }
  if (strncmp(path, "/folded/", 8) == 0) {
    put(c, "HTTP/1.1 200 OK\r\n\tfolded: x\r\nContent-Length: 25\r\n\r\n", 51);
    put(c, OK, sizeof OK - 1);
    return true;
  }
  if (strncmp(path, "/garbage/", 9) == 0) {
    put(c, "SSH-2.0-nothing\r\n", 17);
    return true;
  }
  if (strncmp(path, "/script/", 8) == 0) {
    put(c, p->script, p->script_len);
    return p->script_closes;
  }
  if (strncmp(path, "/big/", 5) == 0) {
    memset(big, 'x', sizeof big - 1);
    put(c, "HTTP/1.1 200 OK\r\nContent-Length: 69999\r\n\r\n", 42);
    put(c, big, sizeof big - 1);
  }
  else if (strncmp(path, "/html/", 6) == 0)
    answer(c, "502 Bad Gateway", "Retry-After: 7\r\n", "<html>");
  else if (strncmp(path, "/limit/", 7) == 0)
    answer(c, "429 Too Many Requests", "Retry-After: 1\r\n",
           "{\"ok\":false}");
  else if (strncmp(path, "/echo/", 6) == 0) {
    char line[600];
    snprintf(line, sizeof line, "404 no such %.500s", path);
    *strchr(line + 12, ' ') = '_';
    answer(c, line, "", "{\"ok\":false}");
  }
  else if (probe) answer(c, "404 Not Found", "", REFUSAL);
  else if (strncmp(path, "/page", 5) == 0)
    answer(c, "302 Found", "Set-Cookie: a=b; path=/\r\nLocation: /next\r\n",
           "page");
  else answer(c, "200 OK", "", OK);
  return false;
}

static void request (struct peer *p, struct connection *c, char *end) {
  const char *path = strchr(c->head, ' ');
  const char *length = strcasestr(c->head, "\r\ncontent-length:");
  size_t used = (size_t)(end + 4 - c->head);
  size_t body = length ? strtoul(length + 17, NULL, 10) : 0;
  size_t have = c->len - used;
  bool closes, reset;
  *end = '\0';
  memcpy(p->newest, c->head, (size_t)(end - c->head) + 1);
  path = path ? path + 1 : "";
  reset = strncmp(path, "/reset/", 7) == 0;
  closes = play(p, c, path);
  if (have > body) have = body;
  c->body = body - have;
  c->len -= used + have;
  memmove(c->head, c->head + used + have, c->len);
  c->begun = false;
  if (closes) drop(c, reset);
}

static void take (struct peer *p, struct connection *c, const char *bytes,
                  size_t n) {
  size_t skip = n < c->body ? n : c->body;
  char *end;
  c->body -= skip;
  bytes += skip;
  n -= skip;
  if (n == 0) return;
  if (!c->begun) p->began++;
  c->begun = true;
  if (n > HEAD - 1 - c->len) n = HEAD - 1 - c->len;
  memcpy(c->head + c->len, bytes, n);
  c->len += n;
  c->head[c->len] = '\0';
  end = strstr(c->head, "\r\n\r\n");
  if (end) request(p, c, end);
}

static void readable (struct peer *p, struct connection *c) {
  char bytes[4096];
  ssize_t n;
  if (c->ssl) {
    int got = SSL_read(c->ssl, bytes, sizeof bytes);
    int why = got > 0 ? 0 : SSL_get_error(c->ssl, got);
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return;
    n = got;
  }
  else n = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
  if (n < 0 && !c->ssl && errno == EAGAIN) return;
  if (n <= 0) drop(c, false);
  else take(p, c, bytes, (size_t)n);
}

static void welcome (struct peer *p) {
  int fd = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  int one = 1;
  int i;
  if (fd < 0) return;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  for (i = 0; i < CONNECTIONS && p->connections[i].fd >= 0; i++)
    ;
  if (i == CONNECTIONS) {
    close(fd);
    return;
  }
  memset(&p->connections[i], 0, sizeof p->connections[i]);
  p->connections[i].fd = fd;
  if (!p->context) return;
  p->connections[i].ssl = SSL_new(p->context);
  SSL_set_fd(p->connections[i].ssl, fd);
  SSL_set_accept_state(p->connections[i].ssl);
}

/* How many things happened. */
static int round_of (struct peer *p, int ms, bool *asked) {
  struct pollfd fds[CONNECTIONS + 2];
  struct connection *whose[CONNECTIONS + 2];
  nfds_t n = 2, i;
  int happened = 0;
  fds[0].fd = p->ask[0];
  fds[1].fd = p->listener;
  fds[0].events = fds[1].events = POLLIN;
  for (i = 0; i < CONNECTIONS; i++) {
    if (p->connections[i].fd < 0) continue;
    fds[n].fd = p->connections[i].fd;
    fds[n].events = POLLIN;
    whose[n++] = &p->connections[i];
  }
  if (poll(fds, n, ms) <= 0) return 0;
  *asked = *asked || (fds[0].revents != 0);
  for (i = 2; i < n; i++)
    if (fds[i].revents) {
      readable(p, whose[i]);
      happened++;
    }
  if (fds[1].revents) {
    welcome(p);
    happened++;
  }
  return happened;
}

static void *serve (void *peer) {
  struct peer *p = peer;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  for (;;) {
    bool asked = false;
    char word;
    int rounds = 0;
    round_of(p, -1, &asked);
    if (!asked) continue;
    while (round_of(p, 0, &asked) > 0 && rounds++ < 1000)
      ;
    if (read(p->ask[0], &word, 1) != 1 || word == 'q') return NULL;
    if (write(p->tell[1], &p->began, sizeof p->began) < 0) return NULL;
    p->began = 0;
  }
}

static bool listen_at (struct peer *p) {
  struct sockaddr_in at;
  socklen_t size = sizeof at;
  memset(&at, 0, sizeof at);
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (bind(p->listener, (struct sockaddr *)&at, sizeof at)
      || listen(p->listener, 512)
      || getsockname(p->listener, (struct sockaddr *)&at, &size))
    return false;
  p->port = ntohs(at.sin_port);
  return true;
}

struct peer *peer_start (const char *pem, const char *key) {
  struct peer *p = calloc(1, sizeof *p);
  pthread_t thread;
  int i;
  if (!p) return NULL;
  for (i = 0; i < CONNECTIONS; i++)
    p->connections[i].fd = -1;
  if (pem) {
    p->context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_file(p->context, pem, SSL_FILETYPE_PEM) != 1
        || SSL_CTX_use_PrivateKey_file(p->context, key, SSL_FILETYPE_PEM) != 1)
      return NULL;
  }
  if (!listen_at(p) || pipe2(p->ask, O_CLOEXEC) || pipe2(p->tell, O_CLOEXEC)
      || pthread_create(&thread, NULL, serve, p))
    return NULL;
  pthread_detach(thread);
  return p;
}

int peer_port (const struct peer *p) {
  return p->port;
}

void peer_script (struct peer *p, const char *bytes, size_t n, bool closes) {
  p->script_len = n < SCRIPT ? n : SCRIPT;
  memcpy(p->script, bytes, p->script_len);
  p->script_closes = closes;
}

int peer_settle (struct peer *p) {
  int began = -1;
  if (write(p->ask[1], "?", 1) != 1
      || read(p->tell[0], &began, sizeof began) != sizeof began)
    return -1;
  return began;
}

bool peer_saw (const struct peer *p, const char *text) {
  return strstr(p->newest, text) != NULL;
}
