/* SPDX-License-Identifier: MIT */
/* The terminal: its width, and a line that is read without echo. */
#ifndef BA_HOST_TERMINAL_H
#define BA_HOST_TERMINAL_H

#include "compat.h"

/* Adds the functions to the table on top. */
void ba_host_terminal_open (lua_State *L);

#endif
