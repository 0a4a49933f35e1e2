/* SPDX-License-Identifier: MIT */
/* Many transfers on one multi handle: start, step, cancel, deadlines. */
#include "system.h"
#include "engine.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STARTS_A_STEP = 32, CROWD = 64, EVENTS = 64 };

/* libcurl 7.88 may lose a timer that is due at once: the engine's own ends
   the call, this much later, if libcurl has not. */
#define GRACE_US (20 * (int64_t)1000)

/* --- lists --------------------------------------------------------------- */

static void unlink_from (struct ba_transfer *t) {
  struct ba_place *p = &t->place;
  if (!p->list) return;
  if (p->prev) p->prev->place.next = p->next;
  else p->list->first = p->next;
  if (p->next) p->next->place.prev = p->prev;
  else p->list->last = p->prev;
  p->list->count--;
  p->list = NULL;
  p->next = NULL;
  p->prev = NULL;
}

void ba_list_move (struct ba_transfer *t, struct ba_list *to) {
  unlink_from(t);
  t->place.list = to;
  t->place.prev = to->last;
  if (to->last) to->last->place.next = t;
  else to->first = t;
  to->last = t;
  to->count++;
}

/* --- curl#11920 ---------------------------------------------------------- */

/* libcurl 7.87 to 8.3 forgets to start the next address of a host when one
   fails: a call that has no socket and wasn't sent is woken by a pause and a
   resume, never from inside a callback. Suspect is who opened or lost a
   socket during this action. */
static void suspect (struct ba_transfer *t) {
  struct ba_engine *e = t->place.engine;
  if (!e->kicks || t->prereqs > 0 || t->place.suspect) return;
  t->place.suspect = true;
  t->place.next_suspect = e->suspects;
  e->suspects = t;
}

static void kick (struct ba_engine *e) {
  while (e->suspects) {
    struct ba_transfer *t = e->suspects;
    e->suspects = t->place.next_suspect;
    t->place.suspect = false;
    if (t->place.state != BA_RUNNING || t->place.sockets > 0
        || t->prereqs > 0)
      continue;
    curl_easy_pause(t->easy, CURLPAUSE_ALL);
    curl_easy_pause(t->easy, CURLPAUSE_CONT);
  }
}

static void clear_suspect (struct ba_transfer *t) {
  struct ba_transfer **at = &t->place.engine->suspects;
  if (!t->place.suspect) return;
  while (*at && *at != t)
    at = &(*at)->place.next_suspect;
  if (*at) *at = t->place.next_suspect;
  t->place.suspect = false;
}

/* --- sockets ------------------------------------------------------------- */

void ba_engine_opened (struct ba_transfer *t) {
  ba_queue_resolved(t, true);
  suspect(t);
}

void ba_engine_connected (struct ba_transfer *t) {
  ba_queue_resolved(t, false);
}

static unsigned wish_of (int what) {
  if (what == CURL_POLL_IN) return BA_READ;
  if (what == CURL_POLL_OUT) return BA_WRITE;
  return what == CURL_POLL_INOUT ? BA_READ | BA_WRITE : 0;
}

static void lost_socket (struct ba_transfer *t) {
  t->place.sockets--;
  if (t->place.sockets == 0) suspect(t);
}

/* A socket that can't be watched makes libcurl give up on the multi handle,
   and since 8.20.0 it doesn't always say so: it may be a socket of its own
   (curl#20832). */
static int watch (struct ba_engine *e, curl_socket_t fd, unsigned wish) {
  if (ba_poller_watch(&e->poller, fd, wish)) return 0;
  e->broken = true;
  return -1;
}

/* `known` is what we assigned to this socket: nothing at first. */
static int on_socket (CURL *easy, curl_socket_t fd, int what, void *user,
                      void *known) {
  struct ba_engine *e = user;
  struct ba_transfer *t = NULL;
  unsigned wish = wish_of(what);
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
  if (what == CURL_POLL_REMOVE) {
    ba_poller_watch(&e->poller, fd, 0);
    if (t && known) lost_socket(t);
    return 0;
  }
  if (!known) {
    curl_multi_assign(e->multi, fd, e);
    if (t) t->place.sockets++;
  }
  return watch(e, fd, wish);
}

static int on_timer (CURLM *multi, long ms, void *user) {
  struct ba_engine *e = user;
  (void)multi;
  e->due = ms < 0 ? -1 : ba_now() + ms * (int64_t)1000;
  return 0;
}

/* --- life ---------------------------------------------------------------- */

