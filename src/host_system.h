/* SPDX-License-Identifier: MIT */
/* Random numbers, the clock and processes. */
#ifndef BA_HOST_SYSTEM_H
#define BA_HOST_SYSTEM_H

#include "compat.h"

/* Adds the functions to the table on top. */
void ba_host_system_open (lua_State *L);

#endif
