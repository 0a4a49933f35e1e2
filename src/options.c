/* SPDX-License-Identifier: MIT */
/* The options of every call: one table, read into a request. */
#include "system.h"
#include "options.h"

#include "ascii.h"
#include "endpoint.h"
#include "pasted.h"
#include "proxy.h"
#include "raise.h"
#include "redact.h"
#include "version.h"

#include <stdint.h>
#include <string.h>

enum { SOCKET_MAX = 107 };              /* sun_path, less its NUL */
enum { LONGEST_S = BA_TIMEOUT_MAX_MS / 1000 };

enum type {
  STRING, BOOLEAN, SECONDS, BYTES, REUSE, HEADERS, RESOLVE, FUNCTION
};

static const char *const TYPES[] = {
  "string", "boolean", "number", "integer", "boolean", "table", "table",
  "function"};

static const struct option {
  const char *name;
  enum type type;
  size_t offset;
  double min, max;
  double number;                /* the default of a number */
  const char *text;             /* that of a string, NULL: none */
  const char *shown;            /* the default as the manual says it */
  const char *unit;
  const char *meaning;
} OPTIONS[] = {
#define AT(member) offsetof(struct ba_request, member)
  {"server", STRING, AT(server), 1, 2048, 0, "telegram", "\"telegram\"", "",
   "the Bot API server: \"telegram\", \"bale\", \"local\" "
   "(http://127.0.0.1:8081) or a URL"},
  {"test", BOOLEAN, AT(test), 0, 0, 0, NULL, "false", "",
   "Telegram's test environment"},
  {"timeout", SECONDS, AT(timeout_ms), 0.001, LONGEST_S, 30, NULL, NULL,
   "seconds", "time limit of the whole call; getUpdates adds its own timeout"},
  {"connect_timeout", SECONDS, AT(connect_ms), 0.001, LONGEST_S, 10, NULL, NULL,
   "seconds", "time limit to resolve the name, connect and finish the TLS "
   "handshake"},
  {"proxy", STRING, AT(proxy), 0, 2048, 0, NULL, "the environment's", "",
   "a proxy's URL (http, https, socks4, socks4a, socks5, socks5h); \"\" is "
   "none"},
  {"proxy_auth", STRING, AT(proxy_auth), 1, 16, 0, NULL, "\"basic\"", "",
   "how to log in at an HTTP proxy: \"basic\", \"digest\", \"ntlm\", "
   "\"negotiate\", or \"any\" that it offers"},
  {"ca_file", STRING, AT(ca_file), 1, 4096, 0, NULL, "libcurl's", "",
   "a PEM file of the certificates to trust instead of the system's"},
  {"cert_file", STRING, AT(cert_file), 1, 4096, 0, NULL, "none", "",
   "a PEM file of the client's certificate, for a server that asks for one"},
  {"key_file", STRING, AT(key_file), 1, 4096, 0, NULL, "cert_file's", "",
   "a PEM file of the certificate's key, without a passphrase"},
  {"unix_socket", STRING, AT(unix_socket), 1, SOCKET_MAX, 0, NULL, "none", "",
   "the path of a unix socket to connect to instead of the server's host"},
  {"resolve", RESOLVE, AT(resolve), 0, 0, 0, NULL, "none", "",
   "addresses to use for names, each as \"host:port:address[,address]\""},
  {"headers", HEADERS, AT(headers), 0, 0, 0, NULL, "none", "",
   "more request headers, by name"},
  {"user_agent", STRING, AT(user_agent), 1, 256, 0, "botapi/" BA_VERSION,
   "botapi/<version>", "", "the User-Agent header"},
  {"max_response", BYTES, AT(max_response), 1, 1073741824, 1048576, NULL,
   NULL, "bytes", "the largest answer that is taken; that of getUpdates is "
   "16777216 by default"},
  {"plain_http", BOOLEAN, AT(plain_http), 0, 0, 0, NULL, "false", "",
   "allow http:// for a server that isn't nearby: the token crosses the "
   "network unencrypted"},
  {"reuse", REUSE, AT(reuse), 0, 0, 0, NULL,
   "all methods but logOut, close, setWebhook and deleteWebhook", "",
   "let the call use a connection that is still open; its request is still "
   "sent at most once"},
  {"on_progress", FUNCTION, 0, 0, 0, 0, NULL, "none", "",
   "called with how many bytes of the files were sent, and how many there are, "
   "some times a second and at the end"}
};

enum { N_OPTIONS = sizeof OPTIONS / sizeof *OPTIONS };
enum { SERVER = 0 };            /* the row of that option */

