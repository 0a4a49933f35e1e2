/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share: a Lua state with the module, the canary, and
   the end of the process when an invariant doesn't hold. */
#ifndef TORTURE_COMMON_H
#define TORTURE_COMMON_H

#include <lauxlib.h>
#include <lua.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FUZZ_ID "110201543"
#define FUZZ_SECRET "CANARY-Zq7_Kd3xW9pLm2vT8yBn4RsJ5"
#define FUZZ_TOKEN FUZZ_ID ":" FUZZ_SECRET

/* Bytes of an input that are taken off its front. */
struct fuzz_input {
  const uint8_t *at;
  size_t left;
};

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

unsigned fuzz_byte (struct fuzz_input *in);
/* Up to `most` bytes: as many as the next byte says. */
const char *fuzz_bytes (struct fuzz_input *in, size_t most, size_t *len);

/* The state of this process, new after some thousand inputs. The core's
   functions are on top of its empty stack: index 1. */
lua_State *fuzz_state (void);
/* Ends the process, which libFuzzer reports with the input. */
void fuzz_wrong (const char *what);
/* Does the text show the secret, percent-encoded or not? */
bool fuzz_shows (const char *text, size_t len);
/* The results of a call, at the top of the stack: an envelope, or nil and an
   error, whose every part is checked. `claim`: "ok", "no", "yes", "maybe". */
const char *fuzz_outcome (lua_State *L, int n);

#endif
