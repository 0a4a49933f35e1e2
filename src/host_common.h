/* SPDX-License-Identifier: MIT */
/* What the functions of the host share: arguments, results, writing. */
#ifndef BA_HOST_COMMON_H
#define BA_HOST_COMMON_H

#include "compat.h"

/* A whole number that an argument must be. */
struct ba_range { const char *name; int min, max; };

const char *ba_host_check_text (lua_State *L, int arg, const char *name,
                                size_t *len);
/* A text without a NUL byte. */
const char *ba_host_check_path (lua_State *L, int arg, const char *name);
int ba_host_check_whole (lua_State *L, int arg, const struct ba_range *range);

/* What the system refused: pushes nil, message, errno; `what` is a path or the
   name of a thing. */
int ba_host_fail (lua_State *L, const char *what, int code);
/* The same, or true where the code is 0. */
int ba_host_report (lua_State *L, const char *what, int code);

/* Writes all of it; 0 or an errno. */
int ba_host_write (int fd, const char *bytes, size_t len);

/* The descriptor of the open file at a stack index, which keeps it. */
int ba_host_file_descriptor (lua_State *L, int index);
/* Each adds its functions to the table on top. */
void ba_host_file_open (lua_State *L);
void ba_host_system_open (lua_State *L);
void ba_host_terminal_open (lua_State *L);

#endif
