/* SPDX-License-Identifier: MIT */
/* The grammar of a token: number, colon, secret, and nothing else. */
#include "system.h"
#include "token.h"

#include <stdbool.h>
#include <string.h>

/* The largest id is below 2^54. */
enum { ID_DIGITS = 17 };

static bool is_digit (unsigned char c) {
  return c >= '0' && c <= '9';
}

/* Telegram's secrets have letters, digits, _ and -; those of other networks
   may have more, but nothing that has a meaning in a URL or in a list. */
static bool is_of_secret (unsigned char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c && strchr("_-.~+=*!$@", c));
}

/* What is wrong with a character that stands in no token. */
static const char *oddity (unsigned char c) {
  static const struct { const char *bytes, *wrong; } odd[] = {
    {" ", "the token holds a space"},
    {"\t\n\v\f\r", "the token holds a tab or a line end"},
    {"\"'`", "the token holds a quote"},
    {",;|", "the token holds a character that separates columns (, ; or |)"},
    {":", "the token holds a second colon"}
  };
  size_t i;
  if (c >= 0x80) return "the token holds a character that isn't ASCII "
                        "(some of these can't be seen)";
  for (i = 0; c && i < sizeof odd / sizeof *odd; i++)
    if (strchr(odd[i].bytes, c)) return odd[i].wrong;
  return "the token holds a character that no token has";
}

static bool has_mark (const char *token, size_t len) {
  return len >= 3 && memcmp(token, "\xef\xbb\xbf", 3) == 0;
}

const char *ba_token_check (const char *token, size_t len) {
  size_t i, digits = 0;
  if (len == 0) return "the token is empty";
  if (len > BA_TOKEN_MAX) return "the token is longer than 256 bytes";
  if (has_mark(token, len)) return "the token begins with a byte order mark";
  while (digits < len && is_digit((unsigned char)token[digits]))
    digits++;
  for (i = digits; i < len; i++) {
    bool is_colon = token[i] == ':' && !memchr(token, ':', i);
    if (!is_colon && !is_of_secret((unsigned char)token[i]))
      return oddity((unsigned char)token[i]);
  }
  if (!memchr(token, ':', len))
    return "the token has no colon: it looks like 123456:secret";
  if (token[digits] != ':' || digits == 0 || digits > ID_DIGITS
      || *token == '0')
    return "the token doesn't begin with a bot's number: "
           "it looks like 123456:secret";
  return digits + 1 < len ? NULL : "the token has no secret behind its colon";
}