BA_NORETURN
static void bad (lua_State *L, int arg, const char *name, const char *why) {
  lua_pushfstring(L, "option '%s': %s", name, why);
  ba_raise_arg(L, arg, lua_tostring(L, -1));
}

/* Raises unless the value on top has the type. */
static void check_type (lua_State *L, int arg, const struct option *o,
                        int type) {
  if (lua_type(L, -1) == type) return;
  bad(L, arg, o->name,
      lua_pushfstring(L, "%s expected, got %s", TYPES[o->type],
                      luaL_typename(L, -1)));
}

static void *member (struct ba_request *r, const struct option *o) {
  return (char *)r + o->offset;
}

static void set_number (struct ba_request *r, const struct option *o,
                        double n) {
  if (o->type == SECONDS) *(int64_t *)member(r, o) = (int64_t)(n * 1000 + 0.5);
  else *(size_t *)member(r, o) = (size_t)n;
}

static bool has_control (const char *s, size_t len) {
  size_t i;
  for (i = 0; i < len; i++)
    if ((unsigned char)s[i] < ' ' || s[i] == 0x7f) return true;
  return false;
}

static void read_string (lua_State *L, int arg, const struct option *o,
                         struct ba_request *r) {
  size_t len;
  const char *s;
  check_type(L, arg, o, LUA_TSTRING);
  s = lua_tolstring(L, -1, &len);
  if (has_control(s, len)) bad(L, arg, o->name, "holds a control character");
  if (!(o->min <= (double)len && (double)len <= o->max))
    bad(L, arg, o->name,
        len ? lua_pushfstring(L, "too long: %d bytes at most", (int)o->max)
            : "empty");
  *(const char **)member(r, o) = s;
}

static void read_boolean (lua_State *L, int arg, const struct option *o,
                          struct ba_request *r) {
  check_type(L, arg, o, LUA_TBOOLEAN);
  *(bool *)member(r, o) = lua_toboolean(L, -1) != 0;
}

static void read_reuse (lua_State *L, int arg, const struct option *o,
                        struct ba_request *r) {
  check_type(L, arg, o, LUA_TBOOLEAN);
  r->reuse = lua_toboolean(L, -1) ? BA_REUSE_ALLOWED : BA_REUSE_NEVER;
}

static lua_Number read_number (lua_State *L, int arg, const struct option *o) {
  lua_Number n;
  check_type(L, arg, o, LUA_TNUMBER);
  n = lua_tonumber(L, -1);
  if (!(o->min <= n && n <= o->max))                    /* NaN fails, too */
    bad(L, arg, o->name,
        lua_pushfstring(L, "out of range: %f to %f %s", o->min, o->max,
                        o->unit));
  return n;
}

static void read_seconds (lua_State *L, int arg, const struct option *o,
                          struct ba_request *r) {
  set_number(r, o, read_number(L, arg, o));
}

static void read_bytes (lua_State *L, int arg, const struct option *o,
                        struct ba_request *r) {
  lua_Number n = read_number(L, arg, o);
  if (n != (lua_Number)(size_t)n) bad(L, arg, o->name, "integer expected");
  set_number(r, o, n);
  r->has_max_response = true;           /* no other option counts bytes */
}

static void add_line (lua_State *L, struct ba_buffer *lines,
                      const char *line) {
  if (ba_buffer_add(lines, line, strlen(line) + 1) != BA_GROWN)
    ba_raise_text(L, "not enough memory");
}

static bool is_header_name (const char *name) {
  static const char allowed[] = "!#$%&'*+-.^_`|~0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return *name && name[strspn(name, allowed)] == '\0';
}

static bool is_ours (const char *name) {
  static const char *const ours[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect",
    "Content-Type"};
  size_t i;
  for (i = 0; i < sizeof ours / sizeof *ours; i++)
    if (ba_same(name, ours[i])) return true;
  return false;
}

/* A longer one, or one of other letters, may be a secret: as botapi.misnamed
   has it. */
static const char *shown (lua_State *L, const char *name) {
  enum { LONGEST = 32 };
  static const char usual[] = "-_0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  size_t len = strlen(name);
  if (len > LONGEST || strspn(name, usual) < len) return "a header";
  return lua_pushfstring(L, "'%s'", name);
}

