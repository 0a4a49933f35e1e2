/* SPDX-License-Identifier: MIT */
/* A method's parameters: a Lua table in, a form body out. */
#include "system.h"
#include "params.h"

#include "options.h"
#include "raise.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { DEPTH_MAX = 100, ECHO_MAX_BYTES = 32 };

/* Beyond it doubles no longer tell integers apart. */
#define EXACT 9007199254740992.0

/* Where a table of parameters is being read. */
struct reading {
  int arg;
  int known;                    /* stack index, 0: nothing is known */
  bool strict;
  struct ba_request *r;
};

BA_NORETURN
static void bad (lua_State *L, int arg, const char *name, const char *why) {
  if (strlen(name) > ECHO_MAX_BYTES) name = "…";        /* a secret's size */
  lua_pushfstring(L, "parameter '%s': %s", name, why);
  ba_raise_arg(L, arg, lua_tostring(L, -1));
}

/* --- body ---------------------------------------------------------------- */

static void add (struct ba_buffer *b, const char *s, size_t len) {
  ba_buffer_add(b, s, len);             /* what is lost shows in b->failed */
}

static void add_encoded (struct ba_buffer *b, const char *s, size_t len) {
  static const char plain[] = "-._~0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const char digits[] = "0123456789ABCDEF";
  size_t i;
  for (i = 0; i < len; i++) {
    unsigned char c = (unsigned char)s[i];
    char code[3] = {'%', 0, 0};
    code[1] = digits[c >> 4];
    code[2] = digits[c & 15];
    if (c && strchr(plain, c)) add(b, s + i, 1);
    else add(b, code, 3);
  }
}

/* A parameter as it is sent. */
struct field {
  const char *name;
  const char *text;
  size_t len;
  bool file;
};

static void add_part (struct ba_request *r, const struct field *f) {
  struct ba_buffer *b = &r->body;
  ba_buffer_text(b, "--");
  ba_buffer_text(b, r->boundary);
  ba_buffer_text(b, "\r\nContent-Disposition: form-data; name=\"");
  add_encoded(b, f->name, strlen(f->name));
  if (f->file) ba_buffer_text(b, "\"; filename=\"file.pem");
  ba_buffer_text(b, "\"\r\n\r\n");
  add(b, f->text, f->len);
  ba_buffer_text(b, "\r\n");
}

static void add_field (struct ba_request *r, const struct field *f) {
  if (r->content_type) {
    add_part(r, f);
    return;
  }
  if (r->body.len > 0) add(&r->body, "&", 1);
  add_encoded(&r->body, f->name, strlen(f->name));
  add(&r->body, "=", 1);
  add_encoded(&r->body, f->text, f->len);
}

/* A boundary that nobody can foresee, so that no value can hold it. */
static void begin_multipart (lua_State *L, struct ba_request *r) {
  static const char prefix[] = "Content-Type: multipart/form-data; boundary=";
  unsigned char random[16];
  size_t at = strlen(prefix);
  size_t i;
  if (getrandom(random, sizeof random, 0) != sizeof random)
    ba_raise_text(L, "no random bytes for a multipart body");
  memcpy(r->multipart, prefix, at);
  r->content_type = r->multipart;
  r->boundary = r->multipart + at;
  for (i = 0; i < sizeof random; i++)
    snprintf(r->boundary + 2 * i, 3, "%02x", random[i]);
}

static void end_multipart (struct ba_request *r) {
  ba_buffer_text(&r->body, "--");
  ba_buffer_text(&r->body, r->boundary);
  ba_buffer_text(&r->body, "--\r\n");
}

/* --- values -------------------------------------------------------------- */

static bool is_integral (lua_State *L, int i) {
  lua_Number n = lua_tonumber(L, i);
  return lua_isinteger(L, i)
         || (n > -9e18 && n < 9e18 && n == (lua_Number)(int64_t)n);
}

/* An integer beyond what a double tells apart. */
static bool is_inexact (lua_State *L, int i) {
  lua_Number n = lua_tonumber(L, i);
  return n > EXACT || n < -EXACT;
}

/* Would lua-cjson, which writes 14 digits, change the number on top? */
static bool is_rounded (lua_State *L) {
  char digits[64];
  bool same;
  lua_Number n = lua_tonumber(L, -1);
  if (!is_integral(L, -1) || (n > -1e14 && n < 1e14)) return false;
  snprintf(digits, sizeof digits, "%.0f", n);
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.encode");
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  same = lua_isstring(L, -1) && strcmp(lua_tostring(L, -1), digits) == 0;
  lua_pop(L, 1);
  return !same || is_inexact(L, -1);
}

