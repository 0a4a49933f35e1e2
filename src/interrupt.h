/* SPDX-License-Identifier: MIT */
/* What Ctrl-C leaves of a call: an error that is raised, with `interrupted`,
   `sent` and `method`. */
#ifndef BA_INTERRUPT_H
#define BA_INTERRUPT_H

#include "failure.h"

/* Replaces what a hook raised, on top of the stack, by what is to be raised
   for the call that it ended; the member `raised` has it. */
void ba_interrupt_replace (lua_State *L, const struct ba_outcome *o,
                           const struct ba_context *context);
/* Takes the value on top of L's stack: it is raised in another thread as soon
   as that one runs. */
void ba_interrupt_postpone (lua_State *L, lua_State *thread);
/* Is something still to be raised there? */
bool ba_interrupt_is_postponed (lua_State *thread);
/* interruption(raised) -> the error object, or nil: it was something else */
int ba_interrupt_of (lua_State *L);
/* watch_interrupts(): from now on a Ctrl-C that ends no call counts, too */
int ba_interrupt_watch (lua_State *L);

#endif
