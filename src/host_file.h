/* SPDX-License-Identifier: MIT */
/* Files that survive a crash, directories and locks. */
#ifndef BA_HOST_FILE_H
#define BA_HOST_FILE_H

#include "compat.h"

/* Adds the functions to the table on top. */
void ba_host_file_open (lua_State *L);

#endif
