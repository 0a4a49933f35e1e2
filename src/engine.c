/* SPDX-License-Identifier: MIT */
/* Many transfers on one multi handle: start, step, cancel, deadlines. */
#include "system.h"
#include "engine.h"

#include "cause.h"
#include "owner.h"
#include "poller.h"
#include "queue.h"
#include "sockets.h"
#include "timeline.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

enum { STARTS_A_STEP = 32, CROWD = 64, EVENTS = 64 };

/* libcurl 7.88 may lose a timer that is due at once: the engine's own ends
   the call, this much later, if libcurl has not. */
#define GRACE_US (20 * (int64_t)1000)

struct ba_engine {
  bool open;
  bool broken;                  /* libcurl has given up on the multi */
  bool ended;                   /* a call has, or has news, since the last
                                   step */
  bool forgets_addresses;       /* libcurl < 8.4.0: curl#11920 */
  bool roots_known;
  struct ba_tunnels tunnels;    /* that may be kept */
  bool watched;                 /* its descriptor was asked for */
  int code;                     /* the errno why it couldn't be opened, or 0 */
  struct ba_owner owner;        /* who opened it: not a forked child */
  CURLM *multi;
  int64_t curl_due;             /* libcurl's timer, -1: none */
  struct ba_list running, timers, done;
  struct ba_list telling;       /* run, and nobody was told of their news */
  struct ba_transfer *may_stall;
  struct ba_queue queue;
  struct ba_timeline timeline;
  struct ba_poller poller;
  struct ba_sockets sockets;
  struct ba_roots roots;
  struct ba_buffer pins;        /* lines of resolve options, NUL-ended */
};

size_t ba_engine_size (void) {
  return sizeof(struct ba_engine);
}

void ba_engine_init (struct ba_engine *e, int keep) {
  memset(e, 0, sizeof *e);
  e->curl_due = -1;
  e->sockets.keep = keep;
}

/* --- curl#11920 ---------------------------------------------------------- */

/* libcurl 7.87 to 8.3 forgets to start the next address of a host when one
   fails: a call that has no socket and wasn't sent is woken by a pause and a
   resume, never from inside a callback. Who opened or lost a socket during
   this action may be such a call. */
static void note_stall (struct ba_transfer *t) {
  struct ba_engine *e = t->entry.engine;
  if (!e->forgets_addresses || t->prereqs > 0 || t->entry.may_stall) return;
  t->entry.may_stall = true;
  t->entry.next_stall = e->may_stall;
  e->may_stall = t;
}

static void forget_stall (struct ba_transfer *t) {
  struct ba_transfer **at = &t->entry.engine->may_stall;
  if (!t->entry.may_stall) return;
  while (*at && *at != t)
    at = &(*at)->entry.next_stall;
  if (*at) *at = t->entry.next_stall;
  t->entry.may_stall = false;
}

static void wake_stalled (struct ba_engine *e) {
  while (e->may_stall) {
    struct ba_transfer *t = e->may_stall;
    forget_stall(t);
    if (t->entry.state != BA_RUNNING || t->entry.sockets > 0
        || t->prereqs > 0)
      continue;
    curl_easy_pause(t->easy, CURLPAUSE_ALL);
    curl_easy_pause(t->easy, CURLPAUSE_CONT);
  }
}

/* --- callbacks ----------------------------------------------------------- */

/* A step ends with it: a loop that waits for the descriptor wakes. */
void ba_engine_tell (struct ba_transfer *t) {
  struct ba_engine *e = t->entry.engine;
  if (t->entry.news || t->entry.state != BA_RUNNING) return;
  t->entry.news = true;
  ba_list_move(t, &e->telling);
  e->ended = true;
}

static void on_opening (struct ba_transfer *t) {
  ba_queue_resolved(&t->entry.engine->queue, t, true);
  note_stall(t);
}

static void on_connected (struct ba_transfer *t) {
  ba_queue_resolved(&t->entry.engine->queue, t, false);
}

static const struct ba_hooks HOOKS = {
  on_opening, on_connected, ba_sockets_close, ba_engine_tell};

