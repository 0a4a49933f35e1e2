/* SPDX-License-Identifier: MIT */
/* Why a call failed, where libcurl doesn't tell it: what this machine
   lacks, and what is wrong with a unix socket. */
#ifndef BA_CAUSE_H
#define BA_CAUSE_H

#include <stddef.h>

/* Can't this process look up a name? The errno of a descriptor or a thread,
   which libcurl needs for it, and what it means as text; or 0: it can. */
int ba_cause_of_no_lookup (char *text, size_t size);
/* The errno of a connect to the unix socket at `path`, or a better one. */
int ba_cause_of_unix_socket (const char *path, int code);
void ba_cause_tell_unix_socket (char *text, size_t size, const char *path,
                                int code);

#endif
