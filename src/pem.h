/* SPDX-License-Identifier: MIT */
/* Whether a client's certificate and key can be used, as far as their files
   tell. */
#ifndef BA_PEM_H
#define BA_PEM_H

#include "outcome.h"

#include <stdbool.h>
#include <stdint.h>

/* Can a library read what is at this path without waiting for ever? Not of a
   pipe, a socket or a device. What isn't there, or is a directory, it says. */
bool ba_pem_ends (const char *path);

/* A number that changes when a file is another one, or is written. */
uint64_t ba_pem_stamp (const char *certificate, const char *key);

/* What is wrong with them, before libcurl reads them behind an open
   connection, with one code for all that can be wrong. `key`: NULL, it is in
   the certificate's file. */
enum ba_problem ba_pem_check (const char *certificate, const char *key);

#endif