static unsigned interest_of (int what) {
  if (what == CURL_POLL_IN) return BA_READ;
  if (what == CURL_POLL_OUT) return BA_WRITE;
  return what == CURL_POLL_INOUT ? BA_READ | BA_WRITE : 0;
}

static void lose_socket (struct ba_transfer *t) {
  t->entry.sockets--;
  if (t->entry.sockets == 0) note_stall(t);
}

/* A socket that can't be watched makes libcurl give up on the multi handle,
   and since 8.20.0 it doesn't always say so: it may be a socket of its own
   (curl#20832). */
static int watch (struct ba_engine *e, curl_socket_t fd, unsigned interest) {
  if (ba_poller_watch(&e->poller, fd, interest)) return 0;
  e->broken = true;
  return -1;
}

/* `known` is what we assigned to this socket: nothing at first. */
static int on_socket (CURL *easy, curl_socket_t fd, int what, void *user,
                      void *known) {
  struct ba_engine *e = user;
  struct ba_transfer *t = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t);
  if (what == CURL_POLL_REMOVE) {
    ba_poller_watch(&e->poller, fd, 0);
    if (t && known) lose_socket(t);
    return 0;
  }
  if (!known) {
    curl_multi_assign(e->multi, fd, e);
    if (t) t->entry.sockets++;
  }
  return watch(e, fd, interest_of(what));
}

static int on_timer (CURLM *multi, long ms, void *user) {
  struct ba_engine *e = user;
  (void)multi;
  e->curl_due = ms < 0 ? -1 : ba_now() + ms * (int64_t)1000;
  return 0;
}

/* --- end ----------------------------------------------------------------- */

static void free_easy (struct ba_engine *e, struct ba_transfer *t) {
  if (t->easy && e->open) curl_easy_cleanup(t->easy);   /* a fork's: leaked */
  t->easy = NULL;
}

/* Has libcurl got it? */
static bool is_running (const struct ba_engine *e,
                        const struct ba_transfer *t) {
  return t->entry.list == &e->running || t->entry.list == &e->telling;
}

/* The outcome stands: out of libcurl, into the list of those done. libcurl
   keeps a handle only inside its own callbacks; any other error is that of
   its own socket, and the handle is out (8.20.0, curl#20832). */
static void end_one (struct ba_engine *e, struct ba_transfer *t) {
  CURLMcode code = CURLM_OK;
  if (is_running(e, t) && e->open) {
    ba_sockets_keep(&e->sockets, t);
    code = curl_multi_remove_handle(e->multi, t->easy);
  }
  forget_stall(t);
  ba_timeline_remove(&e->timeline, t);
  ba_list_move(t, &e->done);
  t->entry.state = BA_DONE;
  e->ended = true;
  ba_queue_ended(&e->queue, t);
  if (code == CURLM_RECURSIVE_API_CALL) ba_transfer_detach(t);    /* leaked */
  else free_easy(e, t);
  ba_transfer_close(t);
}

/* Also those that waited for it to resolve their host. */
static void end (struct ba_engine *e, struct ba_transfer *t) {
  end_one(e, t);
  while (e->queue.failed.first)
    end_one(e, e->queue.failed.first);
}

static void stop (struct ba_engine *e, struct ba_transfer *t,
                  enum ba_kind kind, const char *why) {
  ba_transfer_stop(t, kind, why);
  end(e, t);
}

static void stop_all (struct ba_engine *e, enum ba_kind kind,
                      const char *why) {
  struct ba_list *lists[] = {&e->queue.parked, &e->queue.ready, &e->running,
                             &e->telling};
  size_t i;
  for (i = 0; i < sizeof lists / sizeof *lists; i++)
    while (lists[i]->first)
      stop(e, lists[i]->first, kind, why);
}

/* Timers, too. */
static void end_all (struct ba_engine *e, enum ba_kind kind,
                     const char *why) {
  stop_all(e, kind, why);
  while (e->timers.first)
    stop(e, e->timers.first, kind, why);
  ba_queue_free(&e->queue);
}

/* --- life ---------------------------------------------------------------- */

/* By default libcurl keeps four idle connections a call, and scans them
   all. */
