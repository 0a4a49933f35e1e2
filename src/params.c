/* SPDX-License-Identifier: MIT */
/* A method's parameters: a Lua table in, a body out, or its parts, by
   botapi.params. */
#include "system.h"
#include "params.h"

#include "file.h"
#include "raise.h"
#include "redact.h"

#include <string.h>

/* botapi.params, loaded when it is first needed. */
static void push_reader (lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.require");
  lua_pushliteral(L, "botapi.params");
  lua_call(L, 1, 1);
}

/* A text, without the token: a name that it repeats may be a part of it. */
static const char *push_clean (lua_State *L, const char *text, size_t len,
                               const struct ba_params_of *of) {
  char *copy = lua_newuserdata(L, len + 1);
  memcpy(copy, text, len + 1);
  ba_redact(copy, len, of->token, of->token_len, BA_REDACT_OWN);
  return copy;
}

/* The error on top is the caller's mistake, a hook's, or no memory. */
static void raise_mistake (lua_State *L, int arg, int code,
                           const struct ba_params_of *of) {
  const char *text;
  size_t len;
  if (code != LUA_ERRRUN) ba_raise(L);
  if (!lua_istable(L, -1)) return;
  lua_pushliteral(L, "mistake");
  lua_rawget(L, -2);
  text = lua_tolstring(L, -1, &len);
  if (text) ba_raise_arg(L, arg, push_clean(L, text, len, of));
  lua_pop(L, 1);
}

/* What is inherited can't be listed, so it would be left out. */
static void check_plain (lua_State *L, int arg) {
  const char *wrong;
  ba_check_type(L, arg, LUA_TTABLE);
  wrong = ba_not_plain(L, arg);
  if (wrong) ba_raise_arg(L, arg, lua_pushfstring(L, "parameters: %s", wrong));
}

int ba_params_not_plain (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushstring(L, ba_not_plain(L, 1));        /* NULL: nil */
  return 1;
}

/* Stands for itself in a form? */
static bool is_bare (char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9') || (c && strchr("-._~", c));
}

static void add_escaped (luaL_Buffer *b, char c) {
  static const char digits[] = "0123456789ABCDEF";
  luaL_addchar(b, '%');
  luaL_addchar(b, digits[(unsigned char)c >> 4]);
  luaL_addchar(b, digits[(unsigned char)c & 15]);
}

int ba_params_escape (lua_State *L) {
  luaL_Buffer b;
  size_t len, i;
  const char *s = luaL_checklstring(L, 1, &len);
  lua_settop(L, 1);
  luaL_buffinit(L, &b);
  for (i = 0; i < len; i++) {
    if (is_bare(s[i])) luaL_addchar(&b, s[i]);
    else add_escaped(&b, s[i]);
  }
  luaL_pushresult(&b);
  return 1;
}

/* The field of the table on top, which keeps it. */
static const char *field (lua_State *L, const char *name, size_t *len) {
  const char *text;
  lua_getfield(L, -1, name);
  text = lua_tolstring(L, -1, len);
  lua_pop(L, 1);
  return text;
}

/* A part from {name =, text = | file =, is_certificate =}, which is on top. */
static bool read_part (lua_State *L, struct ba_part *part) {
  size_t len = 0;
  lua_getfield(L, -1, "file");
  if (!ba_file_read(L, lua_gettop(L), part)) {
    lua_pop(L, 1);
    part->data = field(L, "text", &len);
    part->size = (int64_t)len;
  }
  else lua_pop(L, 1);
  part->name = field(L, "name", NULL);
  lua_getfield(L, -1, "is_certificate");
  part->is_certificate = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return part->name && (part->path || part->data);
}

/* What is a mistake already, whatever is on the disk. */
static void check_part (lua_State *L, int arg, const struct ba_part *part) {
  if (!part->is_certificate || part->path
      || !ba_parts_has_key(part->data, (size_t)part->size)) return;
  ba_raise_arg(L, arg, lua_pushfstring(L,
    "parameter '%s': holds a PRIVATE KEY, which no server may have: give the "
    "certificate alone", part->name));
}

/* The list of parts on top. */
static void read_parts (lua_State *L, int arg, struct ba_request *r) {
  size_t n = lua_rawlen(L, -1), i;
  if (!ba_parts_new(&r->parts, n)) ba_raise_text(L, "not enough memory");
  for (i = 0; i < n; i++) {
    lua_rawgeti(L, -1, (int)i + 1);
    if (!lua_istable(L, -1) || !read_part(L, &r->parts.list[i]))
      ba_raise_text(L, "botapi.params was replaced");
    check_part(L, arg, &r->parts.list[i]);
    lua_pop(L, 1);
  }
}

/* What botapi.params is called with, besides what was given. */
static void push_knowledge (lua_State *L, const struct ba_params_of *of) {
  if (of->known) lua_pushvalue(L, of->known);
  else lua_pushnil(L);
  lua_pushboolean(L, of->strict && of->known);
  lua_pushstring(L, of->method);        /* NULL: nil */
}

bool ba_params_read (lua_State *L, int arg, const struct ba_params_of *of,
                     struct ba_request *r) {
  bool given = !lua_isnoneornil(L, arg);
  const char *body;
  size_t len;
  int code;
  luaL_checkstack(L, 8, "parameters");
  if (given) check_plain(L, arg);
  if (!given && !of->strict) {
    lua_pushnil(L);
    return true;
  }
  push_reader(L);
  lua_pushvalue(L, arg);
  push_knowledge(L, of);
  code = lua_pcall(L, 4, 2, 0);
  if (code != LUA_OK) {
    raise_mistake(L, arg, code, of);
    return false;
  }
  if (lua_istable(L, -1)) {
    read_parts(L, arg, r);
    return true;
  }
  body = lua_tolstring(L, -2, &len);
  if (!body) ba_raise_text(L, "botapi.params was replaced");
  ba_buffer_add(&r->body, body, len);   /* what is lost shows in it */
  return true;
}
