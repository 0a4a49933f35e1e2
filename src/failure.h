/* SPDX-License-Identifier: MIT */
/* Pushes nil and an error object: the only place that does. */
#ifndef BA_FAILURE_H
#define BA_FAILURE_H

#include "compat.h"
#include "outcome.h"

#define BA_ERROR "botapi.error"

/* Whose failure it is: the method, and what must not show in the text. */
struct ba_context {
  const char *method;           /* NULL: none */
  const char *parameter;        /* whose file failed, or NULL */
  const char *token;            /* NULL: none; more may follow: redact.h */
  size_t token_len;
  const char *content;          /* what is wrong with an answer, or NULL */
  const char *location;         /* where it redirects to, or NULL */
};

void ba_failure_open (lua_State *L);
/* Pushes nil and the error object: returns 2. */
int ba_failure_push (lua_State *L, const struct ba_outcome *o,
                     const struct ba_context *context);
/* error{kind =, sent =, cause =, …} -> error object; its `message`, unless
   one is given, is made of `method`, `cause` and `sent` */
int ba_failure_new (lua_State *L);

#endif