static bool open_multi (struct ba_engine *e) {
  CURLM *multi;
  errno = 0;                    /* libcurl leaves why it failed in it */
  multi = curl_multi_init();
  e->curl_due = -1;
  e->multi = multi;
  if (!multi) return false;
  curl_multi_setopt(multi, BA_MULTI_QUICK_EXIT, 1L);    /* may be unknown */
  return !curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket)
         && !curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, e)
         && !curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer)
         && !curl_multi_setopt(multi, CURLMOPT_TIMERDATA, e)
         && !curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS,
                               (long)e->sockets.keep);
}

static void close_multi (struct ba_engine *e) {
  curl_multi_cleanup(e->multi);         /* closes the idle connections */
  e->multi = NULL;
}

/* What libcurl knows nothing of. */
static void close_rest (struct ba_engine *e) {
  ba_poller_close(&e->poller);
  ba_sockets_free(&e->sockets);
  ba_buffer_free(&e->pins);
  ba_owner_free(&e->owner);
  e->curl_due = -1;
  e->open = false;
}

/* What the engine lacks: what has just failed has set errno. */
static const char *lacking (struct ba_engine *e) {
  bool full = errno == EMFILE || errno == ENFILE;
  e->code = full ? errno : 0;
  return full ? "no descriptor for the engine"
              : "not enough memory for the engine";
}

static const char *open_engine (struct ba_engine *e) {
  const char *why;
  e->broken = false;
  e->forgets_addresses = ba_libcurl_forgets_addresses();
  if (!ba_poller_open(&e->poller)) return lacking(e);
  ba_owner_take(&e->owner);
  e->open = ba_sockets_open(&e->sockets) && open_multi(e);
  if (e->open) return NULL;
  why = lacking(e);
  close_multi(e);
  close_rest(e);
  return why;
}

/* libcurl and epoll_ctl would act on the parent's connections and
   registrations. Descriptors are closed, libcurl's memory is leaked. */
static void abandon (struct ba_engine *e) {
  ba_poller_abandon(&e->poller);
  ba_sockets_abandon(&e->sockets);
  close_rest(e);
  e->multi = NULL;
  end_all(e, BA_CANCELLED, "the process was forked while the call ran");
}

void ba_engine_check_fork (struct ba_engine *e) {
  if (e->open && !ba_owner_is_here(&e->owner)) abandon(e);
}

/* A socket that couldn't be watched makes libcurl give up on the handle, for
   good: its calls end, a new one takes its place. */
static void replace_multi (struct ba_engine *e) {
  stop_all(e, BA_SYSTEM, "a socket couldn't be watched");
  close_multi(e);
  e->broken = !open_multi(e);
}

/* A loop that can't watch it would never hear of the end of a call. */
static const char *open_fd (struct ba_engine *e) {
  if (!e->watched || ba_poller_fd(&e->poller) >= 0) return NULL;
  return lacking(e);
}

const char *ba_engine_ready (struct ba_engine *e) {
  const char *why = NULL;
  ba_engine_check_fork(e);
  e->code = 0;
  if (!e->open) why = open_engine(e);
  else if (e->broken) replace_multi(e);
  if (e->broken) why = lacking(e);
  return why ? why : open_fd(e);
}

static void close_for (struct ba_engine *e, enum ba_kind kind,
                       const char *why) {
  ba_engine_check_fork(e);
  if (!e->open) return;
  end_all(e, kind, why);
  close_multi(e);
  close_rest(e);
}

void ba_engine_close (struct ba_engine *e) {
  close_for(e, BA_CANCELLED, "the engine was closed");
}

void ba_engine_fail (struct ba_engine *e, const char *why) {
  close_for(e, BA_SYSTEM, why);
}

/* --- start --------------------------------------------------------------- */

static void set_deadline (struct ba_engine *e) {
  if (e->open) ba_poller_set_deadline(&e->poller, ba_engine_due(e));
}

void ba_engine_refuse (struct ba_engine *e, struct ba_transfer *t,
                       enum ba_kind kind, const char *text) {
  t->entry.engine = e;
  if (kind == BA_SYSTEM) t->outcome.code = e->code;
  stop(e, t, kind, text);
  set_deadline(e);
}

