/* SPDX-License-Identifier: MIT */
/* A method's parameters: a Lua table in, a form body out. */
#ifndef BA_PARAMS_H
#define BA_PARAMS_H

#include "compat.h"
#include "request.h"

#include <stdbool.h>

/* Reads the parameters at stack index `arg` (a table, or nothing) into
   r->body. `known` is the stack index of the table of parameters that the
   method knows, 0: nothing is known. Their types decide how they are sent;
   where `strict`, they are checked, and there are no others. Raises with the
   name of what is wrong. */
void ba_params_read (lua_State *L, int arg, int known, bool strict,
                     struct ba_request *r);

#endif