/* The default keeps four idle connections a call, and scans them all. */
static CURLMcode set_multi (struct ba_engine *e) {
  CURLMcode code = curl_multi_setopt(e->multi, CURLMOPT_SOCKETFUNCTION,
                                     on_socket);
  if (!code) code = curl_multi_setopt(e->multi, CURLMOPT_SOCKETDATA, e);
  if (!code)
    code = curl_multi_setopt(e->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  if (!code) code = curl_multi_setopt(e->multi, CURLMOPT_TIMERDATA, e);
  if (!code)
    code = curl_multi_setopt(e->multi, CURLMOPT_MAXCONNECTS, (long)e->keep);
  curl_multi_setopt(e->multi, BA_MULTI_QUICK_EXIT, 1L);   /* may be unknown */
  return code;
}

static const char *open_engine (struct ba_engine *e) {
  if (e->keep == 0) e->keep = BA_KEEP_DEFAULT;
  e->due = -1;
  e->pid = getpid();
  e->kicks = ba_libcurl_forgets_addresses();
  if (!ba_poller_open(&e->poller)) return "no descriptor for the engine";
  e->multi = ba_sockets_open(e) ? curl_multi_init() : NULL;
  if (e->multi && !set_multi(e)) {
    e->open = true;
    return NULL;
  }
  if (e->multi) curl_multi_cleanup(e->multi);
  ba_poller_close(&e->poller);
  ba_sockets_free(e);
  e->multi = NULL;
  return "not enough memory for the engine";
}

static void end_all (struct ba_list *list, enum ba_kind kind,
                     const char *why) {
  while (list->first) {
    ba_transfer_stop(list->first, kind, why);
    ba_engine_end(list->first);
  }
}

static void end_transfers (struct ba_engine *e, enum ba_kind kind,
                           const char *why) {
  end_all(&e->parked, kind, why);
  end_all(&e->queued, kind, why);
  end_all(&e->running, kind, why);
}

static void end_everything (struct ba_engine *e, const char *why) {
  end_transfers(e, BA_CANCELLED, why);
  end_all(&e->timers, BA_CANCELLED, why);
  ba_queue_free(e);
}

/* In a forked child: libcurl and epoll_ctl would act on the parent's
   connections and registrations. Descriptors are closed, memory is leaked. */
static void abandon (struct ba_engine *e) {
  ba_sockets_abandon(e);
  ba_poller_close(&e->poller);
  ba_sockets_free(e);
  e->model = NULL;
  e->multi = NULL;
  e->suspects = NULL;
  e->open = false;
  end_everything(e, "the process was forked while the call ran");
}

static void close_multi (struct ba_engine *e) {
  if (e->model) curl_easy_cleanup(e->model);
  e->model = NULL;
  curl_multi_cleanup(e->multi);         /* closes the idle connections */
  e->multi = NULL;
  e->due = -1;
}

/* A socket that couldn't be watched makes libcurl give up on the handle, for
   good: its calls end, a new one takes its place. */
static void replace_multi (struct ba_engine *e) {
  end_transfers(e, BA_SYSTEM, "a socket couldn't be watched");
  close_multi(e);
  e->multi = curl_multi_init();
  if (e->multi && !set_multi(e)) e->broken = false;
}

const char *ba_engine_ready (struct ba_engine *e) {
  if (e->open && e->pid != getpid()) abandon(e);
  if (e->open && e->broken) replace_multi(e);
  if (e->open && e->broken) return "not enough memory for the engine";
  return e->open ? NULL : open_engine(e);
}

void ba_engine_close (struct ba_engine *e) {
  if (!e->open) return;
  if (e->pid != getpid()) {
    abandon(e);
    return;
  }
  end_everything(e, "the engine was closed");
  close_multi(e);
  ba_poller_close(&e->poller);
  ba_sockets_free(e);
  ba_buffer_free(&e->resolved);
  e->open = false;
}

/* --- easy handles -------------------------------------------------------- */

static const struct ba_roots *roots_of (struct ba_engine *e) {
  if (!e->roots_known) ba_roots_find(&e->roots);
  e->roots_known = true;
  return &e->roots;
}

/* Each call has a handle of its own: libcurl before 8.1.1 lets a server whose
   first header begins with a blank write into the freed headers of a handle's
   last answer (curl#11101). A copy costs less than setting the options. */
static CURL *model_of (struct ba_engine *e) {
  CURL *easy = e->model ? e->model : curl_easy_init();
  if (easy && !e->model && ba_transfer_init(easy, e, roots_of(e))) {
    curl_easy_cleanup(easy);
    easy = NULL;
  }
  e->model = easy;
  return easy;
}

static CURL *new_easy (struct ba_engine *e) {
  CURL *model = model_of(e);
  return model ? curl_easy_duphandle(model) : NULL;
}

static void free_easy (struct ba_engine *e, struct ba_transfer *t) {
  if (t->easy && e->open) curl_easy_cleanup(t->easy);   /* a fork's: leaked */
  t->easy = NULL;
}

/* --- start and end ------------------------------------------------------- */

static void arm (struct ba_engine *e) {
  if (e->open) ba_poller_set_deadline(&e->poller, ba_engine_due(e));
}

/* The outcome stands: out of libcurl, into the list of those done. libcurl
   keeps a handle only inside its own callbacks; any other error is that of
   its own socket, and the handle is out (8.20.0, curl#20832). */
void ba_engine_end (struct ba_transfer *t) {
  struct ba_engine *e = t->place.engine;
  CURLMcode code = CURLM_OK;
  if (t->place.list == &e->running && e->open) {
    ba_sockets_note(t);
    code = curl_multi_remove_handle(e->multi, t->easy);
  }
  clear_suspect(t);
  ba_timeline_remove(t);
  ba_list_move(t, &e->done);
  t->place.state = BA_DONE;
  ba_queue_ended(t);
  if (code == CURLM_RECURSIVE_API_CALL) ba_transfer_detach(t);    /* leaked */
  else free_easy(e, t);
}

void ba_engine_refuse (struct ba_engine *e, struct ba_transfer *t,
                       enum ba_kind kind, const char *text) {
  t->place.engine = e;
  ba_transfer_stop(t, kind, text);
  t->place.state = BA_DONE;
  ba_list_move(t, &e->done);
  e->news = true;
  arm(e);
}

void ba_engine_start (struct ba_engine *e, struct ba_transfer *t) {
  int64_t now = ba_now();
  struct ba_place *p = &t->place;
  p->engine = e;
  p->until = now + t->request.timeout_ms * 1000;
  p->connect_until = now + t->request.connect_ms * 1000;
  t->easy = new_easy(e);
  if (!t->easy) {
    ba_engine_refuse(e, t, BA_SYSTEM, "not enough memory");
    return;
  }
  ba_queue_push(e, t);
  ba_timeline_add(t, p->until < p->connect_until ? p->until
                                                 : p->connect_until);
  if (!ba_transfer_setup(t, roots_of(e))) {
    ba_engine_end(t);
    e->news = true;
  }
  arm(e);
}

void ba_engine_timer (struct ba_engine *e, struct ba_transfer *t,
                      int64_t us) {
  t->place.engine = e;
  t->place.state = BA_RUNNING;
  ba_list_move(t, &e->timers);
  ba_timeline_add(t, ba_now() + us);
  arm(e);
}

void ba_engine_cancel (struct ba_transfer *t, const char *why) {
  struct ba_engine *e = t->place.engine;
  if (!e || t->place.state == BA_DONE) return;
  ba_transfer_stop(t, BA_CANCELLED, why);
  ba_engine_end(t);
  e->news = true;
  arm(e);
}

void ba_engine_drop (struct ba_transfer *t) {
  if (!t->place.engine) return;
  ba_engine_cancel(t, "the call was dropped");
  unlink_from(t);
  t->place.engine = NULL;
}

/* --- step ---------------------------------------------------------------- */

/* As libcurl takes it: a long, which has 32 bits on some machines. */
static long left_ms (int64_t until, int64_t now) {
  int64_t left = (until - now + 999) / 1000;
  return left < LONG_MAX ? (long)left : LONG_MAX;
}

static bool is_late (const struct ba_transfer *t, int64_t now) {
  return t->place.until <= now || t->place.connect_until <= now;
}

/* Of one that isn't late: to libcurl 0 is no limit. */
static CURLcode set_times (struct ba_transfer *t, int64_t now) {
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
                                   left_ms(t->place.until, now));
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
                            left_ms(t->place.connect_until, now));
  return code;
}

