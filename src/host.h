/* SPDX-License-Identifier: MIT */
/* What Lua lacks and the tools need of the operating system. */
#ifndef BA_HOST_H
#define BA_HOST_H

#include <lua.h>

/* Pushes a table of functions. Each returns nil, message, errno when the
   world fails, and raises when an argument is wrong. */
int ba_host_push (lua_State *L);

#endif
