/* SPDX-License-Identifier: MIT */
/* The userdata of an engine, and the default engine of a Lua state. */
#include "system.h"
#include "engine_object.h"

#include "poller.h"
#include "raise.h"

#include <string.h>

struct object {
  bool closed;                  /* by its user: for good */
  bool collected;               /* nobody will close it any more */
  bool is_default;              /* each call closes it, then */
  union { int64_t integer; void *pointer; } engine[];   /* ba_engine_size */
};

static struct object *check (lua_State *L, int index) {
  return ba_check_self(L, index, BA_ENGINE);
}

static struct ba_engine *engine_of (struct object *object) {
  void *engine = object->engine;
  return engine;
}

static bool is_usable (const struct object *object) {
  return !object->closed && (!object->collected || object->is_default);
}

void ba_engine_object_check (lua_State *L, int index) {
  if (!is_usable(check(L, index)))
    ba_raise_text(L, "the engine is closed");
}

struct ba_engine *ba_engine_object_get (lua_State *L, int index,
                                        const char **why) {
  struct ba_engine *e = engine_of(check(L, index));
  ba_engine_object_check(L, index);
  *why = ba_engine_ready(e);
  return e;
}

/* Its user value anchors the calls that run, by transfer. */
static struct object *push_object (lua_State *L, int keep) {
  struct object *object = lua_newuserdata(L, sizeof *object
                                             + ba_engine_size());
  memset(object, 0, sizeof *object);
  ba_engine_init(engine_of(object), keep);
  luaL_setmetatable(L, BA_ENGINE);
  lua_newtable(L);
  lua_setuservalue(L, -2);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.engines");
  lua_pushvalue(L, -2);
  lua_pushboolean(L, 1);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  return object;
}

int ba_engine_object_new (lua_State *L) {
  lua_Number keep = (int)BA_KEEP_DEFAULT;
  lua_settop(L, 1);
  if (!lua_isnil(L, 1)) {
    ba_check_type(L, 1, LUA_TTABLE);
    lua_pushnil(L);
    while (lua_next(L, 1)) {
      if (lua_type(L, -2) != LUA_TSTRING
          || strcmp(lua_tostring(L, -2), "keep") != 0)
        ba_raise_arg(L, 1, "unknown option: an engine has only 'keep'");
      keep = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
      lua_pop(L, 1);
    }
  }
  if (!(1 <= keep && keep <= (int)BA_KEEP_MAX))
    ba_raise_arg(L, 1, "option 'keep': a number from 1 to 10000 expected");
  push_object(L, (int)keep);
  return 1;
}

void ba_engine_object_default (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.default");
  if (check(L, -1)->collected) ba_stop_closing_collector(L);
}

void ba_engine_object_after (lua_State *L) {
  struct object *object;
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.default");
  object = check(L, -1);
  lua_pop(L, 1);
  if (object->collected) ba_engine_close(engine_of(object));
}

/* --- calls --------------------------------------------------------------- */

void ba_engine_object_keep (lua_State *L, int index,
                            struct ba_transfer *t) {
  lua_getuservalue(L, index);           /* stack: value anchors */
  lua_pushlightuserdata(L, t);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 2);
}

void ba_engine_object_let_go (lua_State *L, int index,
                              struct ba_transfer *t) {
  lua_pushnil(L);
  ba_engine_object_keep(L, index < 0 ? index - 1 : index, t);
}

/* The iterator: each call that is done and wasn't reported or asked for its
   result yet, once; and one that has news, each time. Until it takes them its
   owner alone keeps it: nobody else would let it go on. */
static int next_finished (lua_State *L) {
  struct ba_engine *e = engine_of(check(L, 1));
  struct ba_transfer *t;
  ba_engine_check_fork(e);
  lua_settop(L, 1);
  lua_getuservalue(L, 1);
  do {
    t = ba_engine_next_telling(e);
    if (!t) t = ba_engine_first_done(e);
    if (!t) return 0;
    lua_settop(L, 2);
    lua_pushlightuserdata(L, t);
    lua_rawget(L, 2);                   /* stack: engine anchors call */
    ba_engine_object_let_go(L, 1, t);
    if (ba_engine_is_done(t)) ba_engine_drop(t);
  } while (lua_isnil(L, 3));            /* it ended before news were taken */
  return 1;
}

static int finished (lua_State *L) {
  check(L, 1);
  lua_settop(L, 1);
  lua_pushcfunction(L, next_finished);
  lua_insert(L, 1);
  return 2;
}

/* --- stepping ------------------------------------------------------------ */