/* Gives t to libcurl with what is left of its time. False: it ended. */
static bool launch (struct ba_engine *e, struct ba_transfer *t, int64_t now) {
  bool crowded = e->running.count >= CROWD;
  bool stale = false;
  ba_timeline_remove(t);
  if (is_late(t, now))
    ba_transfer_stop(t, BA_TIMEOUT, "no time was left to begin");
  else {
    if (!t->fresh) stale = ba_sockets_before_reuse(t);
    if (!set_times(t, now) && !ba_transfer_set_reuse(t, stale, crowded)
        && !ba_transfer_set_resolve(t, &e->resolved)
        && !curl_multi_add_handle(e->multi, t->easy)) {
      t->place.state = BA_RUNNING;
      ba_list_move(t, &e->running);
      ba_timeline_add(t, t->place.until + GRACE_US);
      return true;
    }
    ba_transfer_stop(t, BA_SYSTEM, "not enough memory");
  }
  ba_engine_end(t);
  return false;
}

static int launch_some (struct ba_engine *e, int64_t now) {
  struct ba_transfer *t;
  int ended = 0;
  int i;
  e->looked = false;
  for (i = 0; i < STARTS_A_STEP; i++) {
    t = ba_queue_next(e, now);
    if (!t) break;
    if (!launch(e, t, now)) ended++;
  }
  return ended;
}

