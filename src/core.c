/* SPDX-License-Identifier: MIT */
/* luaopen_botapi_core: registers logout, the other functions and engine. */
#include "system.h"
#include "call.h"
#include "compat.h"
#include "engine_object.h"
#include "envelope.h"
#include "failure.h"
#include "host.h"
#include "libcurl.h"
#include "options.h"
#include "params.h"
#include "raise.h"
#include "secret.h"
#include "start.h"
#include "version.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

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

/* --- the blocking functions ---------------------------------------------- */

/* Pushes a call of the default engine, the only value behind `top`. */
static struct ba_call *take (lua_State *L, int top) {
  struct ba_call *call;
  lua_settop(L, top);
  ba_engine_object_default(L);
  call = ba_call_take(L, top + 1);
  lua_replace(L, top + 1);
  return call;
}

static int run (lua_State *L, const struct ba_arguments *args, int top) {
  struct ba_call *call = take(L, top);
  ba_call_start(L, call, args);
  return ba_call_finish(L, top + 1, call);
}

static int logout (lua_State *L) {
  static const struct ba_arguments args = {"logOut", true, 1, 0, 2};
  return run(L, &args, 2);
}

static int close_instance (lua_State *L) {
  static const struct ba_arguments args = {"close", true, 1, 0, 2};
  return run(L, &args, 2);
}

static int get_me (lua_State *L) {
  static const struct ba_arguments args = {"getMe", true, 1, 0, 2};
  return run(L, &args, 2);
}

static int get_webhook_info (lua_State *L) {
  static const struct ba_arguments args = {"getWebhookInfo", true, 1, 0, 2};
  return run(L, &args, 2);
}

static int delete_webhook (lua_State *L) {
  static const struct ba_arguments args = {"deleteWebhook", true, 1, 2, 3};
  return run(L, &args, 3);
}

static int set_webhook (lua_State *L) {
  static const struct ba_arguments args = {"setWebhook", true, 1, 2, 3};
  return run(L, &args, 3);
}

static int call (lua_State *L) {
  static const struct ba_arguments args = {NULL, false, 1, 3, 4};
  return run(L, &args, 4);
}

static int probe (lua_State *L) {
  struct ba_call *c = take(L, 2);
  ba_call_start_probe(L, c, 1, 2);
  return ba_call_finish(L, 3, c);
}

/* --- for the Lua layer --------------------------------------------------- */

static int options (lua_State *L) {
  return ba_options_list(L);
}

static void get_field (lua_State *L, const char *name) {
  if (lua_istable(L, -1)) lua_getfield(L, -1, name);
  else lua_pushnil(L);
  lua_remove(L, -2);
}

/* check_params(entry, params): raises as the named functions do, where
   `entry` is a method of botapi.methods */
static int check_params (lua_State *L) {
  struct ba_call *scratch;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  get_field(L, "params");
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_pushnil(L);
  scratch = ba_call_new(L, 4);          /* owns the body that is made */
  ba_params_read(L, 2, 3, &scratch->transfer.request);
  return 0;
}

/* base([options]) -> the server's URL up to /bot; raises like a call */
static int base (lua_State *L) {
  struct ba_call *scratch;
  const struct ba_buffer *url;
  lua_settop(L, 1);
  lua_pushnil(L);
  scratch = ba_call_new(L, 2);
  ba_options_read(L, 1, &scratch->transfer.request);
  url = &scratch->transfer.request.url;
  if (!url->data) ba_raise_text(L, "not enough memory");
  lua_pushlstring(L, url->data, url->len);
  lua_pushboolean(L, scratch->transfer.request.near);
  return 2;
}

/* --- open ---------------------------------------------------------------- */

/* Finalizers that lua_close runs may call still, when Lua 5.1 has unloaded
   other modules. */
static void pin_function (lua_State *L, int index) {
  union { lua_CFunction function; const void *address; } code;
  code.function = lua_tocfunction(L, index);
  if (code.address) pin(code.address);
}

/* The JSON functions of an instance of our own: nobody's settings change. */
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
  lua_getfield(L, -1, "encode");
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.encode");
  lua_pop(L, 2);
}

/* Keeps field `name` of a Lua module, or the module, in the registry. */
static void keep_module (lua_State *L, const char *module, const char *key) {
  lua_getglobal(L, "require");
  lua_pushstring(L, module);
  lua_call(L, 1, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, key);
}

/* For what is loaded when it is first needed. */
static void keep_require (lua_State *L) {
  lua_getglobal(L, "require");
  lua_setfield(L, LUA_REGISTRYINDEX, "botapi.require");
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

__attribute__((visibility("default")))
int luaopen_botapi_core (lua_State *L);

int luaopen_botapi_core (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"logout", logout}, {"close_instance", close_instance},
    {"get_me", get_me}, {"get_webhook_info", get_webhook_info},
    {"delete_webhook", delete_webhook}, {"set_webhook", set_webhook},
    {"call", call}, {"probe", probe}, {"engine", ba_engine_object_new},
    {"error", ba_failure_new}, {"envelope", ba_envelope_mark},
    {"clean", ba_envelope_clean},
    {"token", ba_secret_new}, {"options", options},
    {"check_params", check_params}, {"base", base},
    {"live", ba_engine_object_live}, {NULL, NULL}};
  pthread_once(&once, start_process);
  check_libcurl(L);
  keep_json(L);
  keep_noop(L);
  ba_keep_main(L);
  keep_module(L, "botapi.methods", "botapi.methods");
  keep_require(L);
  ba_options_open(L);
  ba_secret_open(L);
  ba_failure_open(L);
  ba_envelope_open(L);
  ba_call_open(L);
  ba_engine_object_open(L);
  ba_start_open(L);
  luaL_newlib(L, functions);
  ba_host_push(L);
  lua_setfield(L, -2, "host");
  lua_pushliteral(L, BA_VERSION);
  lua_setfield(L, -2, "_VERSION");
  return 1;
}
