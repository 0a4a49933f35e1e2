/* SPDX-License-Identifier: MIT */
/* A method's parameters: a Lua table in, a body out, or its parts. */
#ifndef BA_PARAMS_H
#define BA_PARAMS_H

#include "compat.h"
#include "request.h"

#include <stdbool.h>

/* Whose parameters are read. */
struct ba_params_of {
  const char *method;           /* its name; NULL: nobody knows */
  int known;                    /* stack index of the table of what is known
                                   of its parameters; 0: nothing is */
  bool strict;                  /* they are checked, there are no others */
  const char *token;            /* no error repeats it; NULL: none is known */
  size_t token_len;
};

/* Reads the parameters at stack index `arg` (a table, or nothing) into
   r->body, or r->parts where there are files; on top is left what these
   borrow from, or nil. What is known of them decides how they are sent. Raises
   with the name of what is wrong. False: a hook raised what is on top of the
   stack. */
bool ba_params_read (lua_State *L, int arg, const struct ba_params_of *of,
                     struct ba_request *r);
/* not_plain(table) -> why its content can't be listed, or nil */
int ba_params_not_plain (lua_State *L);
/* escape(text) -> the text as a form has it */
int ba_params_escape (lua_State *L);

#endif