static int read_wait_ms (lua_State *L, int arg) {
  lua_Number seconds;
  if (lua_isnoneornil(L, arg)) return -1;
  seconds = ba_check_number(L, arg);
  if (!(0 <= seconds)) ba_raise_arg(L, arg, "seconds must not be negative");
  return seconds < 2e6 ? (int)(seconds * 1000 + 0.999) : 2000000000;
}

/* The first argument, which may not be open: nothing runs in it, then. */
static struct ba_engine *check_usable (lua_State *L) {
  struct ba_engine *e = engine_of(check(L, 1));
  ba_engine_object_check(L, 1);
  ba_engine_check_fork(e);
  return e;
}

static int step (lua_State *L) {
  struct ba_engine *e = check_usable(L);
  int ms = read_wait_ms(L, 2);
  if (ba_engine_count(e) == 0) ms = 0;  /* there is nothing to wait for */
  ba_engine_step(e, ms);
  lua_pushinteger(L, (lua_Integer)ba_engine_count(e));
  return 1;
}

static int fail (lua_State *L) {
  struct ba_engine *e = engine_of(check(L, 1));
  ba_engine_fail(e, luaL_checkstring(L, 2));
  return 0;
}

static int pollfd (lua_State *L) {
  const char *why;
  int fd = ba_engine_fd(ba_engine_object_get(L, 1, &why));
  if (fd < 0) ba_raise_text(L, "no descriptor is left");
  lua_pushinteger(L, fd);
  return 1;
}

static int events (lua_State *L) {
  check(L, 1);
  lua_pushliteral(L, "r");
  return 1;
}

/* Seconds until the next step has something to do, nil: it depends on the
   descriptor alone. */
static int timeout (lua_State *L) {
  int64_t due = ba_engine_due(check_usable(L));
  int64_t left = due - ba_now();
  if (due < 0) return 0;
  lua_pushnumber(L, left > 0 ? (lua_Number)left / 1e6 : 0);
  return 1;
}

static int dirty (lua_State *L) {
  int64_t due = ba_engine_due(check_usable(L));
  lua_pushboolean(L, due >= 0 && due <= ba_now());
  return 1;
}

/* --- life ---------------------------------------------------------------- */

static int close_engine (lua_State *L) {
  struct object *object = check(L, 1);
  object->closed = true;
  ba_engine_close(engine_of(object));
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.engines");
  if (!lua_istable(L, -1)) return 0;
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  lua_rawset(L, -3);
  return 0;
}

/* The calls that are done keep their outcome, but leave the engine, whose
   memory goes. While the state closes, another finalizer may still call. */
static int collect (lua_State *L) {
  struct object *object = check(L, 1);
  struct ba_engine *e = engine_of(object);
  struct ba_transfer *t;
  object->collected = true;
  ba_engine_close(e);
  for (t = ba_engine_first_done(e); t; t = ba_engine_first_done(e))
    ba_engine_drop(t);
  return 0;
}

static int show (lua_State *L) {
  struct object *object = check(L, 1);
  const struct ba_engine *e = engine_of(object);
  if (object->closed) lua_pushliteral(L, "botapi.engine: closed");
  else lua_pushfstring(L, "botapi.engine: %d running, %d finished",
                       (int)ba_engine_count(e), (int)ba_engine_count_done(e));
  return 1;
}

int ba_engine_object_live (lua_State *L) {
  int engines = 0;
  size_t calls = 0;
  lua_settop(L, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.engines");
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.default");
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    const struct ba_engine *e = engine_of(check(L, -2));
    if (!lua_rawequal(L, -2, 2)) engines++;
    calls += ba_engine_count(e) + ba_engine_count_done(e);
    lua_pop(L, 1);
  }
  lua_createtable(L, 0, 2);
  lua_pushinteger(L, engines);
  lua_setfield(L, -2, "engines");
  lua_pushinteger(L, (lua_Integer)calls);
  lua_setfield(L, -2, "calls");
  return 1;
}

void ba_engine_object_open (lua_State *L) {
  static const luaL_Reg none[] = {{NULL, NULL}};
  static const luaL_Reg methods[] = {
    {"finished", finished}, {"step", step}, {"pollfd", pollfd},
    {"getfd", pollfd}, {"events", events}, {"timeout", timeout},
    {"dirty", dirty}, {"fail", fail}, {"close", close_engine}, {NULL, NULL}};
  static const luaL_Reg meta[] = {
    {"__gc", collect}, {"__close", close_engine}, {"__tostring", show},
    {NULL, NULL}};
  ba_new_class(L, BA_ENGINE, meta, none);
  ba_add_methods(L, BA_ENGINE, methods);
  lua_newtable(L);                      /* botapi.engines: weak keys */
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.engines");
  /* opened by the first call */
  push_object(L, BA_KEEP_DEFAULT)->is_default = true;
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.default");
}