/* When one that runs is ended: its time is up, or nothing has moved for too
   long. While its owner has a chunk to take it is the owner who is silent. */
static int64_t deadline_of (const struct ba_transfer *t) {
  int64_t until = t->entry.until + GRACE_US;
  int64_t silent = t->progress.moved_at + t->request.idle_ms * 1000;
  if (t->request.idle_ms == 0 || t->is_paused) return until;
  return silent < until ? silent : until;
}

static const struct ba_roots *roots_of (struct ba_engine *e) {
  if (!e->roots_known) ba_roots_find(&e->roots);
  e->roots_known = true;
  return &e->roots;
}

void ba_engine_start (struct ba_engine *e, struct ba_transfer *t) {
  int64_t now = ba_now();
  struct ba_entry *entry = &t->entry;
  entry->engine = e;
  entry->until = now + t->request.timeout_ms * 1000;
  entry->connect_until = now + t->request.connect_ms * 1000;
  if (ba_transfer_setup(t, &HOOKS, &e->sockets, roots_of(e))) {
    ba_queue_push(&e->queue, t);
    ba_timeline_add(&e->timeline, t, entry->until < entry->connect_until
                                       ? entry->until : entry->connect_until);
  }
  else end(e, t);
  set_deadline(e);
}

void ba_engine_timer (struct ba_engine *e, struct ba_transfer *t,
                      int64_t us) {
  t->entry.engine = e;
  t->entry.state = BA_RUNNING;
  ba_list_move(t, &e->timers);
  ba_timeline_add(&e->timeline, t, ba_now() + us);
  set_deadline(e);
}

void ba_engine_cancel (struct ba_transfer *t, const char *why) {
  struct ba_engine *e = t->entry.engine;
  if (!e || t->entry.state == BA_DONE) return;
  ba_engine_check_fork(e);
  if (t->entry.state == BA_DONE) return;
  stop(e, t, BA_CANCELLED, why);
  set_deadline(e);
}

bool ba_engine_has_news (struct ba_transfer *t) {
  return ba_engine_is_done(t) || t->entry.news;
}

/* The clock of its silence begins anew. libcurl may give it the next bytes in
   here; what it has given up on ends with the next step. */
static void resume (struct ba_engine *e, struct ba_transfer *t) {
  CURLcode code;
  t->is_paused = false;
  t->progress.moved_at = ba_now();
  ba_timeline_remove(&e->timeline, t);
  ba_timeline_add(&e->timeline, t, deadline_of(t));
  if (e->broken) return;
  code = curl_easy_pause(t->easy, CURLPAUSE_CONT);
  if (code) {
    ba_transfer_finish(t, code);
    end(e, t);
  }
  if (e->broken) e->ended = true;
}

void ba_engine_taken (struct ba_transfer *t) {
  struct ba_engine *e = t->entry.engine;
  t->entry.news = false;
  if (!e || t->entry.state != BA_RUNNING) return;
  if (t->entry.list == &e->telling) ba_list_move(t, &e->running);
  if (t->is_paused) resume(e, t);
  set_deadline(e);
}

bool ba_engine_is_done (struct ba_transfer *t) {
  if (t->entry.engine) ba_engine_check_fork(t->entry.engine);
  return t->entry.state == BA_DONE;
}

void ba_engine_drop (struct ba_transfer *t) {
  ba_engine_cancel(t, "the call was dropped");
  ba_list_remove(t);
  t->entry.engine = NULL;
}

/* --- step ---------------------------------------------------------------- */

/* As libcurl takes it: a long, which has 32 bits on some machines. */
static long left_ms (int64_t until, int64_t now) {
  int64_t left = (until - now + 999) / 1000;
  return left < LONG_MAX ? (long)left : LONG_MAX;
}

static bool is_late (const struct ba_transfer *t, int64_t now) {
  return t->entry.until <= now || t->entry.connect_until <= now;
}

/* Of one that isn't late: to libcurl 0 is no limit. */
static CURLcode set_times (struct ba_transfer *t, int64_t now) {
  CURLcode code = curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS,
                                   left_ms(t->entry.until, now));
  if (!code)
    code = curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS,
                            left_ms(t->entry.connect_until, now));
  return code;
}