/* Only the directory of roots failed, nothing was sent: with the bundle. */
static bool try_bundle (struct ba_engine *e, struct ba_transfer *t,
                        CURLcode code) {
  int64_t now;
  if (!code) return false;
  now = ba_now();
  if (is_late(t, now) || !ba_transfer_retry_ca(t, code)) return false;
  curl_multi_remove_handle(e->multi, t->easy);
  if (!set_times(t, now) && !curl_multi_add_handle(e->multi, t->easy))
    return true;
  ba_transfer_stop(t, BA_SYSTEM, "not enough memory");
  ba_list_move(t, &e->queued);          /* no longer libcurl's */
  ba_engine_end(t);
  return true;
}

static int collect (struct ba_engine *e) {
  int left;
  int ended = 0;
  CURLMsg *message = curl_multi_info_read(e->multi, &left);
  for (; message; message = curl_multi_info_read(e->multi, &left)) {
    CURLcode code = message->data.result;       /* dies with the handle */
    struct ba_transfer *t = NULL;
    if (message->msg != CURLMSG_DONE) continue;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
    if (try_bundle(e, t, code)) continue;
    ba_transfer_finish(t, code);
    ba_engine_end(t);
    ended++;
  }
  return ended;
}

static int act (struct ba_engine *e, curl_socket_t fd, int bits) {
  int running;
  int ended;
  if (e->broken) return 0;
  if (curl_multi_socket_action(e->multi, fd, bits, &running))
    e->broken = true;
  ended = collect(e);
  /* a socket that libcurl had no memory to note is half there: a pause would
     divide by its zero slots (7.88) */
  if (!e->broken) kick(e);
  return ended;
}

/* Timers, and calls whose time was up before their turn came. */
static int pass_deadlines (struct ba_engine *e, int64_t now) {
  int ended = 0;
  while (e->soonest && e->soonest->place.deadline <= now) {
    struct ba_transfer *t = e->soonest;
    if (t->place.list == &e->running)
      ba_transfer_stop(t, BA_TIMEOUT, "the time was up");
    else if (t->easy)
      ba_transfer_stop(t, BA_TIMEOUT, "the time was up while it waited for "
                                      "the server's name to resolve");
    ba_engine_end(t);
    ended++;
  }
  return ended;
}

static int run_due (struct ba_engine *e) {
  int64_t now = ba_now();
  int ended = pass_deadlines(e, now) + launch_some(e, now);
  if (e->due < 0 || e->due > ba_now()) return ended;
  e->due = -1;
  return ended + act(e, CURL_SOCKET_TIMEOUT, 0);
}

static int dispatch (struct ba_engine *e, const struct ba_event *events,
                     int n) {
  int ended = 0;
  int i;
  for (i = 0; i < n; i++) {
    int bits = 0;
    /* an earlier event of this batch may have closed it */
    if (!ba_poller_is_current(&e->poller, &events[i])) continue;
    if (events[i].bits & BA_READ) bits |= CURL_CSELECT_IN;
    if (events[i].bits & BA_WRITE) bits |= CURL_CSELECT_OUT;
    ended += act(e, events[i].fd, bits);
  }
  return ended;
}

static int patience (const struct ba_engine *e, int ms) {
  int64_t due = ba_engine_due(e);
  int64_t left = due - ba_now();
  if (due < 0) return ms;
  if (left <= 0) return 0;
  left = (left + 999) / 1000;
  return ms < 0 || left < ms ? (int)(left < 60000 ? left : 60000) : ms;
}

void ba_engine_step (struct ba_engine *e, int ms) {
  struct ba_event events[EVENTS];
  int n;
  /* nothing may ever wake a wait */
  if (e->news || run_due(e) > 0 || e->broken) ms = 0;
  e->news = false;
  n = ba_poller_wait(&e->poller, events, EVENTS, patience(e, ms));
  dispatch(e, events, n);
  run_due(e);
  if (e->broken) replace_multi(e);
  arm(e);
}

int64_t ba_engine_due (const struct ba_engine *e) {
  int64_t due = e->due;
  if (e->news || e->queued.count > 0) return 0;
  if (e->soonest && (due < 0 || e->soonest->place.deadline < due))
    due = e->soonest->place.deadline;
  return due;
}

size_t ba_engine_count (const struct ba_engine *e) {
  return e->queued.count + e->parked.count + e->running.count
         + e->timers.count;
}

int ba_engine_fd (struct ba_engine *e) {
  int fd = ba_poller_fd(&e->poller);
  arm(e);
  return fd;
}
