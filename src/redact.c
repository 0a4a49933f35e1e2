/* SPDX-License-Identifier: MIT */
/* Texts that may hold a token: found, starred, cleaned. */
#include "system.h"
#include "redact.h"

#include "ascii.h"

#include <stdint.h>
#include <string.h>

enum {
  PART_MIN = 6,         /* of a known secret: fewer are in many a word */
  SECRET_MIN = 4,       /* a shorter secret counts behind its id only */
  USUAL_MIN = 20,       /* of any secret: Telegram's have 35 characters; no
                           port, time or group of an IPv6 address is as long */
  TOKEN_MAX = 256,      /* of a longer one, which no server takes, the start */
  CREDENTIALS_MIN = 8,  /* base64 of five characters and more */
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

/* The code point of a character of n bytes. */
static unsigned code_point (const unsigned char *s, size_t n) {
  unsigned code = n == 1 ? s[0] : s[0] & (0x7fu >> n);
  size_t i;
  for (i = 1; i < n; i++)
    code = code << 6 | (s[i] & 0x3fu);
  return code;
}

/* C0, DEL, C1, and what isn't UTF-8: a terminal may obey it. What has no
   width, or changes the direction: it isn't seen. */
static bool is_control (const unsigned char *s, size_t n) {
  static const struct { unsigned first, last; } ranges[] = {
    {0, 0x1f}, {0x7f, 0x9f}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c},
    {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
    {0x2028, 0x202e}, {0x2060, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164},
    {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
  unsigned code = code_point(s, n);
  size_t i;
  for (i = 0; n > 0 && i < sizeof ranges / sizeof *ranges; i++)
    if (code <= ranges[i].last) return code >= ranges[i].first;
  return n == 0;
}

/* How long the character or wrong byte at s is, and whether cleaning takes it
   out: controls but for tabs and line ends, which become spaces. */
static size_t read_character (const char *s, bool *dropped) {
  const unsigned char *u = (const unsigned char *)s;
  size_t n = character(u);
  *dropped = is_control(u, n) && *s != '\n' && *s != '\r' && *s != '\t';
  return n > 0 ? n : 1;
}

/* The same for what is no part of a secret, whatever stands around it: these,
   and spaces, which parts of a text have between them. */
static size_t read_between (const char *s, bool *passed, bool *is_space) {
  static const struct { unsigned first, last; } spaces[] = {
    {0x9, 0xa}, {0xd, 0xd}, {0x20, 0x20}, {0xa0, 0xa0}, {0x1680, 0x1680},
    {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}};
  size_t n = read_character(s, passed), i;
  unsigned code = code_point((const unsigned char *)s, n);
  *is_space = false;
  for (i = 0; !*passed && i < sizeof spaces / sizeof *spaces; i++)
    if (spaces[i].first <= code && code <= spaces[i].last) *is_space = true;
  return n;
}

size_t ba_hidden (const char *text, size_t size, size_t *at, unsigned *code) {
  size_t n;
  for (; *at < size; *at += n > 0 ? n : 1) {
    const unsigned char *u = (const unsigned char *)text + *at;
    n = character(u);
    if (!is_control(u, n) || *u == '\n' || *u == '\t') continue;
    *code = n > 0 ? code_point(u, n) : *u;
    return n > 0 ? n : 1;
  }
  return 0;
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

/* Reads the byte that stands at s as %XX, encoded once or more often, or as it
   is; how many bytes it takes there. */
static size_t decode_percent (const char *s, const char *end, char *c) {
  const char *digits = s + 1;
  *c = *s;
  if (*s != '%') return 1;
  while (code(digits, end) == '%' && code(digits + 2, end) >= 0)
    digits += 2;
  if (code(digits, end) < 0) return 1;
  *c = (char)code(digits, end);
  return (size_t)(digits + 2 - s);
}

/* Moves behind one of these characters, encoded or not. */
static bool take (const char **s, const char *end, const char *set, char *c) {
  size_t n;
  if (*s >= end) return false;
  n = decode_percent(*s, end, c);
  if (*c == '\0' || !strchr(set, *c)) return false;
  *s += n;
  return true;
}

/* Moves behind the digits of a number, at most so many; how many there are.
   What isn't ASCII may become any byte that isn't. */
static int take_number (const char **s, const char *end, int base, int most,
                        char *byte) {
  static const char all[] = "0123456789abcdefABCDEF";
  char set[sizeof all] = "0123456789", c;
  int number = 0, n = 0;
  if (base == 16) memcpy(set, all, sizeof all);
  for (; n < most && take(s, end, set, &c); n++)
    if (number < 0x80) number = number * base + hex(c);
  *byte = (char)(number < 0x80 ? number : 0x80);
  return n;
}

/* Behind a backslash, or many: uXXXX, u{X}, UXXXXXXXX, xXX, or a control. */
static size_t decode_backslash (const char *s, const char *end, char *c) {
  const char *p = s, *run;
  char letter, brace, byte;
  int most, n;
  while (take(&p, end, "\\", &letter));
  run = p;
  if (!take(&p, end, "uUxnrtbfv", &letter)) return (size_t)(run - s);
  if (letter != 'u' && letter != 'U' && letter != 'x') {
    *c = '\n';
    return (size_t)(p - s);
  }
  most = letter == 'u' ? 4 : letter == 'U' ? 8 : 2;
  if (take(&p, end, "{", &brace)) {
    n = take_number(&p, end, 16, 6, &byte);
    if (n == 0 || !take(&p, end, "}", &brace)) return (size_t)(run - s);
  }
  else if (take_number(&p, end, 16, most, &byte) < most)
    return (size_t)(run - s);
  *c = byte;
  return (size_t)(p - s);
}

/* Behind a &: #65; or #x41; with any number of amp; before it. */
static size_t decode_entity (const char *s, const char *end, char *c) {
  enum { MOST = 1 << 30 };
  const char *p = s, *amp = s;
  char x, byte;
  while (take(&amp, end, "a", &x) && take(&amp, end, "m", &x)
         && take(&amp, end, "p", &x) && take(&amp, end, ";", &x))
    p = amp;
  if (!take(&p, end, "#", &x)) return 0;
  if (take_number(&p, end, take(&p, end, "xX", &x) ? 16 : 10, MOST, &byte)
      == 0)
    return 0;
  take(&p, end, ";", &x);
  *c = byte;
  return (size_t)(p - s);
}

/* Reads the character that stands at s, encoded in any way or as it is; how
   many bytes it takes there. */
static size_t decode (const char *s, const char *end, char *c) {
  size_t n = decode_percent(s, end, c);
  const char *p = s + n;
  char letter, byte;
  if (*c == '\\') return n + decode_backslash(p, end, c);
  if (*c == '&') return n + decode_entity(p, end, c);
  if (*c != '%' || !take(&p, end, "u", &letter)
      || take_number(&p, end, 16, 4, &byte) < 4)
    return n;
  *c = byte;
  return (size_t)(p - s);
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

static void add_to_token (struct token *t, unsigned char c) {
  if (t->len == TOKEN_MAX) return;
  t->len++;
  t->before[t->len] = t->last[c];
  t->last[c] = (uint16_t)t->len;
  if (c == ':' && t->id_len == 0) t->id_len = t->len;
}

static void read_token (struct token *t, const char *token, size_t len) {
  size_t i = 0, n;
  memset(t, 0, sizeof *t);
  if (!token || len < SECRET_MIN) return;
  for (; i < len; i += n) {
    bool passed, is_space;
    size_t k;
    n = read_between(token + i, &passed, &is_space);
    for (k = i; !passed && !is_space && k < i + n && k < len; k++)
      add_to_token(t, (unsigned char)token[k]);
  }
  if (t->len < SECRET_MIN) t->len = 0;
  if (t->id_len == 0) t->id_len = t->len;
  t->least = t->len > t->id_len ? t->len - t->id_len : 0;
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
  return memchr(text, '%', len) || memchr(text, '\\', len)
         || memchr(text, '&', len);
}

/* The next step of the decoded reading; where it ends. The code of what isn't
   ASCII, a control say, is passed by, too, but ends a likeness: a URL may have
   a time, and words with such codes. */
static const char *step_code (struct search *s, struct output *o,
                              const char *p, const char *end) {
  char c;
  const char *next = p + decode(p, end, &c);
  if (next - p == 1 || (c > ' ' && c < 0x7f)) step(s, o, c, p, next);
  else s->digits = s->likeness = NULL;
  return next;
}

/* Goes over a text once, whatever it holds, and reads it both as it stands
   and decoded: a % may also stand right before a secret. Controls and spaces
   are passed by: the text would show what they were to part. */
static void search (const struct token *token, struct output *o,
                    const char *text, const char *end) {
  struct search plain, decoded;
  const char *p = text, *character_end = text, *code_end = text;
  bool codes = has_codes(text, (size_t)(end - text));
  start(&plain, token);
  if (codes) start(&decoded, token);
  while (p < end && (o->to || !o->found)) {
    bool passed = false, is_space = false;
    if (p >= character_end && !(*p > ' ' && *p < 0x7f))
      character_end = p + read_between(p, &passed, &is_space);
    if (is_space) plain.digits = plain.likeness = NULL;
    if (is_space && codes) decoded.digits = decoded.likeness = NULL;
    if (passed || is_space) {
      p = character_end;
      continue;
    }
    step(&plain, o, *p, p, p + 1);
    if (codes && p >= code_end) code_end = step_code(&decoded, o, p, end);
    p++;
  }
  /* a code that was cut */
  if (o->begin && end - o->end < 3 && *o->end == '%') o->end = end;
  if (o->begin && end - o->end < 6 && *o->end && strchr("\\&", *o->end))
    o->end = end;
}

static bool is_of_base64 (char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z')
         || ('0' <= c && c <= '9') || c == '+' || c == '/' || c == '=';
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

/* How long the credentials are that begin at s: base64 or hex digits, and not
   one word of small letters. */
static size_t credentials (const char *s, const char *end) {
  size_t n = 0;
  bool is_word = true;
  for (; s + n < end && is_of_base64(s[n]); n++)
    if (n > 0 && !('a' <= s[n] && s[n] <= 'z')) is_word = false;
  return n < CREDENTIALS_MIN || is_word ? 0 : n;
}

/* What was told to a proxy for a password, where somebody repeats it. */
static char *hide_credentials (char *text, const char *end) {
  static const char *const before[] = {
    "basic ", "ntlm ", "negotiate ", "response=\"", "response="};
  struct output o = {text, text, NULL, NULL, false};
  const char *at;
  size_t i;
  for (at = text; at < end; at++)
    for (i = 0; i < sizeof before / sizeof *before; i++) {
      size_t len = strlen(before[i]);
      size_t n = (size_t)(end - at) > len && ba_same_start(at, before[i], len)
                   ? credentials(at + len, end) : 0;
      if (n == 0) continue;
      hide(&o, at + len, at + len + n);
      at += len + n - 1;                /* or a row of them is read anew */
      break;
    }
  return finish(&o, end);
}

/* How long the first one of some secrets is. */
static size_t first_of (const char *secrets, size_t len) {
  const char *nul = len > 0 ? memchr(secrets, '\0', len) : NULL;
  return nul ? (size_t)(nul - secrets) : len;
}

static void search_for (struct output *o, const char *text, const char *end,
                        const char *secret, size_t len, bool any) {
  struct token t;
  read_token(&t, secret, len);
  t.any = any;
  search(&t, o, text, end);
  explicit_bzero(&t, sizeof t);
}

bool ba_mentions (const char *text, size_t size, const char *secrets,
                  size_t len) {
  struct output o = {NULL, NULL, NULL, NULL, false};
  size_t at = first_of(secrets, len);
  if (size < SECRET_MIN) return false;
  search_for(&o, text, text + size, secrets, at, false);
  for (at++; !o.found && at < len; ) {
    size_t n = first_of(secrets + at, len - at);
    search_for(&o, text, text + size, secrets + at, n, false);
    at += n + 1;
  }
  return o.found;
}

static char *hide_secret (char *text, const char *end, const char *secret,
                          size_t len, bool any) {
  struct output o = {text, text, NULL, NULL, false};
  search_for(&o, text, end, secret, len, any);
  return finish(&o, end);
}

size_t ba_redact (char *text, size_t size, const char *secrets, size_t len,
                  enum ba_redacted what) {
  char *end = text + size;
  size_t at = first_of(secrets, len);
  if (what == BA_REDACT_ALL)
    end = hide_credentials(text, hide_userinfo(text, end));
  end = hide_secret(text, end, secrets, at, what != BA_REDACT_OWN);
  for (at++; at < len; ) {
    size_t n = first_of(secrets + at, len - at);
    end = hide_secret(text, end, secrets + at, n, false);
    at += n + 1;
  }
  return (size_t)(end - text);
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

void ba_clean (char *text, const char *secrets, size_t len, size_t most) {
  static const char cut[] = "\xe2\x80\xa6";        /* … */
  size_t size = drop_controls(text);
  size = ba_redact(text, size, secrets, len, BA_REDACT_ALL);
  if (size <= most || most < sizeof cut) return;
  most -= sizeof cut - 1;
  while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
    most--;
  memcpy(text + most, cut, sizeof cut);
}
