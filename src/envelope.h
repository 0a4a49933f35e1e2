/* SPDX-License-Identifier: MIT */
/* Bytes of an answer in, an envelope out: JSON, integers, completion. */
#ifndef BA_ENVELOPE_H
#define BA_ENVELOPE_H

#include "compat.h"
#include "outcome.h"

#define BA_ENVELOPE "botapi.envelope"
#define BA_RESULT "botapi.result"      /* a table in one */

struct ba_answer {
  const char *body;
  size_t len;
  const struct ba_outcome *outcome;
  const char *token;            /* to be redacted when it is shown; or NULL */
  size_t token_len;
};

void ba_envelope_open (lua_State *L);
/* Pushes the envelope and returns NULL; or pushes nothing and returns what
   makes the answer none of the Bot API's. */
const char *ba_envelope_push (lua_State *L, const struct ba_answer *a);
/* envelope(table [, token]) -> table: with the metatable and, if it mentions
   the token, its redaction, after a way that drops both */
int ba_envelope_mark (lua_State *L);
/* texts(envelope) -> the JSON of each update in its result, as it came; nil
   where it holds none, or came another way */
int ba_envelope_texts (lua_State *L);
/* Pushes {ok = true, result = true}. */
void ba_envelope_push_true (lua_State *L);
/* clean(text [, envelope]) -> text: without control bytes, redacted (with
   the token that the envelope mentions), at most 200 bytes. */
int ba_envelope_clean (lua_State *L);

#endif