static void check_exact (lua_State *L, int arg, const char *name) {
  if (lua_type(L, -1) == LUA_TNUMBER && is_rounded(L))
    bad(L, arg, name,
        lua_pushfstring(L, "the integer %s in it can't be sent exactly as "
                           "JSON: use a string", lua_tostring(L, -1)));
}

/* Raises for an integer anywhere in the table on top that lua-cjson would
   round. */
static void check_integers (lua_State *L, int arg, const char *name,
                            int depth) {
  if (depth > DEPTH_MAX) bad(L, arg, name, "nested too deep");
  luaL_checkstack(L, 4, "parameters");
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (lua_type(L, -1) == LUA_TTABLE)
      check_integers(L, arg, name, depth + 1);
    else check_exact(L, arg, name);
    lua_pop(L, 1);
    lua_pushvalue(L, -1);               /* a key becomes JSON, too */
    check_exact(L, arg, name);
    lua_pop(L, 1);
  }
}

/* Replaces the table on top by its JSON. */
static void encode_table (lua_State *L, int arg, const char *name,
                          bool array) {
  check_integers(L, arg, name, 0);
  if (array && lua_rawlen(L, -1) == 0) {
    lua_pop(L, 1);
    lua_pushliteral(L, "[]");           /* lua-cjson would make it {} */
    return;
  }
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.encode");
  lua_insert(L, -2);
  lua_call(L, 1, 2);
  if (lua_isnil(L, -2))
    bad(L, arg, name, lua_pushfstring(L, "no JSON can be made of it (%s)",
                                      lua_tostring(L, -1)));
  lua_pop(L, 1);
}

/* As short as it reads back the same, with a point whatever the locale. */
static void write_fraction (char *digits, size_t size, lua_Number n) {
  snprintf(digits, size, "%.15g", n);
  if (strtod(digits, NULL) != n) snprintf(digits, size, "%.17g", n);
  digits += strspn(digits, "+-0123456789");
  if (*digits && *digits != 'e') *digits = '.';
}

/* Replaces the number on top by its digits. */
static void encode_number (lua_State *L, int arg, const char *name) {
  char digits[64];
  lua_Number n = lua_tonumber(L, -1);
#if BA_INTEGERS
  if (lua_isinteger(L, -1)) {
    lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, -1));
    lua_replace(L, -2);
    return;
  }
#endif
  if (!isfinite(n)) bad(L, arg, name, "not a finite number");
  if (is_integral(L, -1) && is_inexact(L, -1))
    bad(L, arg, name, "too large to be sent exactly: use a string");
  if (is_integral(L, -1)) snprintf(digits, sizeof digits, "%.0f", n);
  else write_fraction(digits, sizeof digits, n);
  lua_pop(L, 1);
  lua_pushstring(L, digits);
}

/* Replaces the value on top by the text that is sent. */
static void encode_value (lua_State *L, int arg, const char *name,
                          bool array) {
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: break;
    case LUA_TNUMBER: encode_number(L, arg, name); break;
    case LUA_TTABLE: encode_table(L, arg, name, array); break;
    case LUA_TBOOLEAN:
      lua_pushstring(L, lua_toboolean(L, -1) ? "true" : "false");
      lua_replace(L, -2);
      break;
    default:
      bad(L, arg, name,
          lua_pushfstring(L, "a %s can't be sent", luaL_typename(L, -1)));
  }
}

/* --- what a method knows ------------------------------------------------- */

static lua_Number limit (lua_State *L, int info, const char *name,
                         lua_Number fallback) {
  lua_Number n = fallback;
  lua_getfield(L, info, name);
  if (lua_type(L, -1) == LUA_TNUMBER) n = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return n;
}

/* One parameter that is known: the argument, its name, and the stack index
   of what the method knows of it. */
struct known {
  int arg;
  const char *name;
  int info;
};

static void check_range (lua_State *L, const struct known *k, lua_Number n,
                         const char *what) {
  lua_Number min = limit(L, k->info, "min", -EXACT);
  lua_Number max = limit(L, k->info, "max", EXACT);
  if (!(min <= n && n <= max))
    bad(L, k->arg, k->name,
        lua_pushfstring(L, "%s out of range: %f to %f", what, min, max));
}

