/* SPDX-License-Identifier: MIT */
/* A write whose signals end no process. */
#ifndef BA_QUIET_H
#define BA_QUIET_H

#include <stddef.h>
#include <sys/types.h>

/* As write, but a pipe that nobody reads any more (EPIPE) and a file as large
   as this process may make one (EFBIG) don't end the process. */
ssize_t ba_quiet_write (int fd, const char *s, size_t n);

#endif
