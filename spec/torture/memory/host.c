/* SPDX-License-Identifier: MIT */
/* Fails one allocation after the other: of Lua, of the module (linked in,
   malloc wrapped), of libcurl, of its TLS library. Each run is a Lua state of
   its own; after it nothing may be left, and every claim must be true.

     host <scenarios.lua> <scenario> <lua|module|curl|tls> <once|from>
          <ca> <pem> <key> [first [last [step]]]

   Prints: "<runs> runs, <failures> failures". */
#define _GNU_SOURCE
#include "../peer.h"

#include <curl/curl.h>
#include <dirent.h>
#include <limits.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <openssl/crypto.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int luaopen_botapi_core (lua_State *L);

void *__real_malloc (size_t n);
void *__real_calloc (size_t count, size_t n);
void *__real_realloc (void *p, size_t n);
void __real_free (void *p);
void *__wrap_malloc (size_t n);
void *__wrap_calloc (size_t count, size_t n);
void *__wrap_realloc (void *p, size_t n);
void __wrap_free (void *p);

enum family { LUA, MODULE, LIBCURL, TLS, FAMILIES };

static const char *const names[] = {"lua", "module", "curl", "tls"};

static struct {
  enum family chosen;
  bool forever;                 /* from the n-th on, else the n-th alone */
  bool armed;
  bool regrown;                 /* what failed was to enlarge a block */
  long n, count;
  long live[FAMILIES];
} memory;

static __thread bool is_ours;   /* only what the main thread wants fails */

static struct peer *plain, *secure;
static long failures, runs;
static double slowest;

/* --- memory -------------------------------------------------------------- */

static bool fails (enum family family) {
  if (!memory.armed || family != memory.chosen || !is_ours) return false;
  memory.count++;
  return memory.forever ? memory.count >= memory.n : memory.count == memory.n;
}

static void count (enum family family, long more) {
  __atomic_add_fetch(&memory.live[family], more, __ATOMIC_RELAXED);
}

static void *get (enum family family, size_t n) {
  void *p = fails(family) ? NULL : __real_malloc(n ? n : 1);
  if (p) count(family, 1);
  return p;
}

static void put (enum family family, void *p) {
  if (p) count(family, -1);
  __real_free(p);
}

static void *get_zeroed (enum family family, size_t n, size_t size) {
  void *p = fails(family) ? NULL : __real_calloc(n ? n : 1, size ? size : 1);
  if (p) count(family, 1);
  return p;
}

static void *change (enum family family, void *old, size_t n) {
  void *p = NULL;
  if (fails(family)) memory.regrown = old != NULL;
  else p = __real_realloc(old, n ? n : 1);
  if (p && !old) count(family, 1);
  return p;
}

void *__wrap_malloc (size_t n) { return get(MODULE, n); }
void __wrap_free (void *p) { put(MODULE, p); }
void *__wrap_calloc (size_t n, size_t size) {
  return get_zeroed(MODULE, n, size);
}
void *__wrap_realloc (void *p, size_t n) { return change(MODULE, p, n); }

static void *curl_get (size_t n) { return get(LIBCURL, n); }
static void curl_put (void *p) { put(LIBCURL, p); }
static void *curl_zeroed (size_t n, size_t size) {
  return get_zeroed(LIBCURL, n, size);
}
static void *curl_change (void *p, size_t n) { return change(LIBCURL, p, n); }
static char *curl_text (const char *s) {
  size_t n = strlen(s) + 1;
  char *p = get(LIBCURL, n);
  if (p) memcpy(p, s, n);
  return p;
}

static void *tls_get (size_t n, const char *file, int line) {
  (void)file;
  (void)line;
  return get(TLS, n);
}
static void *tls_change (void *p, size_t n, const char *file, int line) {
  (void)file;
  (void)line;
  return change(TLS, p, n);
}
static void tls_put (void *p, const char *file, int line) {
  (void)file;
  (void)line;
  put(TLS, p);
}

/* Lua's: what shrinks never fails. */
static void *lua_memory (void *unused, void *p, size_t old, size_t n) {
  (void)unused;
  if (n == 0) {
    put(LUA, p);
    return NULL;
  }
  if (!p) return get(LUA, n);
  return n <= old ? __real_realloc(p, n) : change(LUA, p, n);
}

/* --- what is left -------------------------------------------------------- */

static int descriptors (void) {
  DIR *directory = opendir("/proc/self/fd");
  int n = 0;
  while (readdir(directory))
    n++;
  closedir(directory);
  return n - 3;
}

static void wrong (const char *scenario, const char *text) {
  failures++;
  printf("%s, %s memory, %s %ld: %s\n", scenario, names[memory.chosen],
         memory.forever ? "from" : "only", memory.n, text);
  fflush(stdout);
}

struct left {
  long live[FAMILIES];
  int fds;
};

static struct left look (void) {
  struct left left;
  peer_settle(plain);
  peer_settle(secure);
  memcpy(left.live, memory.live, sizeof left.live);
  left.fds = descriptors();
  return left;
}

