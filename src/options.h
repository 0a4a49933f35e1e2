/* SPDX-License-Identifier: MIT */
/* The options of every call: one table, read into a request. */
#ifndef BA_OPTIONS_H
#define BA_OPTIONS_H

#include "compat.h"
#include "raise.h"
#include "request.h"

/* Reads the options at stack index `arg` (a table, or nothing) into r, whose
   strings are borrowed and stay on the stack; raises for an unknown name, a
   wrong type or a value out of range. Sets the server's base, too. */
void ba_options_read (lua_State *L, int arg, struct ba_request *r);

/* Is there an option of this name? */
bool ba_options_has (const char *name);

/* The same, with the server at stack index `server`, where one is. */
void ba_options_read_server (lua_State *L, int server, int arg,
                             struct ba_request *r);
/* Letters, digits and _, not too long: may be repeated in a message. */
bool ba_options_is_name (const char *name);
/* Raises for a name that isn't known: repeats it if it looks like a name, not
   if it may be a token in the wrong place. */
BA_NORETURN void ba_options_refuse (lua_State *L, int arg, const char *what,
                                    const char *name);

/* Pushes the table as an array: name, type, min, max, default, unit,
   meaning. */
int ba_options_list (lua_State *L);

#endif
