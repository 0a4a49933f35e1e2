/* SPDX-License-Identifier: MIT */
/* The userdata of a file that is to be sent: a path or bytes, and how it is
   called. */
#include "system.h"
#include "file.h"

#include "raise.h"
#include "redact.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_MAX_BYTES = 255, TYPE_MAX_BYTES = 127, PATH_MAX_BYTES = 4096 };
enum { SHOWN_MAX_BYTES = 80 };

/* In the user value of a file. */
enum { PATH = 1, DATA = 2, NAME = 3, TYPE = 4 };

static const char *const MEMBERS[] = {NULL, "path", "data", "name", "type"};

/* --- arguments ----------------------------------------------------------- */

BA_NORETURN
static void bad (lua_State *L, int arg, const char *name, const char *why) {
  ba_raise_arg(L, arg, lua_pushfstring(L, "%s: %s", name, why));
}

/* The text on top, of `most` bytes at most and without a NUL. */
static const char *check_text (lua_State *L, int arg, const char *name,
                               size_t most) {
  size_t len;
  const char *text;
  if (lua_type(L, -1) != LUA_TSTRING)
    bad(L, arg, name, lua_pushfstring(L, "string expected, got %s",
                                      luaL_typename(L, -1)));
  text = lua_tolstring(L, -1, &len);
  if (len == 0) bad(L, arg, name, "empty");
  if (strlen(text) != len) bad(L, arg, name, "holds a NUL byte");
  if (len > most)
    bad(L, arg, name, lua_pushfstring(L, "too long: %d bytes at most",
                                      (int)most));
  return text;
}

/* It becomes a header line as it is. */
static void check_type (lua_State *L, int arg) {
  const char *type = check_text(L, arg, "type", TYPE_MAX_BYTES);
  const char *slash = strchr(type, '/'), *s;
  for (s = type; *s; s++)
    if (*s < ' ' || *s > '~') bad(L, arg, "type", "holds a character that "
                                  "isn't printable ASCII");
  if (!slash || slash == type || !slash[1])
    bad(L, arg, "type", "a MIME type such as image/png expected");
}

/* stack: … name; what is behind the last slash of a path, of which `file` is
   left where nothing is */
static void push_base (lua_State *L, const char *path) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  lua_pushlstring(L, *name ? name : "file",
                  *name ? strnlen(name, NAME_MAX_BYTES) : 4);
}

/* An argument's table has members of ours alone; `first` is the first one. */
static void check_members (lua_State *L, int arg, int first) {
  ba_check_type(L, arg, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, arg)) {
    const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2)
                                                     : "";
    int i = first;
    while (i <= TYPE && strcmp(key, MEMBERS[i]) != 0)
      i++;
    if (i > TYPE)
      ba_raise_arg(L, arg, first == DATA
                             ? "a table with data, name and type expected"
                             : "a table with name and type expected");
    lua_pop(L, 1);
  }
}

/* stack: … values; name and type of the table at `arg` go into values */
static void read_names (lua_State *L, int arg, int values) {
  lua_getfield(L, arg, "name");
  if (!lua_isnil(L, -1)) {
    check_text(L, arg, "name", NAME_MAX_BYTES);
    lua_rawseti(L, values, NAME);
  }
  else lua_pop(L, 1);
  lua_getfield(L, arg, "type");
  if (!lua_isnil(L, -1)) check_type(L, arg);
  lua_rawseti(L, values, TYPE);
}

/* --- the object ---------------------------------------------------------- */

static void read_memory (lua_State *L, int values) {
  check_members(L, 1, DATA);
  lua_getfield(L, 1, "data");
  if (lua_type(L, -1) != LUA_TSTRING)
    bad(L, 1, "data", lua_pushfstring(L, "string expected, got %s",
                                      luaL_typename(L, -1)));
  lua_rawseti(L, values, DATA);
  lua_pushliteral(L, "file");
  lua_rawseti(L, values, NAME);
  read_names(L, 1, values);
}

static void read_path (lua_State *L, int values) {
  const char *path;
  lua_pushvalue(L, 1);
  path = check_text(L, 1, "path", PATH_MAX_BYTES);
  push_base(L, path);
  lua_rawseti(L, values, NAME);
  lua_rawseti(L, values, PATH);
  if (lua_isnil(L, 2)) return;
  check_members(L, 2, NAME);
  read_names(L, 2, values);
}

int ba_file_new (lua_State *L) {
  lua_settop(L, 2);
  lua_newuserdata(L, 1);
  lua_createtable(L, TYPE, 0);          /* stack: path more file values */
  if (lua_istable(L, 1)) read_memory(L, 4);
  else read_path(L, 4);
  lua_setuservalue(L, 3);
  luaL_setmetatable(L, BA_FILE_CLASS);
  return 1;
}

int ba_file_is (lua_State *L) {
  lua_settop(L, 1);
  lua_pushboolean(L, luaL_testudata(L, 1, BA_FILE_CLASS) != NULL);
  return 1;
}

/* The member of the values on top, which keep it. */
static const char *member (lua_State *L, int i, size_t *len) {
  const char *text;
  lua_rawgeti(L, -1, i);
  text = lua_tolstring(L, -1, len);
  lua_pop(L, 1);
  return text;
}

bool ba_file_read (lua_State *L, int index, struct ba_part *part) {
  size_t len = 0;
  if (!luaL_testudata(L, index, BA_FILE_CLASS)) return false;
  lua_getuservalue(L, index);
  part->path = member(L, PATH, NULL);
  part->filename = member(L, NAME, NULL);
  part->type = member(L, TYPE, NULL);
  part->data = member(L, DATA, &len);
  part->size = (int64_t)len;
  lua_pop(L, 1);
  return true;
}

/* --- shown --------------------------------------------------------------- */

static void show_size (const struct ba_part *part, char *text, size_t size) {
  struct stat info;
  if (!part->path) snprintf(text, size, "%lld bytes", (long long)part->size);
  else if (stat(part->path, &info) != 0)
    snprintf(text, size, "%s", strerror(errno));
  else if (!S_ISREG(info.st_mode)) snprintf(text, size, "no regular file");
  else snprintf(text, size, "%lld bytes", (long long)info.st_size);
}

/* Neither what it holds nor its path; a name may be a token's. */
static int show (lua_State *L) {
  char name[NAME_MAX_BYTES + 1], size[64];
  struct ba_part part = {0};
  luaL_checkudata(L, 1, BA_FILE_CLASS);
  ba_file_read(L, 1, &part);
  snprintf(name, sizeof name, "%s", part.filename);
  ba_clean(name, NULL, 0, SHOWN_MAX_BYTES);
  show_size(&part, size, sizeof size);
  lua_pushfstring(L, "botapi.file: %s, %s", name, size);
  return 1;
}

void ba_file_open (lua_State *L) {
  static const luaL_Reg meta[] = {{"__tostring", show}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{NULL, NULL}};
  ba_new_class(L, BA_FILE_CLASS, meta, methods);
}
