/* SPDX-License-Identifier: MIT */
/* Texts that may hold a token: found, starred, cleaned. */
#include "system.h"
#include "redact.h"

#include <stdint.h>
#include <string.h>

enum {
  PART_MIN = 6,         /* of a known secret: fewer are in many a word */
  SECRET_MIN = 4,       /* a shorter secret counts behind its id only */
  USUAL_MIN = 20,       /* of any secret: Telegram's have 35 characters; no
                           port, time or group of an IPv6 address is as long */
  TOKEN_MAX = 256,      /* of a longer one, which no server takes, the start */
  STARS = 3
};

/* --- characters ---------------------------------------------------------- */

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

/* C0, DEL, C1, and what isn't UTF-8: a terminal may obey it. */
static bool is_control (const unsigned char *s, size_t n) {
  return n == 0 || s[0] < 0x20 || s[0] == 0x7f
         || (n == 2 && s[0] == 0xc2 && s[1] < 0xa0);
}

/* How long the character or wrong byte at s is, and whether cleaning takes it
   out: controls but for tabs and line ends, which become spaces. */
static size_t read_character (const char *s, bool *dropped) {
  const unsigned char *u = (const unsigned char *)s;
  size_t n = character(u);
  *dropped = is_control(u, n) && *s != '\n' && *s != '\r' && *s != '\t';
  return n > 0 ? n : 1;
}

