/* SPDX-License-Identifier: MIT */
/* Bytes that grow up to a limit. */
#ifndef BA_BUFFER_H
#define BA_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

enum ba_grown { BA_GROWN, BA_FULL, BA_NOMEM };

/* All zero is an empty buffer without a limit. `data` ends with a NUL that
   `len` doesn't count; it is NULL until something was added. */
struct ba_buffer {
  char *data;
  size_t len;
  size_t size;
  size_t max;                   /* 0: no limit */
  bool failed;                  /* an addition since the last free was lost */
};

enum ba_grown ba_buffer_add (struct ba_buffer *b, const char *s, size_t n);
enum ba_grown ba_buffer_text (struct ba_buffer *b, const char *s);
/* Wipes the bytes and gives the memory back; the limit stays. */
void ba_buffer_free (struct ba_buffer *b);

#endif
