/* SPDX-License-Identifier: MIT */
/* luaopen_botapi_core: registers logout, the other functions and engine. */
#include "system.h"
#include "call.h"
#include "compat.h"
#include "engine_object.h"
#include "envelope.h"
#include "failure.h"
#include "file.h"
#include "host_common.h"
#include "interrupt.h"
#include "json.h"
#include "libcurl.h"
#include "options.h"
#include "params.h"
#include "raise.h"
#include "redact.h"
#include "secret.h"
#include "start.h"
#include "version.h"

#include <dlfcn.h>
#include <pthread.h>

/* --- the process --------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The object that an address is in stays loaded. */
static void pin (const void *address) {
  Dl_info info;
  if (dladdr(address, &info) && info.dli_fname)
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}

/* lua_close would unload the module while resolver threads of libcurl run:
   pinned, where the linker has not done it (-z nodelete). */
static void start_process (void) {
  pin(&once);
  /* where it fails, each handle fails, too: a call tells so */
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- open ---------------------------------------------------------------- */

/* Finalizers that lua_close runs may call still, when Lua 5.1 has unloaded
   other modules. */
static void pin_function (lua_State *L, int index) {
  union { lua_CFunction function; const void *address; } code;
  code.function = lua_tocfunction(L, index);
  if (code.address) pin(code.address);
}

/* The decoder of an instance of our own: nobody's settings change. */
static void keep_json (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson.safe");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1);
  lua_getfield(L, -1, "decode_invalid_numbers");
  lua_pushboolean(L, 0);
  lua_call(L, 1, 0);
  lua_getfield(L, -1, "decode");
  pin_function(L, -1);
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.decode");
  lua_pop(L, 2);
}

/* For what is loaded when it is first needed. */
static void keep_require (lua_State *L) {
  lua_getglobal(L, "require");
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.require");
}

/* The methods as they are now: what a program does to the module's table
   changes nothing here. */
static void keep_methods (lua_State *L) {
  static const char copy[] =
    "local function copy(t) local c = {} for k, v in next, t do "
    "c[k] = type(v) == 'table' and copy(v) or v end return c end "
    "return copy(...)";
  if (luaL_loadstring(L, copy)) ba_raise(L);
  lua_getglobal(L, "require");
  lua_pushliteral(L, "botapi.methods");
  lua_call(L, 1, 1);
  lua_call(L, 1, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.methods");
}

static void keep_noop (lua_State *L) {
  if (luaL_loadstring(L, "")) ba_raise(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.noop");
}

static void check_libcurl (lua_State *L) {
  if (!ba_libcurl_is_new_enough())
    ba_raise_text(L, "botapi needs libcurl " BA_LIBCURL_OLDEST_NAME
                     " or newer, this is %s", curl_version());
}

/* can_yield() -> false: below a C function, such as require */
static int can_yield (lua_State *L) {
  lua_pushboolean(L, ba_can_yield(L));
  return 1;
}

static int in_frame (lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  return ba_call_in_frame(L, lua_gettop(L) - 1);
}

/* framed(f) -> a function that does what f does, written in C: where it is
   called last (`return f()`, as each line at a prompt), its caller stays on
   the stack, with the line that an error is told with. Lua 5.1: f */
static int framed (lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 1);
  if (BA_FRAMES && !lua_iscfunction(L, 1)) lua_pushcclosure(L, in_frame, 1);
  return 1;
}

/* hidden(text, from) -> first, last, code of the next character that can't be
   shown, see ba_hidden; nothing: there is none */
static int hidden (lua_State *L) {
  size_t size, n, at;
  unsigned code;
  const char *text = luaL_checklstring(L, 1, &size);
  lua_Integer from = luaL_checkinteger(L, 2);
  luaL_argcheck(L, from >= 1, 2, "position expected");
  at = (size_t)from - 1;
  n = ba_hidden(text, size, &at, &code);
  if (n == 0) return 0;
  lua_pushinteger(L, (lua_Integer)at + 1);
  lua_pushinteger(L, (lua_Integer)at + (lua_Integer)n);
  lua_pushinteger(L, (lua_Integer)code);
  return 3;
}

__attribute__((visibility("default")))
int luaopen_botapi_core (lua_State *L);

/* A function that raises the reason alone when its arguments are wrong. */
static void add_bare (lua_State *L, const char *name, lua_CFunction f) {
  ba_push_signature(L, name, 1, true);
  lua_pushcclosure(L, f, BA_UPVALUES);
  lua_setfield(L, -2, name);
}

static void open_parts (lua_State *L) {
  ba_secret_open(L);
  ba_failure_open(L);
  ba_file_open(L);
  ba_envelope_open(L);
  ba_call_open(L);
  ba_engine_object_open(L);
}

static void push_functions (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"error", ba_failure_new}, {"raise", ba_raise_placed},
    {"envelope", ba_envelope_mark}, {"clean", ba_envelope_clean},
    {"texts", ba_envelope_texts},
    {"redact", ba_secret_redact}, {"decode", ba_json_lua_decode},
    {"items", ba_json_lua_items}, {"not_plain", ba_params_not_plain},
    {"escape", ba_params_escape},
    {"options", ba_options_list}, {"live", ba_engine_object_live},
    {"interruption", ba_interrupt_of},
    {"watch_interrupts", ba_interrupt_watch},
    {"file_path", ba_start_file_path}, {"can_yield", can_yield},
    {"hidden", hidden}, {"framed", framed}, {"is_file", ba_file_is},
    {NULL, NULL}};
  static const luaL_Reg of_users[] = {
    {"engine", ba_engine_object_new}, {"file", ba_file_new}, {NULL, NULL}};
  luaL_newlib(L, functions);
  ba_add_functions(L, of_users, 1);
  add_bare(L, "token", ba_secret_new);
  add_bare(L, "base", ba_start_base);
  add_bare(L, "secrets", ba_start_secrets);
  add_bare(L, "check_params", ba_start_check_params);
  ba_start_open(L);
  lua_newtable(L);
  ba_host_file_open(L);
  ba_host_terminal_open(L);
  ba_host_system_open(L);
  lua_setfield(L, -2, "host");
  lua_pushliteral(L, BA_VERSION);
  lua_setfield(L, -2, "_VERSION");
  lua_pushinteger(L, BA_JSON_DEPTH_MAX);
  lua_setfield(L, -2, "json_depth");
  lua_pushinteger(L, BA_WAIT_MAX);
  lua_setfield(L, -2, "longest_wait");
}

int luaopen_botapi_core (lua_State *L) {
  pthread_once(&once, start_process);
  check_libcurl(L);
  keep_json(L);
  keep_noop(L);
  ba_keep_main(L);
  keep_methods(L);
  keep_require(L);
  open_parts(L);
  push_functions(L);
  return 1;
}