static int hex (char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* The byte of the two digits at s, -1: there are none. */
static int code (const char *s, const char *end) {
  if (end - s < 2 || hex(s[0]) < 0 || hex(s[1]) < 0) return -1;
  return hex(s[0]) * 16 + hex(s[1]);
}

/* Reads the byte that stands at s as %XX, encoded once or more often, as
   \u00XX, or as it is; how many bytes it takes there. */
static size_t decode (const char *s, const char *end, char *c) {
  const char *digits = s + 1;
  *c = *s;
  if (*s == '\\' && end - s >= 6 && memcmp(s, "\\u00", 4) == 0) digits += 3;
  else if (*s != '%') return 1;
  while (*s == '%' && code(digits, end) == '%' && code(digits + 2, end) >= 0)
    digits += 2;
  if (code(digits, end) < 0) return 1;
  *c = (char)code(digits, end);
  return (size_t)(digits + 2 - s);
}

/* --- stars --------------------------------------------------------------- */

/* A text that is written over itself from left to right. The range that is
   to be starred next may grow still. */
struct output {
  char *to;                     /* NULL: nothing is written */
  const char *from;             /* what isn't written yet */
  const char *begin, *end;      /* the range; begin NULL: none */
  bool found;
};

static void copy_until (struct output *o, const char *end) {
  size_t n = (size_t)(end - o->from);
  memmove(o->to, o->from, n);
  o->to += n;
}

static void write_stars (struct output *o) {
  size_t n;
  if (!o->begin) return;
  n = (size_t)(o->end - o->begin);
  copy_until(o, o->begin);
  if (n > STARS) n = STARS;
  memset(o->to, '*', n);
  o->to += n;
  o->from = o->end;
  o->begin = NULL;
}

/* Ranges that overlap are one. */
static void hide (struct output *o, const char *begin, const char *end) {
  o->found = true;
  if (!o->to) return;
  if (!o->begin || begin >= o->end) {
    write_stars(o);
    o->begin = o->end = begin;
  }
  if (begin < o->begin) o->begin = begin < o->from ? o->from : begin;
  if (end > o->end) o->end = end;
}

/* Writes the rest; the new end. */
static char *finish (struct output *o, const char *end) {
  write_stars(o);
  copy_until(o, end);
  *o->to = '\0';
  return o->to;
}

/* --- a known token ------------------------------------------------------- */

/* So many characters of the token, up to one of them, stand in the text. */
struct run {
  size_t at;                    /* which character of the text is its last */
  size_t len;
  const char *begin;
};

/* Positions in the token count from 1; 0 is none. */
struct token {
  uint16_t last[256];           /* the last position of each byte value */
  uint16_t before[TOKEN_MAX + 1];       /* that of the same byte before it */
  size_t len, id_len, least;    /* len 0: no token is known */
  bool any;                     /* is what looks like one hidden, too? */
};

/* One reading of a text: as it stands, or decoded. */
struct search {
  const struct token *token;
  struct run runs[TOKEN_MAX + 1];
  size_t at;                    /* the number of the character */
  const char *digits;           /* these right before, NULL: none */
  const char *likeness;         /* begin of what may be a token of any bot */
  size_t likeness_len;          /* of its secret */
};

static void read_token (struct token *t, const char *token, size_t len) {
  const char *colon;
  size_t i;
  memset(t, 0, sizeof *t);
  if (!token || len < SECRET_MIN) return;
  t->len = len < TOKEN_MAX ? len : TOKEN_MAX;
  for (i = 1; i <= t->len; i++) {
    unsigned char c = (unsigned char)token[i - 1];
    t->before[i] = t->last[c];
    t->last[c] = (uint16_t)i;
  }
  colon = memchr(token, ':', t->len);
  t->id_len = colon ? (size_t)(colon + 1 - token) : t->len;
  t->least = t->len - t->id_len;
  if (t->least < SECRET_MIN) t->id_len = t->len;
  if (t->least > PART_MIN) t->least = PART_MIN;
}

/* Is a run up to this position the token, or enough of its secret? */
static bool is_enough (const struct token *t, size_t position, size_t len) {
  size_t in_secret = position > t->id_len ? position - t->id_len : 0;
  if (len < in_secret) in_secret = len;
  return len == t->len || (in_secret > 0 && in_secret >= t->least);
}

/* Each run that c continues, or begins. Positions go down, since a run goes
   on from the position below. */
static void step_token (struct search *s, struct output *o, char c,
                        const char *begin, const char *end) {
  size_t i = s->token->last[(unsigned char)c];
  const char *longest = NULL;
  for (; i > 0; i = s->token->before[i]) {
    const struct run *below = &s->runs[i - 1];
    bool goes_on = i > 1 && below->at == s->at - 1;
    s->runs[i].at = s->at;
    s->runs[i].len = goes_on ? below->len + 1 : 1;
    s->runs[i].begin = goes_on ? below->begin : begin;
    if (is_enough(s->token, i, s->runs[i].len)
        && (!longest || s->runs[i].begin < longest))
      longest = s->runs[i].begin;
  }
  if (longest) hide(o, longest, end);
}

/* --- any token ----------------------------------------------------------- */

static bool is_digit (char c) {
  return c >= '0' && c <= '9';
}

static bool is_of_secret (char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || c == '_' || c == '-';
}

/* Digits, a colon, and so many characters of a secret. */
static void step_any (struct search *s, struct output *o, char c,
                      const char *begin, const char *end) {
  if (!s->token->any) return;
  if (s->likeness && is_of_secret(c)) {
    s->likeness_len++;
    if (s->likeness_len >= USUAL_MIN) hide(o, s->likeness, end);
  } else {
    s->likeness = c == ':' ? s->digits : NULL;
    s->likeness_len = 0;
  }
  if (!is_digit(c)) s->digits = NULL;
  else if (!s->digits) s->digits = begin;
}

/* --- a text -------------------------------------------------------------- */

static void start (struct search *s, const struct token *token) {
  s->token = token;
  memset(s->runs, 0, (token->len + 1) * sizeof *s->runs);
  s->at = 1;
  s->digits = s->likeness = NULL;
}

static void step (struct search *s, struct output *o, char c,
                  const char *begin, const char *end) {
  s->at++;
  step_token(s, o, c, begin, end);
  step_any(s, o, c, begin, end);
}

static bool has_codes (const char *text, size_t len) {
  return memchr(text, '%', len) || memchr(text, '\\', len);
}

/* Goes over a text once, whatever it holds, and reads it both as it stands
   and decoded: a % may also stand right before a secret. Controls are passed
   by: without them the text would show what they were to part. */
static void search (const struct token *token, struct output *o,
                    const char *text, const char *end) {
  struct search plain, decoded;
  const char *p = text, *character_end = text, *code_end = text;
  bool codes = has_codes(text, (size_t)(end - text));
  start(&plain, token);
  if (codes) start(&decoded, token);
  while (p < end && (o->to || !o->found)) {
    bool dropped = false;
    char c = *p;
    if (p >= character_end && !(c >= ' ' && c < 0x7f))
      character_end = p + read_character(p, &dropped);
    if (dropped) {
      p = character_end;
      continue;
    }
    step(&plain, o, c, p, p + 1);
    if (codes && p >= code_end) {
      code_end = p + decode(p, end, &c);
      step(&decoded, o, c, p, code_end);
    }
    p++;
  }
  /* a code that was cut */
  if (o->begin && end - o->end < 3 && *o->end == '%') o->end = end;
}

/* user:password@ behind any :// */
static char *hide_userinfo (char *text, const char *end) {
  struct output o = {text, text, NULL, NULL, false};
  const char *at = text;
  while (at < end) {
    const char *from = at + 3, *to, *user = NULL;
    if (end - at < 3 || memcmp(at, "://", 3) != 0) {
      at++;
      continue;
    }
    for (to = from; to < end && *to && !strchr("/ \"'<>", *to); to++)
      if (*to == '@') user = to;
    if (user && user > from) hide(&o, from, user);
    at = to;
  }
  return finish(&o, end);
}

bool ba_mentions (const char *text, size_t size, const char *token,
                  size_t len) {
  struct token t;
  struct output o = {NULL, NULL, NULL, NULL, false};
  if (size < SECRET_MIN) return false;
  read_token(&t, token, len);
  search(&t, &o, text, text + size);
  explicit_bzero(&t, sizeof t);
  return o.found;
}

size_t ba_redact (char *text, size_t size, const char *token, size_t len,
                  enum ba_redacted what) {
  struct token t;
  struct output o = {text, text, NULL, NULL, false};
  char *end = text + size;
  read_token(&t, token, len);
  t.any = what != BA_REDACT_OWN;
  if (what == BA_REDACT_ALL) end = hide_userinfo(text, end);
  search(&t, &o, text, end);
  explicit_bzero(&t, sizeof t);
  return (size_t)(finish(&o, end) - text);
}

/* --- cleaning ------------------------------------------------------------ */

/* Line ends and tabs become spaces, those at the end go. */
static size_t drop_controls (char *text) {
  const char *from = text;
  char *to = text;
  while (*from) {
    bool dropped;
    size_t n = read_character(from, &dropped);
    memmove(to, from, n);
    if (strchr("\n\r\t", *to)) *to = ' ';
    if (!dropped) to += n;
    from += n;
  }
  while (to > text && to[-1] == ' ')
    to--;
  *to = '\0';
  return (size_t)(to - text);
}

void ba_clean (char *text, const char *token, size_t len, size_t most) {
  size_t size = drop_controls(text);
  size = ba_redact(text, size, token, len, BA_REDACT_ALL);
  if (size <= most) return;
  while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
    most--;
  text[most] = '\0';
}
