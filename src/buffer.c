/* SPDX-License-Identifier: MIT */
/* Bytes that grow up to a limit. */
#include "system.h"
#include "buffer.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 256 };

/* A new place instead of realloc: the old one may hold a token. */
static bool grow (struct ba_buffer *b, size_t need) {
  size_t size = b->size ? b->size : FIRST_SIZE;
  char *data;
  while (size < need)
    size *= 2;
  data = malloc(size);
  if (!data) return false;
  if (b->data) {
    memcpy(data, b->data, b->len);
    explicit_bzero(b->data, b->len);
    free(b->data);
  }
  b->data = data;
  b->size = size;
  return true;
}

enum ba_grown ba_buffer_add (struct ba_buffer *b, const char *s, size_t n) {
  if (b->max && n > b->max - b->len) {
    b->failed = true;
    return BA_FULL;
  }
  if (n > SIZE_MAX / 4 - b->len
      || (b->len + n + 1 > b->size && !grow(b, b->len + n + 1))) {
    b->failed = true;
    return BA_NOMEM;
  }
  if (n) memcpy(b->data + b->len, s, n);
  b->len += n;
  b->data[b->len] = '\0';
  return BA_GROWN;
}

enum ba_grown ba_buffer_text (struct ba_buffer *b, const char *s) {
  return ba_buffer_add(b, s, strlen(s));
}

void ba_buffer_free (struct ba_buffer *b) {
  if (b->data) explicit_bzero(b->data, b->len);
  free(b->data);
  b->data = NULL;
  b->len = 0;
  b->size = 0;
  b->failed = false;
}
