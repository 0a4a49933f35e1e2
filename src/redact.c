/* SPDX-License-Identifier: MIT */
/* Texts that may hold a token: found, starred, cleaned. */
#include "system.h"
#include "redact.h"

#include <string.h>

/* A part of a secret is as long as this; a shorter secret is one part, if it
   isn't so short that any word may hold it. */
enum { PART_MIN = 6, SECRET_MIN = 4, STARS = 3 };

/* --- search -------------------------------------------------------------- */

static int hex (char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* How many bytes at s stand for the byte c, as it is or %-encoded: 0, 1, 3. */
static size_t stands_for (const char *s, const char *end, char c) {
  if (s < end && *s == c) return 1;
  if (end - s < 3 || *s != '%' || hex(s[1]) < 0 || hex(s[2]) < 0) return 0;
  return (char)(hex(s[1]) * 16 + hex(s[2])) == c ? 3 : 0;
}

/* The bytes at s that stand for the first characters of `wanted`: `least` of
   them or more, else 0. */
static size_t match_start (const char *s, const char *end,
                           const char *wanted, size_t least) {
  const char *p = s;
  size_t i;
  for (i = 0; wanted[i]; i++) {
    size_t n = stands_for(p, end, wanted[i]);
    if (n == 0) break;
    p += n;
  }
  if (i < least) return 0;
  if (p < end && *p == '%' && end - p < 3) p = end;     /* cut in a code */
  return (size_t)(p - s);
}

/* What is to be hidden: NUL-terminated, as tokens have no NUL. */
struct secret {
  char token[257];
  const char *part;             /* behind the colon, NULL: too short */
  size_t len;                   /* of the token */
  size_t part_len;
};

static bool read_secret (struct secret *s, const char *token, size_t len) {
  const char *colon;
  if (!token || len < SECRET_MIN || len >= sizeof s->token) return false;
  memcpy(s->token, token, len);
  s->token[len] = '\0';
  s->len = len;
  colon = strchr(s->token, ':');
  s->part = colon && strlen(colon + 1) >= SECRET_MIN ? colon + 1 : NULL;
  s->part_len = s->part ? strlen(s->part) : 0;
  return true;
}

/* The bytes at `text` that stand for the token, or for a part of its secret
   that is long enough: the longest there. */
static size_t match (const char *text, const char *end,
                     const struct secret *s) {
  size_t least = s->part_len < PART_MIN ? s->part_len : PART_MIN;
  size_t longest = match_start(text, end, s->token, s->len);
  size_t i;
  if (longest > 0 || !s->part) return longest;
  for (i = 0; i + least <= s->part_len; i++) {
    size_t n = match_start(text, end, s->part + i, least);
    if (n > longest) longest = n;
  }
  return longest;
}

/* The first place from `text` on where something matches: its length, or 0
   and text = end. Most bytes are passed by, a part's length at a time. */
static size_t find (const char **text, const char *end,
                    const struct secret *s) {
  const char *hexadecimal = "%0123456789abcdefABCDEF";
  size_t least = s->part_len < PART_MIN ? s->part_len : PART_MIN;
  size_t n;
  if (least == 0) least = s->len;
  while (*text < end) {
    const char *last = *text + least - 1;
    if ((size_t)(end - *text) < least) break;
    if (*last && !strchr(s->token, *last) && !strchr(hexadecimal, *last)) {
      *text = last + 1;
      continue;
    }
    n = match(*text, end, s);
    if (n > 0) return n;
    (*text)++;
  }
  *text = end;
  return 0;
}

bool ba_mentions (const char *text, size_t size, const char *token,
                  size_t len) {
  struct secret s;
  bool found;
  if (size < SECRET_MIN) return false;
  found = read_secret(&s, token, len) && find(&text, text + size, &s) > 0;
  explicit_bzero(&s, sizeof s);
  return found;
}

/* --- stars --------------------------------------------------------------- */

/* Replaces n bytes at `at`, moves what follows; where that begins now. */
static char *star (char *at, size_t n) {
  size_t stars = n < STARS ? n : STARS;
  memset(at, '*', stars);
  memmove(at + stars, at + n, strlen(at + n) + 1);
  return at + stars;
}

static void hide (char *text, const struct secret *s) {
  for (;;) {
    const char *at = text;
    size_t n = find(&at, text + strlen(text), s);
    if (n == 0) return;
    text = star(text + (at - text), n);
  }
}

/* user:password@ behind any :// */
static void hide_userinfo (char *text) {
  char *at = strstr(text, "://");
  for (; at; at = strstr(at, "://")) {
    size_t len;
    at += 3;
    len = strcspn(at, "/ \"'<>");
    while (len > 0 && at[len] != '@')
      len--;
    if (len > 0) at = star(at, len);
  }
}

void ba_redact (char *text, const char *token, size_t len) {
  struct secret s;
  hide_userinfo(text);
  if (read_secret(&s, token, len)) hide(text, &s);
  explicit_bzero(&s, sizeof s);
}

/* --- cleaning ------------------------------------------------------------ */

/* The length of the UTF-8 character at s, 0: there is none. */
static size_t character (const unsigned char *s) {
  size_t n, i;
  if (s[0] < 0x80) return 1;
  if (s[0] >= 0xc2 && s[0] < 0xe0) n = 2;
  else if (s[0] >= 0xe0 && s[0] < 0xf0) n = 3;
  else if (s[0] >= 0xf0 && s[0] < 0xf5) n = 4;
  else return 0;
  for (i = 1; i < n; i++)
    if ((s[i] & 0xc0) != 0x80) return 0;
  return n;
}

/* C0, DEL, C1, and what isn't UTF-8: a terminal may obey it */
static bool is_control (const unsigned char *s, size_t n) {
  return n == 0 || s[0] < 0x20 || s[0] == 0x7f
         || (n == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

/* Line ends and tabs become spaces, those at the end go. */
static void drop_controls (char *text) {
  const char *from = text;
  char *to = text;
  while (*from) {
    size_t n = character((const unsigned char *)from);
    if (strchr("\n\r\t", *from)) *to++ = ' ';
    else if (!is_control((const unsigned char *)from, n)) {
      memmove(to, from, n);
      to += n;
    }
    from += n ? n : 1;
  }
  while (to > text && to[-1] == ' ')
    to--;
  *to = '\0';
}

void ba_clean (char *text, const char *token, size_t len, size_t most) {
  drop_controls(text);
  ba_redact(text, token, len);
  if (strlen(text) <= most) return;
  while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
    most--;
  text[most] = '\0';
}
