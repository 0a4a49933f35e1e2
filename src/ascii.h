/* SPDX-License-Identifier: MIT */
/* Letters without the locale: in a Turkish one strcasecmp takes "I" and "i"
   for two letters. And a hash of them. */
#ifndef BA_ASCII_H
#define BA_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline char ba_lower (char c) {
  if (c >= 'A' && c <= 'Z') return (char)(c | 32);
  return c;
}

/* Are the first n bytes the same, but for the case of ASCII's letters? */
static inline bool ba_same_start (const char *a, const char *b, size_t n) {
  size_t i;
  for (i = 0; i < n && ba_lower(a[i]) == ba_lower(b[i]); i++)
    if (a[i] == '\0') return true;
  return i == n;
}

/* Do the n bytes at s begin with `start`, but for the case of its letters? */
static inline bool ba_begins (const char *s, size_t n, const char *start) {
  return n >= strlen(start) && ba_same_start(s, start, strlen(start));
}

static inline bool ba_same (const char *a, const char *b) {
  return strlen(a) == strlen(b) && ba_same_start(a, b, strlen(a));
}

/* FNV-1a, from BA_HASH on */
#define BA_HASH 14695981039346656037u

static inline uint64_t ba_hash_on (uint64_t hash, const char *s, size_t len) {
  size_t i;
  for (i = 0; i < len; i++)
    hash = (hash ^ (unsigned char)s[i]) * 1099511628211u;
  return hash;
}

/* Takes the blanks off both ends. */
static inline void ba_trim (const char **s, size_t *n) {
  while (*n > 0 && strchr(" \t\r\n", (*s)[*n - 1]) && (*s)[*n - 1])
    (*n)--;
  for (; *n > 0 && strchr(" \t\r\n", **s) && **s; (*n)--)
    (*s)++;
}

/* A whole number between blanks; -1: it is none, or more than `most`. */
static inline int64_t ba_whole (const char *s, size_t n, int64_t most) {
  int64_t number = 0;
  size_t i;
  ba_trim(&s, &n);
  for (i = 0; i < n; i++) {
    int digit = s[i] - '0';
    if (digit < 0 || digit > 9 || number > (most - digit) / 10) return -1;
    number = number * 10 + digit;
  }
  return n > 0 ? number : -1;
}

#endif
