/* SPDX-License-Identifier: MIT */
/* What Ctrl-C leaves of a call: an error that is raised, with `interrupted`,
   `sent` and `method`. */
#include "system.h"
#include "interrupt.h"

#include "raise.h"

#include <signal.h>
#include <string.h>

#define LAST "botapi.interruption"
#define POSTPONED "botapi.postponed"

static void push_error (lua_State *L, const struct ba_outcome *o,
                        const struct ba_context *context) {
  static const char text[] = "interrupted";
  struct ba_outcome interrupted = *o;
  memcpy(interrupted.text, text, sizeof text);
  ba_failure_push(L, &interrupted, context);
  lua_remove(L, -2);                    /* the nil before it */
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "interrupted");
}

/* --- for the command ----------------------------------------------------- */

static volatile sig_atomic_t signalled;
static struct sigaction before;

/* The interpreter's own handler raises an error, as it would have. */
static void on_signal (int number) {
  signalled = 1;
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
    before.sa_handler(number);
}

int ba_interrupt_watch (lua_State *L) {
  struct sigaction action;
  (void)L;
  sigaction(SIGINT, NULL, &action);
  if (action.sa_handler == on_signal) return 0;
  before = action;
  memset(&action, 0, sizeof action);
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, NULL);
  return 0;
}

/* --- raising ------------------------------------------------------------- */

/* The text on top was, or will be, raised for the object below it, which is
   kept for ba_interrupt_of. stack: … object text */
static void keep (lua_State *L) {
  lua_setfield(L, -2, "shown");
  lua_setfield(L, LUA_REGISTRYINDEX, LAST);
}

/* The prompt of Lua 5.1 shows no error that isn't a string: there its text is
   raised. */
void ba_interrupt_replace (lua_State *L, const struct ba_outcome *o,
                           const struct ba_context *context) {
  signalled = 0;
  push_error(L, o, context);
  lua_insert(L, -2);
  lua_setfield(L, -2, "raised");
  if (!ba_prompt_shows_objects(L)) {
    luaL_callmeta(L, -1, "__tostring");
    lua_pushvalue(L, -1);
    lua_insert(L, -3);                  /* stack: … text object text */
    keep(L);
  }
}

static void raise_postponed (lua_State *L, lua_Debug *ar) {
  (void)ar;
  lua_sethook(L, NULL, 0, 0);
  lua_getfield(L, LUA_REGISTRYINDEX, POSTPONED);
  ba_raise(L);
}

void ba_interrupt_postpone (lua_State *L, lua_State *thread) {
  lua_setfield(L, LUA_REGISTRYINDEX, POSTPONED);
  lua_sethook(thread, raise_postponed,
              LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

bool ba_interrupt_is_postponed (lua_State *thread) {
  return lua_gethook(thread) == raise_postponed;
}

/* --- what was raised ----------------------------------------------------- */

static bool is_error_object (lua_State *L, int index) {
  bool same;
  if (!lua_istable(L, index) || !lua_getmetatable(L, index)) return false;
  luaL_getmetatable(L, BA_ERROR);
  same = lua_rawequal(L, -1, -2) != 0;
  lua_pop(L, 2);
  return same;
}

/* Pushes the object whose text was raised, or nothing. */
static bool push_last (lua_State *L, int index) {
  lua_getfield(L, LUA_REGISTRYINDEX, LAST);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "shown");
    if (lua_rawequal(L, index, -1)) {
      lua_pop(L, 1);
      return true;
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return false;
}

/* Ctrl-C while no call ran. */
static void push_between (lua_State *L) {
  static const struct ba_context nobody = {NULL, NULL, NULL, 0, NULL, NULL};
  static const struct ba_outcome unsent = {
    BA_CANCELLED, BA_SENT_NO, BA_NO_PROBLEM, 0, 0, 0, -1, "", ""};
  push_error(L, &unsent, &nobody);
}

int ba_interrupt_of (lua_State *L) {
  lua_settop(L, 1);
  if (is_error_object(L, 1)) {
    lua_getfield(L, 1, "interrupted");
    if (lua_toboolean(L, -1)) lua_settop(L, 1);
    else lua_pushnil(L);
    return 1;
  }
  if (push_last(L, 1)) return 1;
  if (!signalled || !lua_isstring(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  signalled = 0;
  push_between(L);
  lua_pushvalue(L, -1);
  lua_pushvalue(L, 1);
  keep(L);
  return 1;
}