/* stack: … value; raises unless it matches info.pattern, if there is one */
static void check_pattern (lua_State *L, const struct known *k) {
  lua_getfield(L, k->info, "pattern");
  if (!lua_isnil(L, -1)) {
    if (!luaL_getmetafield(L, -2, "__index")) ba_raise_text(L, "no strings");
    lua_getfield(L, -1, "match");
    lua_pushvalue(L, -4);               /* value */
    lua_pushvalue(L, -4);               /* pattern */
    lua_call(L, 2, 1);
    if (lua_isnil(L, -1))
      bad(L, k->arg, k->name, "holds a character that it can't");
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
}

static int lua_type_of (const char *type) {
  if (strcmp(type, "boolean") == 0) return LUA_TBOOLEAN;
  if (strcmp(type, "integer") == 0) return LUA_TNUMBER;
  return strcmp(type, "array") == 0 ? LUA_TTABLE : LUA_TSTRING;
}

/* stack: … value */
static void check_value (lua_State *L, const struct known *k,
                         const char *type) {
  if (lua_type(L, -1) != lua_type_of(type))
    bad(L, k->arg, k->name, lua_pushfstring(L, "%s expected, got %s", type,
                                      luaL_typename(L, -1)));
  if (lua_type(L, -1) == LUA_TNUMBER) {
    lua_Number n = lua_tonumber(L, -1);
    check_range(L, k, n, "a value");
    if (n != (lua_Number)(int64_t)n)
      bad(L, k->arg, k->name, "integer expected");
  }
  if (lua_type(L, -1) == LUA_TSTRING) {
    check_range(L, k, (lua_Number)lua_rawlen(L, -1), "a length");
    check_pattern(L, k);
  }
}

BA_NORETURN
static void refuse_name (lua_State *L, int arg, const char *name) {
  if (ba_options_has(name))
    bad(L, arg, name, "that is an option: pass it as the third argument");
  ba_options_refuse(L, arg, "parameter", name);
}

/* The type of a parameter, "" where it isn't known. Where the function is
   strict, the value on top is checked. */
static const char *type_of (lua_State *L, const struct reading *at,
                            const char *name) {
  struct known k;
  const char *type = "";
  if (!at->known) return type;
  k.arg = at->arg;
  k.name = name;
  lua_getfield(L, at->known, name);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "type");
    type = lua_tostring(L, -1);         /* held by the table of methods */
    lua_pop(L, 1);
    k.info = lua_gettop(L);
    lua_pushvalue(L, -2);
    if (at->strict) check_value(L, &k, type);
    lua_pop(L, 1);
  }
  else if (at->strict) refuse_name(L, at->arg, name);
  lua_pop(L, 1);
  return type;
}

/* stack: … name value */
static void read_one (lua_State *L, const struct reading *at) {
  const char *type, *name;
  struct field f;
  if (lua_type(L, -2) != LUA_TSTRING)
    ba_raise_arg(L, at->arg, "a parameter's name must be a string");
  name = lua_tostring(L, -2);
  if (!ba_options_is_name(name) || strlen(name) != lua_rawlen(L, -2))
    ba_raise_arg(L, at->arg, "a parameter's name is letters, digits and _");
  type = type_of(L, at, name);
  encode_value(L, at->arg, name, strcmp(type, "array") == 0);
  f.name = name;
  f.text = lua_tolstring(L, -1, &f.len);
  f.file = strcmp(type, "file") == 0;
  add_field(at->r, &f);
}

/* Is one of the known parameters given whose text is a file? */
static bool has_file (lua_State *L, const struct reading *at) {
  bool file = false;
  lua_pushnil(L);
  while (lua_next(L, at->known)) {      /* stack: name info */
    lua_getfield(L, -1, "type");
    lua_pushvalue(L, -3);
    lua_rawget(L, at->arg);             /* stack: name info type value */
    if (!lua_isnil(L, -1) && strcmp(lua_tostring(L, -2), "file") == 0)
      file = true;
    lua_pop(L, 3);
  }
  return file;
}

/* stack: … name info */
static void require_one (lua_State *L, const struct reading *at, bool given) {
  bool required, missing = true;
  lua_getfield(L, -1, "required");
  required = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  if (!required) return;
  if (given) {
    lua_pushvalue(L, -2);
    lua_rawget(L, at->arg);
    missing = lua_isnil(L, -1);
    lua_pop(L, 1);
  }
  if (missing) bad(L, at->arg, lua_tostring(L, -2), "missing");
}

static void check_required (lua_State *L, const struct reading *at,
                            bool given) {
  lua_pushnil(L);
  while (lua_next(L, at->known)) {
    require_one(L, at, given);
    lua_pop(L, 1);
  }
}

void ba_params_read (lua_State *L, int arg, int known, bool strict,
                     struct ba_request *r) {
  struct reading at;
  bool given = !lua_isnoneornil(L, arg);
  at.arg = arg;
  at.known = known;
  at.strict = strict && known;
  at.r = r;
  luaL_checkstack(L, 12, "parameters");
  if (given) ba_check_type(L, arg, LUA_TTABLE);
  if (at.strict) check_required(L, &at, given);
  if (!given) return;
  if (known && has_file(L, &at)) begin_multipart(L, r);
  lua_pushnil(L);
  while (lua_next(L, arg)) {
    read_one(L, &at);
    lua_pop(L, 1);
  }
  if (r->content_type) end_multipart(r);
}
