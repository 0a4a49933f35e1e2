/* SPDX-License-Identifier: MIT */
/* Many transfers on one multi handle: start, step, cancel, deadlines. */
#ifndef BA_ENGINE_H
#define BA_ENGINE_H

#include "transfer.h"

enum { BA_KEEP_DEFAULT = 8, BA_KEEP_MAX = 10000 };

struct ba_engine;

/* The bytes of an engine, which is in its caller's memory. */
size_t ba_engine_size (void);
/* A closed one, that will keep at most `keep` idle connections. */
void ba_engine_init (struct ba_engine *e, int keep);
/* Opens what isn't open, in a forked child anew. NULL, or what failed. */
const char *ba_engine_ready (struct ba_engine *e);
/* In a forked child: ends what was inherited from the parent. */
void ba_engine_check_fork (struct ba_engine *e);
/* Ends every call, then frees everything but the list of those done. */
void ba_engine_close (struct ba_engine *e);
/* The same with kind system; the next call opens it again. */
void ba_engine_fail (struct ba_engine *e, const char *why);

/* Runs t, whose request is complete. */
void ba_engine_start (struct ba_engine *e, struct ba_transfer *t);
/* Takes t as one that has already failed. */
void ba_engine_refuse (struct ba_engine *e, struct ba_transfer *t,
                       enum ba_kind kind, const char *text);
/* t is done in `us` microseconds, and transfers nothing. */
void ba_engine_timer (struct ba_engine *e, struct ba_transfer *t, int64_t us);
void ba_engine_cancel (struct ba_transfer *t, const char *why);
/* Does its outcome stand? In a forked child that of what was inherited. */
bool ba_engine_is_done (struct ba_transfer *t);
/* From libcurl's callbacks: t, which goes on, has news for its owner. */
void ba_engine_tell (struct ba_transfer *t);
/* Is it done, or has it news that weren't taken? */
bool ba_engine_has_news (struct ba_transfer *t);
/* Its owner has taken them; not from libcurl's callbacks. t goes on where it
   was paused, and may end by that. */
void ba_engine_taken (struct ba_transfer *t);
/* Takes t out of its engine; ends it first if it runs. */
void ba_engine_drop (struct ba_transfer *t);

/* Makes progress, waits at most ms (-1: until there is some). */
void ba_engine_step (struct ba_engine *e, int ms);
/* When the next step has something to do: microseconds, 0: now, -1: never. */
int64_t ba_engine_due (const struct ba_engine *e);
/* How many calls run, and how many are done and not yet dropped. */
size_t ba_engine_count (const struct ba_engine *e);
size_t ba_engine_count_done (const struct ba_engine *e);
/* The first of those done; NULL: none. */
struct ba_transfer *ba_engine_first_done (const struct ba_engine *e);
/* The next one that has news, each time it has some; NULL: none. */
struct ba_transfer *ba_engine_next_telling (struct ba_engine *e);
/* The descriptor that is readable when a step has something to do, -1: none
   is left. From now on no call begins without it. */
int ba_engine_fd (struct ba_engine *e);

#endif
