/* SPDX-License-Identifier: MIT */
/* lua-cjson, made strict and kept apart from the locale. */
#include "system.h"
#include "json.h"

#include "raise.h"

#include <locale.h>
#include <stdbool.h>
#include <string.h>

/* --- strict -------------------------------------------------------------- */

/* What is left to read. */
struct text {
  const char *at;
  const char *end;
};

static bool read_bare (struct text *t, int depth);

static void skip_space (struct text *t) {
  while (t->at < t->end && *t->at && strchr(" \t\r\n", *t->at))
    t->at++;
}

static bool read_char (struct text *t, char c) {
  if (t->at == t->end || *t->at != c) return false;
  t->at++;
  return true;
}

static bool read_word (struct text *t, const char *word) {
  size_t len = strlen(word);
  if ((size_t)(t->end - t->at) < len || memcmp(t->at, word, len) != 0)
    return false;
  t->at += len;
  return true;
}

static bool read_digits (struct text *t) {
  const char *from = t->at;
  while (t->at < t->end && *t->at >= '0' && *t->at <= '9')
    t->at++;
  return t->at > from;
}

static bool read_number (struct text *t) {
  read_char(t, '-');
  if (!read_char(t, '0') && !read_digits(t)) return false;
  if (read_char(t, '.') && !read_digits(t)) return false;
  if (!read_char(t, 'e') && !read_char(t, 'E')) return true;
  if (!read_char(t, '+')) read_char(t, '-');
  return read_digits(t);
}

static bool read_escape (struct text *t) {
  char c = '\0';
  int i;
  if (t->at < t->end) c = *t->at++;
  if (c != 'u') return c && strchr("\"\\/bfnrt", c);
  for (i = 0; i < 4; i++, t->at++)
    if (t->at == t->end || !*t->at
        || !strchr("0123456789abcdefABCDEF", *t->at)) return false;
  return true;
}

static bool read_string (struct text *t) {
  if (!read_char(t, '"')) return false;
  while (t->at < t->end && (unsigned char)*t->at >= ' ') {
    char c = *t->at++;
    if (c == '"') return true;
    if (c == '\\' && !read_escape(t)) return false;
  }
  return false;
}

static bool read_member (struct text *t, int depth) {
  if (!read_string(t)) return false;
  skip_space(t);
  if (!read_char(t, ':')) return false;
  skip_space(t);
  return read_bare(t, depth);
}

/* What stands between brackets. */
static bool read_list (struct text *t, char close, int depth,
                       bool (*read) (struct text *, int)) {
  if (depth > BA_JSON_DEPTH_MAX) return false;
  t->at++;
  skip_space(t);
  if (read_char(t, close)) return true;
  while (read(t, depth)) {
    skip_space(t);
    if (read_char(t, close)) return true;
    if (!read_char(t, ',')) return false;
    skip_space(t);
  }
  return false;
}

static bool read_bare (struct text *t, int depth) {
  if (t->at == t->end) return false;
  switch (*t->at) {
    case '{': return read_list(t, '}', depth + 1, read_member);
    case '[': return read_list(t, ']', depth + 1, read_bare);
    case '"': return read_string(t);
    case 't': return read_word(t, "true");
    case 'f': return read_word(t, "false");
    case 'n': return read_word(t, "null");
    default: return read_number(t);
  }
}

/* With the space around it. */
static bool read_value (struct text *t, int depth) {
  skip_space(t);
  if (!read_bare(t, depth)) return false;
  skip_space(t);
  return true;
}

/* Is it one value of JSON as RFC 8259 has it? lua-cjson takes more: "-2.",
   ".5", raw control characters in strings. */
static bool is_strict (const char *s, size_t len) {
  struct text t;
  t.at = s;
  t.end = s + len;
  return read_value(&t, 0) && t.at == t.end;
}

/* --- the locale ---------------------------------------------------------- */

/* stack: … text; replaced by what lua-cjson makes of it */
static void push_decoder (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.decode");
  lua_insert(L, -2);
}

/* lua-cjson reads numbers as the locale has them, if it was loaded in another
   one. This thread's is "C" meanwhile, whatever happens. */
