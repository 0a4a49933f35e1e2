/* SPDX-License-Identifier: MIT */
/* The instance of lua-cjson that core keeps in the registry, made strict and
   kept apart from the locale. */
#ifndef BA_JSON_H
#define BA_JSON_H

#include "compat.h"

/* The most levels that are read: lua-cjson's own. What was read can be
   written, so botapi.json knows it, as core.json_depth. */
enum { BA_JSON_DEPTH_MAX = 1000 };

/* Replaces the string on top by its value; nil: it isn't strict JSON. */
void ba_json_decode (lua_State *L);
/* decode(text) -> value, or nil */
int ba_json_lua_decode (lua_State *L);
/* Pushes the texts of the elements of the array that is the member `name` of
   an object, or nil. Returns 1. */
int ba_json_items (lua_State *L, const char *s, size_t len, const char *name);
/* items(text) -> the texts of an array's elements, or of an object's members
   with their names; or nil */
int ba_json_lua_items (lua_State *L);

#endif
