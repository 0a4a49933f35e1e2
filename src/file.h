/* SPDX-License-Identifier: MIT */
/* The userdata of a file that is to be sent: a path or bytes, and how it is
   called. */
#ifndef BA_FILE_H
#define BA_FILE_H

#include "compat.h"
#include "parts.h"

#define BA_FILE_CLASS "botapi.file"

void ba_file_open (lua_State *L);
/* file(path [, {name =, type =}]) or file{data =, name =, type =} */
int ba_file_new (lua_State *L);
/* is_file(value) -> boolean */
int ba_file_is (lua_State *L);
/* Fills the part with what the file at stack index `index` holds, as long as
   that lives. False: it is none. */
bool ba_file_read (lua_State *L, int index, struct ba_part *part);

#endif
