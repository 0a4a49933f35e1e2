/* SPDX-License-Identifier: MIT */
/* The options of every call: one table, read into a request. */
#ifndef BA_OPTIONS_H
#define BA_OPTIONS_H

#include "compat.h"
#include "request.h"

/* The longest time limit that an option can have. */
enum { BA_TIMEOUT_MAX_MS = 2147483000 };

/* Reads the options at stack index `arg` (a table, or nothing) into r, whose
   strings are borrowed and stay on the stack; raises for an unknown name, a
   wrong type or a value out of range. Sets the server's base, too. */
void ba_options_read (lua_State *L, int arg, struct ba_request *r);

/* The same, with the server at stack index `server`, where one is. */
void ba_options_read_server (lua_State *L, int server, int arg,
                             struct ba_request *r);

/* Pushes the table as an array: name, type, min, max, default, unit,
   meaning. */
int ba_options_list (lua_State *L);

#endif
