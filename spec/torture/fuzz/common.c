/* SPDX-License-Identifier: MIT */
/* What the fuzz targets share, see common.h. */
#define _GNU_SOURCE
#include "common.h"

#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUTS_A_STATE = 4000, GARBAGE_EVERY = 64 };

int luaopen_botapi_core (lua_State *L);

void fuzz_wrong (const char *what) {
  fprintf(stderr, "INVARIANT: %s\n", what);
  abort();
}

unsigned fuzz_byte (struct fuzz_input *in) {
  if (in->left == 0) return 0;
  in->left--;
  return *in->at++;
}

const char *fuzz_bytes (struct fuzz_input *in, size_t most, size_t *len) {
  const char *bytes;
  size_t n = fuzz_byte(in);
  if (n > most) n = most;
  if (n > in->left) n = in->left;
  bytes = (const char *)in->at;
  in->at += n;
  in->left -= n;
  *len = n;
  return bytes;
}

static void fill (lua_State *L) {
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_botapi_core);
  lua_setfield(L, -2, "botapi.core");
  lua_settop(L, 0);
  if (luaL_dostring(L, "require 'botapi'; return require 'botapi.core'")) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    exit(2);
  }
}

lua_State *fuzz_state (void) {
  static lua_State *L;
  static int inputs;
  if (L && inputs >= INPUTS_A_STATE) {
    lua_close(L);
    L = NULL;
  }
  if (!L) {
    L = luaL_newstate();
    inputs = 0;
    fill(L);
  }
  if (++inputs % GARBAGE_EVERY == 0) lua_gc(L, LUA_GCCOLLECT, 0);
  lua_settop(L, 1);
  return L;
}

static int value_of (char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* Not the library's own search: decode, then look. */
bool fuzz_shows (const char *text, size_t len) {
  char *plain = malloc(len + 1);
  size_t i, n = 0;
  bool shows;
  if (!plain) return false;
  for (i = 0; i < len; i++) {
    plain[n++] = text[i];
    if (text[i] != '%' || i + 2 >= len || value_of(text[i + 1]) < 0
        || value_of(text[i + 2]) < 0)
      continue;
    plain[n - 1] = (char)(value_of(text[i + 1]) * 16 + value_of(text[i + 2]));
    i += 2;
  }
  shows = memmem(plain, n, FUZZ_SECRET, strlen(FUZZ_SECRET)) != NULL
          || memmem(text, len, FUZZ_SECRET, strlen(FUZZ_SECRET)) != NULL;
  free(plain);
  return shows;
}

static const char *field (lua_State *L, int i, const char *name) {
  const char *s;
  lua_getfield(L, i, name);
  s = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
  lua_pop(L, 1);
  return s;
}

static bool is_one_of (const char *word, const char *const *list) {
  for (; word && *list; list++)
    if (strcmp(word, *list) == 0) return true;
  return false;
}

static void check_error (lua_State *L, int i) {
  static const char *const kinds[] = {"token", "network", "tls", "timeout",
    "protocol", "limit", "cancelled", "logged_out", "busy", "system", NULL};
  static const char *const sent[] = {"no", "yes", "maybe", NULL};
  const char *message = field(L, i, "message");
  size_t j;
  if (!is_one_of(field(L, i, "kind"), kinds)) fuzz_wrong("kind");
  if (!is_one_of(field(L, i, "sent"), sent)) fuzz_wrong("sent");
  if (!message) fuzz_wrong("no message");
  for (j = 0; message && message[j]; j++)
    if ((unsigned char)message[j] < ' ' || message[j] == 0x7f)
      fuzz_wrong("a control byte in a message");
}

static void check_text (lua_State *L, int i) {
  size_t len;
  const char *text = luaL_tolstring(L, i, &len);
  if (fuzz_shows(text, len)) fuzz_wrong("a text shows the token");
  if (len > 2048) fuzz_wrong("a text is too long");
  lua_pop(L, 1);
}

const char *fuzz_outcome (lua_State *L, int n) {
  int last = lua_gettop(L);
  if (n == 1) {
    if (!lua_istable(L, last)) fuzz_wrong("one result that is no table");
    lua_getfield(L, last, "ok");
    if (!lua_isboolean(L, -1)) fuzz_wrong("an envelope without boolean ok");
    lua_pop(L, 1);
    check_text(L, last);
    return "ok";
  }
  if (n != 2 || !lua_isnil(L, last - 1)) fuzz_wrong("neither nil and error");
  check_error(L, last);
  check_text(L, last);
  return field(L, last, "sent");
}