static void decode_in_c (lua_State *L) {
  locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
  locale_t before = c ? uselocale(c) : (locale_t)0;
  int code;
  push_decoder(L);
  code = lua_pcall(L, 1, 1, 0);
  if (c) {
    uselocale(before);
    freelocale(c);
  }
  if (code != LUA_OK) ba_raise(L);
}

/* Where lua-cjson was loaded in a locale with a comma it reads in that one. */
void ba_json_decode (lua_State *L) {
  size_t len;
  const char *s = lua_tolstring(L, -1, &len);
  if (!is_strict(s, len)) {
    lua_pop(L, 1);
    lua_pushnil(L);
    return;
  }
  lua_pushvalue(L, -1);
  decode_in_c(L);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    push_decoder(L);
    lua_call(L, 1, 1);
  }
  lua_remove(L, -2);
}

int ba_json_lua_decode (lua_State *L) {
  luaL_checkstring(L, 1);
  lua_settop(L, 1);
  ba_json_decode(L);
  return 1;
}

/* Pushes the text of each element of an array, or of each member of an object,
   by the bracket that it begins with; false: it begins with another one. */
static bool push_items (lua_State *L, struct text *t, char open) {
  char close = open == '[' ? ']' : '}';
  int n = 0;
  lua_newtable(L);
  skip_space(t);
  if (!read_char(t, open)) return false;
  skip_space(t);
  if (read_char(t, close)) return true;
  do {
    const char *from, *end;
    skip_space(t);
    from = t->at;
    if (!(open == '[' ? read_bare : read_member)(t, 1)) return false;
    end = t->at;
    lua_pushlstring(L, from, (size_t)(end - from));
    lua_rawseti(L, -2, ++n);
    skip_space(t);
  } while (read_char(t, ','));
  return read_char(t, close);
}

/* Is it the text of a string, with its quotes, that says `name`? */
static bool says (lua_State *L, const char *s, size_t len, const char *name) {
  bool same;
  lua_pushlstring(L, s, len);
  ba_json_decode(L);
  same = lua_type(L, -1) == LUA_TSTRING
         && strcmp(lua_tostring(L, -1), name) == 0;
  lua_pop(L, 1);
  return same;
}

/* Reads a member, and notes where its value is, if it has that name. */
static bool seek_in_member (lua_State *L, struct text *t, const char *name,
                            struct text *found) {
  const char *from;
  bool same;
  skip_space(t);
  from = t->at;
  if (!read_string(t)) return false;
  same = says(L, from, (size_t)(t->at - from), name);
  skip_space(t);
  if (!read_char(t, ':')) return false;
  skip_space(t);
  from = t->at;
  if (!read_bare(t, 1)) return false;
  if (same) {
    found->at = from;
    found->end = t->at;
  }
  skip_space(t);
  return true;
}

/* The last member of that name, as lua-cjson takes it: its value is left. */
static bool seek_member (lua_State *L, struct text *t, const char *name) {
  struct text found = {NULL, NULL};
  skip_space(t);
  if (!read_char(t, '{')) return false;
  do {
    if (!seek_in_member(L, t, name, &found)) return false;
  } while (read_char(t, ','));
  if (!read_char(t, '}') || !found.at) return false;
  *t = found;
  return true;
}

/* Returns 1. */
static int push_all_items (lua_State *L, struct text *t, char open) {
  if (!push_items(L, t, open)) {
    lua_pushnil(L);
    return 1;
  }
  skip_space(t);
  if (t->at != t->end) lua_pushnil(L);
  return 1;
}

int ba_json_items (lua_State *L, const char *s, size_t len,
                   const char *name) {
  struct text t;
  t.at = s;
  t.end = s + len;
  if (!seek_member(L, &t, name)) {
    lua_pushnil(L);
    return 1;
  }
  return push_all_items(L, &t, '[');
}

int ba_json_lua_items (lua_State *L) {
  size_t len;
  struct text t;
  t.at = luaL_checklstring(L, 1, &len);
  t.end = t.at + len;
  skip_space(&t);
  return push_all_items(L, &t, t.at < t.end && *t.at == '{' ? '{' : '[');
}