/* stack: … name value */
static void add_header (lua_State *L, int arg, const struct option *o,
                        struct ba_buffer *lines) {
  size_t len, value_len;
  const char *name, *value;
  if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING)
    bad(L, arg, o->name, "names and values must be strings");
  name = lua_tolstring(L, -2, &len);
  value = lua_tolstring(L, -1, &value_len);
  if (len != strlen(name) || !is_header_name(name))
    bad(L, arg, o->name, "holds a name that no header can have");
  if (is_ours(name))
    bad(L, arg, o->name,
        lua_pushfstring(L, "'%s' is set by the library alone", name));
  if (has_control(value, value_len))
    bad(L, arg, o->name,
        lua_pushfstring(L, "the value of %s holds a control character",
                        shown(L, name)));
  /* for libcurl `Name;` is a header without a value */
  add_line(L, lines, value_len ? lua_pushfstring(L, "%s: %s", name, value)
                               : lua_pushfstring(L, "%s;", name));
  lua_pop(L, 1);
}

static void check_plain (lua_State *L, int arg, const struct option *o) {
  const char *wrong;
  check_type(L, arg, o, LUA_TTABLE);
  wrong = ba_not_plain(L, -1);
  if (wrong) bad(L, arg, o->name, wrong);
}

static void read_headers (lua_State *L, int arg, const struct option *o,
                          struct ba_request *r) {
  check_plain(L, arg, o);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    add_header(L, arg, o, &r->headers);
    lua_pop(L, 1);
  }
}

static void read_resolve (lua_State *L, int arg, const struct option *o,
                          struct ba_request *r) {
  int i;
  int n;
  check_plain(L, arg, o);
  n = (int)lua_rawlen(L, -1);
  if (n == 0) bad(L, arg, o->name, "a list of strings expected");
  for (i = 1; i <= n; i++) {
    const char *line;
    size_t len = 0;
    lua_rawgeti(L, -1, i);
    line = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &len) : NULL;
    if (!line || has_control(line, len) || !ba_endpoint_is_resolve(line))
      bad(L, arg, o->name, "\"host:port:address[,address]\" expected");
    add_line(L, &r->resolve, line);
    lua_pop(L, 1);
  }
}

/* Who starts the call keeps it. */
static void check_function (lua_State *L, int arg, const struct option *o,
                            struct ba_request *r) {
  (void)r;
  check_type(L, arg, o, LUA_TFUNCTION);
}

static const struct option *find (const char *name) {
  size_t i;
  for (i = 0; i < N_OPTIONS; i++)
    if (strcmp(OPTIONS[i].name, name) == 0) return &OPTIONS[i];
  return NULL;
}

/* Tells which one was meant by the name on top, by botapi.misnamed. */
BA_NORETURN
static void refuse (lua_State *L, int arg) {
  int i;
  lua_getfield(L, LUA_REGISTRYINDEX, "botapi.require");
  lua_pushliteral(L, "botapi.misnamed");
  lua_call(L, 1, 1);
  lua_pushliteral(L, "option");
  lua_pushvalue(L, -3);
  lua_createtable(L, N_OPTIONS, 0);     /* stack: … key misnamed "option" … */
  for (i = 0; i < N_OPTIONS; i++) {
    lua_pushstring(L, OPTIONS[i].name);
    lua_rawseti(L, -2, i + 1);
  }
  lua_call(L, 3, 1);
  ba_raise_arg(L, arg, lua_tostring(L, -1));
}

/* stack: … key */
static void check_name (lua_State *L, int arg) {
  const char *name = NULL;
  if (lua_type(L, -1) == LUA_TSTRING) name = lua_tostring(L, -1);
  if (!name || strlen(name) != lua_rawlen(L, -1) || !find(name))
    refuse(L, arg);
}

/* The value stays on the stack: it is borrowed. */
static void read_one (lua_State *L, int arg, const struct option *o,
                      struct ba_request *r) {
  static void (*const readers[])(lua_State *, int, const struct option *,
                                 struct ba_request *) = {
    read_string, read_boolean, read_seconds, read_bytes, read_reuse,
    read_headers, read_resolve, check_function};
  lua_getfield(L, arg, o->name);        /* inherited ones, too */
  if (!lua_isnil(L, -1)) readers[o->type](L, arg, o, r);
}

static void set_defaults (struct ba_request *r) {
  int i;
  for (i = 0; i < N_OPTIONS; i++) {
    const struct option *o = &OPTIONS[i];
    if (o->number > 0) set_number(r, o, o->number);
    if (o->text) *(const char **)member(r, o) = o->text;
  }
}

/* Without a tunnel libcurl learns the way by sending the request itself, and
   sends it again with the answer to the challenge. */
static void check_auth (lua_State *L, int arg, struct ba_request *r) {
  if (!r->proxy_auth) return;
  r->auth = ba_proxy_auth(r->proxy_auth);
  if (r->auth == 0)
    bad(L, arg, "proxy_auth",
        "\"basic\", \"digest\", \"ntlm\", \"negotiate\" or \"any\" expected");
  if (!ba_proxy_has(r->auth))
    bad(L, arg, "proxy_auth", "this libcurl was built without it");
  if (!r->https && strcmp(r->proxy_auth, "basic") != 0
      && ba_proxy_reads(r->proxy, r->near))
    bad(L, arg, "proxy_auth", "only \"basic\" works for an http:// server: "
                              "the proxy would get the request twice");
}