static void hold_paused (struct ba_engine *e, const struct ba_list *calls) {
  const struct ba_transfer *t;
  for (t = calls->first; t; t = t->entry.next)
    if (t->is_paused) ba_sockets_hold(&e->sockets, t);
}

/* Is there an open connection that t may take? */
static bool is_usable (struct ba_engine *e, const struct ba_transfer *t) {
  if (t->fresh) return false;
  if (!e->sockets.checked) {
    ba_sockets_let_go(&e->sockets);
    hold_paused(e, &e->running);
    hold_paused(e, &e->telling);
  }
  return ba_sockets_check(&e->sockets, &e->poller, t);
}

/* Gives t to libcurl with what is left of its time. False: no memory. */
static bool add (struct ba_engine *e, struct ba_transfer *t, int64_t now) {
  size_t keep = t->fresh ? 0 : (size_t)e->sockets.keep;
  size_t running = e->running.count + e->telling.count;
  bool crowded = running >= CROWD && running >= keep;
  bool usable = is_usable(e, t);
  bool foreign = ba_proxy_is_foreign(&e->tunnels, &t->tunnel);
  return !set_times(t, now)
         && !ba_transfer_set_reuse(t, usable, crowded, foreign)
         && !ba_transfer_set_resolve(t, &e->pins)
         && !curl_multi_add_handle(e->multi, t->easy);
}

static void launch (struct ba_engine *e, struct ba_transfer *t, int64_t now) {
  ba_timeline_remove(&e->timeline, t);
  if (is_late(t, now))
    stop(e, t, BA_TIMEOUT, "no time was left to begin");
  else if (!add(e, t, now))
    stop(e, t, BA_SYSTEM, "not enough memory");
  else {
    t->entry.state = BA_RUNNING;
    ba_list_move(t, &e->running);
    t->progress.moved_at = now;
    ba_timeline_add(&e->timeline, t, deadline_of(t));
  }
}

static void launch_some (struct ba_engine *e, int64_t now) {
  int i;
  e->sockets.checked = false;
  for (i = 0; i < STARTS_A_STEP; i++) {
    struct ba_transfer *t = ba_queue_next(&e->queue, now);
    if (!t) return;
    launch(e, t, now);
  }
}

/* Only the directory of roots failed, nothing was sent: with the bundle. */
static bool try_bundle (struct ba_engine *e, struct ba_transfer *t,
                        CURLcode code) {
  int64_t now = ba_now();
  if (!code || is_late(t, now) || !ba_transfer_retry_ca(t, code)) return false;
  curl_multi_remove_handle(e->multi, t->easy);
  if (!set_times(t, now) && !curl_multi_add_handle(e->multi, t->easy))
    return true;
  ba_list_move(t, &e->queue.ready);     /* no longer libcurl's */
  stop(e, t, BA_SYSTEM, "not enough memory");
  return true;
}

static void collect (struct ba_engine *e) {
  int left;
  CURLMsg *message = curl_multi_info_read(e->multi, &left);
  for (; message; message = curl_multi_info_read(e->multi, &left)) {
    CURLcode code = message->data.result;       /* dies with the handle */
    struct ba_transfer *t = NULL;
    if (message->msg != CURLMSG_DONE) continue;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &t);
    if (try_bundle(e, t, code)) continue;
    ba_transfer_finish(t, code);
    end(e, t);
  }
}

static void act (struct ba_engine *e, curl_socket_t fd, int bits) {
  int running;
  if (e->broken) return;
  if (curl_multi_socket_action(e->multi, fd, bits, &running))
    e->broken = true;
  collect(e);
  /* a socket that libcurl had no memory to note is half there: a pause would
     divide by its zero slots (7.88) */
  if (!e->broken) wake_stalled(e);
}

