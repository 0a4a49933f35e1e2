/* SPDX-License-Identifier: MIT */
/* The userdata of one call: start, wait, cancel, result. */
#ifndef BA_CALL_H
#define BA_CALL_H

#include "compat.h"
#include "engine.h"

#define BA_CALL "botapi.call"

enum ba_call_what { BA_API, BA_PROBE, BA_TIMER, BA_WEB, BA_FILE };

enum { BA_METHOD_MAX = 64 };

struct ba_call {
  struct ba_transfer transfer;
  enum ba_call_what what;
  bool settled;                 /* the result is in the user value */
  int readers;                  /* of the answer now: a finalizer may nest */
  bool collected;               /* its finalizer ran: nothing frees it again */
  enum ba_sent earlier;         /* what the calls that it goes on from sent */
  char method[BA_METHOD_MAX];   /* as it is sent; empty: none */
};

/* Where a function finds its arguments: stack indices, 0 where it has none. A
   probe has a server in place of a token. */
struct ba_arguments {
  const char *method;           /* NULL: the argument behind the token */
  bool strict;                  /* refuses what the method doesn't know */
  int server, token, params, options;
};

void ba_call_open (lua_State *L);
/* Pushes a new call of the engine object at stack index `engine`. */
struct ba_call *ba_call_new (lua_State *L, int engine);
/* The same, or the spare one; for ba_call_finish. */
struct ba_call *ba_call_take (lua_State *L, int engine);
/* The engine of the call on top keeps it until it is reported or settled. */
void ba_call_anchor (lua_State *L, struct ba_call *call);
/* Reads and checks all arguments of the call on top: raises. NULL, or what is
   wrong with the token. */
const char *ba_call_read (lua_State *L, struct ba_call *call,
                          const struct ba_arguments *args);
/* The same of a download: `token` and `options` of args, and the path that the
   server has the file by. */
const char *ba_call_read_file (lua_State *L, struct ba_call *call,
                               const struct ba_arguments *args,
                               const char *path);
/* Refuses it where the token is wrong, else launches it: call is on top, and
   is anchored. */
void ba_call_begin (lua_State *L, struct ba_call *call, const char *wrong);
/* The same, then starts the call, which is on top. */
void ba_call_start (lua_State *L, struct ba_call *call,
                    const struct ba_arguments *args);
/* The arguments are read: from here on nothing raises. */
void ba_call_launch (lua_State *L, struct ba_call *call);
/* Steps the engine until the call at `index`, which nobody else has seen, is
   done; Ctrl-C ends it. Pushes what it brought: the envelope, or nil and the
   error. */
int ba_call_finish (lua_State *L, int index, struct ba_call *call);

#endif
