/* SPDX-License-Identifier: MIT */
/* What is asked of the C library: the first header of each source. */
#ifndef BA_SYSTEM_H
#define BA_SYSTEM_H

#if !defined(__linux__)
#error "botapi runs on Linux alone: it is made of epoll, timerfd and signalfd"
#endif

#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif

/* Where a long has 32 bits: files of any size, with any number and date. */
#if !defined(_FILE_OFFSET_BITS) && !defined(_TIME_BITS)
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64
#endif

/* glibc 2.43 has _Generic in its string.h for any C; with -pedantic clang
   warns of it as if it were ours. gcc still does where it is. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wc11-extensions"
#endif

#endif