/* What has moved meanwhile has put it off. */
static void pass_running (struct ba_engine *e, struct ba_transfer *t,
                          int64_t now) {
  int64_t deadline = deadline_of(t);
  if (deadline > now) {
    ba_timeline_remove(&e->timeline, t);
    ba_timeline_add(&e->timeline, t, deadline);
  }
  else if (deadline < t->entry.until)
    stop(e, t, BA_TIMEOUT, "nothing has moved for too long");
  else stop(e, t, BA_TIMEOUT, "the time was up");
}

/* It waited for the server's name. Since 8.20 libcurl says nothing of what the
   lookup lacks. */
static void pass_waiting (struct ba_engine *e, struct ba_transfer *t) {
  char text[BA_TEXT_MAX];
  t->outcome.code = ba_cause_of_no_lookup(text, sizeof text);
  if (t->outcome.code == 0) {
    stop(e, t, BA_TIMEOUT, "the time was up while it waited for the server's "
                           "name to resolve");
    return;
  }
  t->outcome.curl_code = CURLE_COULDNT_RESOLVE_HOST;
  stop(e, t, BA_SYSTEM, text);
}

static void pass_deadline (struct ba_engine *e, struct ba_transfer *t,
                           int64_t now) {
  if (t->entry.list == &e->timers) end(e, t);
  else if (is_running(e, t)) pass_running(e, t, now);
  else pass_waiting(e, t);
}

static void run_due (struct ba_engine *e) {
  int64_t now = ba_now();
  while (e->timeline.soonest && e->timeline.soonest->entry.deadline <= now)
    pass_deadline(e, e->timeline.soonest, now);
  launch_some(e, now);
  if (e->curl_due < 0 || e->curl_due > ba_now()) return;
  e->curl_due = -1;
  act(e, CURL_SOCKET_TIMEOUT, 0);
}

static void dispatch (struct ba_engine *e, const struct ba_event *event) {
  int bits = 0;
  /* an earlier event of this batch may have closed it */
  if (!ba_poller_is_current(&e->poller, event)) return;
  if (event->bits & BA_READ) bits |= CURL_CSELECT_IN;
  if (event->bits & BA_WRITE) bits |= CURL_CSELECT_OUT;
  act(e, event->fd, bits);
}

static int wait_ms (const struct ba_engine *e, int ms) {
  int64_t due = ba_engine_due(e);
  int64_t left = due - ba_now();
  if (due < 0) return ms;
  if (left <= 0) return 0;
  left = (left + 999) / 1000;
  return ms < 0 || left < ms ? (int)(left < 60000 ? left : 60000) : ms;
}

static void step (struct ba_engine *e, int ms) {
  struct ba_event events[EVENTS];
  int i, n;
  if (!e->ended) run_due(e);
  if (e->ended || e->broken) ms = 0;    /* nothing may ever wake a wait */
  n = ba_poller_wait(&e->poller, events, EVENTS, wait_ms(e, ms));
  for (i = 0; i < n; i++)
    dispatch(e, &events[i]);
  run_due(e);
  if (e->broken) replace_multi(e);
}

/* Nothing runs in one that couldn't be opened. */
void ba_engine_step (struct ba_engine *e, int ms) {
  if (e->open) step(e, ms);
  e->ended = false;
  set_deadline(e);
}

int64_t ba_engine_due (const struct ba_engine *e) {
  const struct ba_transfer *t = e->timeline.soonest;
  int64_t due = e->curl_due;
  if (e->ended || e->queue.ready.count > 0) return 0;
  return t && (due < 0 || t->entry.deadline < due) ? t->entry.deadline : due;
}

size_t ba_engine_count (const struct ba_engine *e) {
  return e->queue.ready.count + e->queue.parked.count + e->running.count
         + e->telling.count + e->timers.count;
}

size_t ba_engine_count_done (const struct ba_engine *e) {
  return e->done.count;
}

struct ba_transfer *ba_engine_first_done (const struct ba_engine *e) {
  return e->done.first;
}

struct ba_transfer *ba_engine_next_telling (struct ba_engine *e) {
  struct ba_transfer *t = e->telling.first;
  if (t) ba_list_move(t, &e->running);
  return t;
}

int ba_engine_fd (struct ba_engine *e) {
  int fd = e->open ? ba_poller_fd(&e->poller) : -1;
  e->watched = true;
  set_deadline(e);
  return fd;
}
