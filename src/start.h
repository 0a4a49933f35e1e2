/* SPDX-License-Identifier: MIT */
/* The methods of an engine that start a call. */
#ifndef BA_START_H
#define BA_START_H

#include "compat.h"

/* Adds them to those of engine_object.c. */
void ba_start_open (lua_State *L);

#endif
