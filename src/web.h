/* SPDX-License-Identifier: MIT */
/* The request and the answer of a cookie session: not the Bot API. */
#ifndef BA_WEB_H
#define BA_WEB_H

#include "compat.h"
#include "transfer.h"

/* Reads url, form, cookies and options from stack index `arg` on; raises. */
void ba_web_read (lua_State *L, struct ba_request *r, int arg);
/* Pushes {status =, location =, body =, cookies = {Netscape lines}}. */
void ba_web_push (lua_State *L, const struct ba_transfer *t);

#endif