BA_NORETURN
static void bad_server (lua_State *L, int arg, const char *wrong,
                        const char *text) {
  char form[BA_FORM_SIZE];
  ba_pasted_form(form, text);
  bad(L, arg, "server", lua_pushfstring(L, "%s; write it like \"%s\"", wrong,
                                        form));
}

/* A socket's path is a part of its server's name, which is shown and noted. */
static bool holds_token (const struct ba_request *r) {
  char copy[SOCKET_MAX + 1];
  size_t len = strlen(r->unix_socket);
  memcpy(copy, r->unix_socket, len + 1);
  return ba_redact(copy, len, NULL, 0, BA_REDACT_TOKENS) != len
         || memcmp(copy, r->unix_socket, len) != 0;
}

/* What only makes sense, or only is safe, together. `server` is the argument
   that named the server. */
static void check_together (lua_State *L, int server, int arg,
                            struct ba_request *r) {
  const char *wrong = r->proxy ? ba_endpoint_proxy(r->proxy) : NULL;
  if (wrong) bad(L, arg, "proxy", wrong);
  if (r->resolve.len > 0 && ba_endpoint_is_resolver(r->proxy))
    bad(L, arg, "resolve", "this proxy looks names up by itself; socks4:// "
                           "and socks5:// don't");
  if (r->key_file && !r->cert_file)
    bad(L, arg, "key_file", "it belongs to a certificate: give cert_file, too");
  wrong = ba_endpoint_server(r, r->server);
  if (wrong) bad_server(L, server, wrong, r->server);
  if (r->url.failed) return;            /* no memory: the call tells so */
  wrong = ba_endpoint_pins(r);
  if (wrong) bad(L, arg, "resolve", wrong);
  if (r->unix_socket && holds_token(r))
    bad(L, arg, "unix_socket", "its path holds a token: use another one");
  if (r->unix_socket) r->near = true;
  check_auth(L, arg, r);
  r->own_route = r->unix_socket || r->resolve.len > 0
                 || (r->proxy && *r->proxy);
  if (r->https || r->plain_http) return;
  if (!r->near)
    bad(L, server, "server",
        "http:// would show the token to the network; use https://, or set "
        "plain_http = true");
  if (r->proxy && *r->proxy)
    bad(L, arg, "proxy", "a proxy would see the token in an http:// URL; "
                         "use https://, or set plain_http = true");
}

static void read_table (lua_State *L, int arg, struct ba_request *r) {
  int i;
  set_defaults(r);
  luaL_checkstack(L, N_OPTIONS + 12, "options");
  if (lua_isnoneornil(L, arg)) return;
  ba_check_type(L, arg, LUA_TTABLE);
  lua_pushnil(L);
  while (lua_next(L, arg)) {
    lua_pop(L, 1);
    check_name(L, arg);
  }
  for (i = 0; i < N_OPTIONS; i++)
    read_one(L, arg, &OPTIONS[i], r);
}

void ba_options_read (lua_State *L, int arg, struct ba_request *r) {
  read_table(L, arg, r);
  check_together(L, arg, arg, r);
}

void ba_options_read_server (lua_State *L, int server, int arg,
                             struct ba_request *r) {
  read_table(L, arg, r);
  if (lua_isnoneornil(L, server)) {
    check_together(L, arg, arg, r);
    return;
  }
  lua_pushvalue(L, server);
  read_string(L, server, &OPTIONS[SERVER], r);
  check_together(L, server, arg, r);
}

static void set_field (lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

static void push_option (lua_State *L, const struct option *o) {
  lua_createtable(L, 0, 7);
  set_field(L, "name", o->name);
  set_field(L, "type", TYPES[o->type]);
  if (o->shown) lua_pushstring(L, o->shown);
  else lua_pushfstring(L, "%d", (int)o->number);
  lua_setfield(L, -2, "default");
  set_field(L, "unit", o->unit);
  set_field(L, "meaning", o->meaning);
  if (o->type != SECONDS && o->type != BYTES) return;
  lua_pushnumber(L, o->min);
  lua_setfield(L, -2, "min");
  lua_pushnumber(L, o->max);
  lua_setfield(L, -2, "max");
}

int ba_options_list (lua_State *L) {
  int i;
  lua_createtable(L, N_OPTIONS, 0);
  for (i = 0; i < N_OPTIONS; i++) {
    push_option(L, &OPTIONS[i]);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}