static bool same (const struct left *a, const struct left *b) {
  return a->live[LUA] == b->live[LUA] && a->live[MODULE] == b->live[MODULE]
         && a->live[LIBCURL] == b->live[LIBCURL] && a->fds == b->fds;
}

/* A resolver's thread may still end: up to a second. */
static void compare (const char *scenario, const struct left *before) {
  struct left after = look();
  char text[160];
  int i;
  for (i = 0; i < 100 && !same(before, &after); i++) {
    usleep(10000);
    after = look();
  }
  if (same(before, &after)) return;
  snprintf(text, sizeof text, "left over: lua %+ld, module %+ld, curl %+ld, "
           "descriptors %+d", after.live[LUA] - before->live[LUA],
           after.live[MODULE] - before->live[MODULE],
           after.live[LIBCURL] - before->live[LIBCURL],
           after.fds - before->fds);
  wrong(scenario, text);
}

/* --- one run ------------------------------------------------------------- */

struct plan {
  const char *file, *scenario, *ca;
};

static int prepare (lua_State *L) {
  const struct plan *plan = lua_touserdata(L, 1);
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_botapi_core);
  lua_setfield(L, -2, "botapi.core");
  if (luaL_loadfile(L, plan->file)) return lua_error(L);
  lua_pushstring(L, plan->scenario);
  lua_pushinteger(L, peer_port(plain));
  lua_pushinteger(L, peer_port(secure));
  lua_pushstring(L, plan->ca);
  lua_call(L, 4, 2);                    /* the body, the judge */
  return 2;
}

/* Since 5.4.5 Lua collects no garbage while it enlarges its own stack, so that
   one failing allocation is enough. */
static bool may_raise (void) {
  return LUA_VERSION_RELEASE_NUM >= 50405 && memory.regrown;
}

/* stack: body judge */
static void judge (lua_State *L, const char *scenario, int status, int seen) {
  lua_pushvalue(L, 2);
  lua_pushboolean(L, status == LUA_OK);
  if (status == LUA_OK) lua_pushnil(L);
  else lua_pushvalue(L, 3);
  lua_pushinteger(L, seen);
  lua_pushstring(L, names[memory.chosen]);
  lua_pushboolean(L, memory.count >= memory.n);
  lua_pushboolean(L, memory.forever || may_raise());
  if (lua_pcall(L, 6, 1, 0) || !lua_isnil(L, -1))
    wrong(scenario, lua_tostring(L, -1) ? lua_tostring(L, -1) : "?");
}

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run (const struct plan *plan) {
  lua_State *L = lua_newstate(lua_memory, NULL);
  int status, seen;
  double took;
  lua_pushcfunction(L, prepare);
  lua_pushlightuserdata(L, (void *)(uintptr_t)plan);
  if (lua_pcall(L, 1, 2, 0)) {
    wrong(plan->scenario, lua_tostring(L, -1));
    lua_close(L);
    return;
  }
  lua_settop(L, 2);
  peer_settle(plain);
  peer_settle(secure);
  took = now();
  lua_pushvalue(L, 1);
  memory.count = 0;
  memory.regrown = false;
  memory.armed = true;
  status = lua_pcall(L, 0, 0, 0);
  memory.armed = false;
  took = now() - took;
  if (took > slowest) slowest = took;
  seen = peer_settle(plain) + peer_settle(secure);
  judge(L, plan->scenario, status, seen);
  lua_close(L);
  runs++;
}

/* --- all of them --------------------------------------------------------- */

static int find (const char *word, const char *const *list, int n) {
  int i;
  for (i = 0; i < n && strcmp(word, list[i]) != 0; i++)
    ;
  return i;
}

static void try_all (const struct plan *plan, long first, long last,
                     long step) {
  struct left before;
  bool trace = getenv("TORTURE_TRACE") != NULL;
  memory.n = LONG_MAX;                  /* what is made once, is made now */
  run(plan);
  run(plan);
  before = look();
  for (memory.n = first; memory.n <= last; memory.n += step) {
    if (trace) fprintf(stderr, "%ld\n", memory.n);
    run(plan);
    compare(plan->scenario, &before);
    before = look();
    if (memory.count < memory.n) return;
  }
}

int main (int n, char **words) {
  struct plan plan;
  if (n < 8) return 2;
  CRYPTO_set_mem_functions(tls_get, tls_change, tls_put);
  is_ours = true;
  plan.file = words[1];
  plan.scenario = words[2];
  plan.ca = words[5];
  memory.chosen = (enum family)find(words[3], names, FAMILIES);
  memory.forever = strcmp(words[4], "from") == 0;
  if (memory.chosen == FAMILIES) return 2;
  if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, curl_get, curl_put,
                           curl_change, curl_text, curl_zeroed))
    return 2;
  plain = peer_start(NULL, NULL);
  secure = peer_start(words[6], words[7]);
  if (!plain || !secure) return 2;
  try_all(&plan, n > 8 ? atol(words[8]) : 1, n > 9 ? atol(words[9]) : 100000,
          n > 10 ? atol(words[10]) : 1);
  printf("%ld runs, %ld failures, %.2f s at most\n", runs, failures, slowest);
  return failures > 0;
}
