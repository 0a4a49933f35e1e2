/* SPDX-License-Identifier: MIT */
/* Whether a client's certificate and key can be used, as far as their files
   tell. */
#include "system.h"
#include "pem.h"

#include "ascii.h"
#include "buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

enum { FILE_MAX = 1024 * 1024, HEAD = 6 };

enum state {
  GOOD, NO_FILE, UNREADABLE, NO_BLOCK, MALFORMED, ENCRYPTED, UNKNOWN, N_STATES
};

static const char *const CERTIFICATES[] = {
  "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", NULL};
static const char *const KEYS[] = {
  "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY",
  "ENCRYPTED PRIVATE KEY", NULL};

/* --- files --------------------------------------------------------------- */

static enum state read_all (int fd, struct ba_buffer *text) {
  char bytes[4096];
  enum state state = GOOD;
  ssize_t n = read(fd, bytes, sizeof bytes);
  while (n > 0 && state == GOOD) {
    enum ba_grown grown = ba_buffer_add(text, bytes, (size_t)n);
    if (grown != BA_GROWN) state = grown == BA_FULL ? MALFORMED : UNKNOWN;
    n = read(fd, bytes, sizeof bytes);
  }
  explicit_bzero(bytes, sizeof bytes);
  return n < 0 ? UNREADABLE : state;
}

/* Of a pipe the bytes could be read once only, or never come. */
static enum state read_file (const char *path, struct ba_buffer *text) {
  struct stat status;
  enum state state = UNREADABLE;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return NO_FILE;
  if (fd < 0 && (errno == EMFILE || errno == ENFILE)) return UNKNOWN;
  if (fd < 0) return UNREADABLE;
  text->max = FILE_MAX;
  if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
    state = read_all(fd, text);
  close(fd);
  return state;
}

bool ba_pem_ends (const char *path) {
  struct stat status;
  return stat(path, &status) != 0 || S_ISREG(status.st_mode)
         || S_ISDIR(status.st_mode);
}

static uint64_t add_stamp (uint64_t hash, const char *path) {
  struct stat s;
  char text[160];
  if (!path || stat(path, &s) != 0) return hash;
  snprintf(text, sizeof text, "%lld %lld %lld %lld.%09ld %lld.%09ld",
           (long long)s.st_dev, (long long)s.st_ino, (long long)s.st_size,
           (long long)s.st_mtim.tv_sec, (long)s.st_mtim.tv_nsec,
           (long long)s.st_ctim.tv_sec, (long)s.st_ctim.tv_nsec);
  return ba_hash_on(hash, text, strlen(text) + 1);
}

uint64_t ba_pem_stamp (const char *certificate, const char *key) {
  return add_stamp(add_stamp(BA_HASH, certificate), key);
}

/* --- blocks -------------------------------------------------------------- */

static int value_of (char c) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "abcdefghijklmnopqrstuvwxyz0123456789+/";
  const char *at = c ? strchr(digits, c) : NULL;
  return at ? (int)(at - digits) : -1;
}

/* Base64: how many bytes there are, the first ones in `head`. 0: not any. */
static size_t decode (const char *s, size_t n, unsigned char *head) {
  size_t i, len = 0;
  unsigned bits = 0, have = 0;
  for (i = 0; i < n && s[i] != '='; i++) {
    int value = value_of(s[i]);
    if (strchr(" \t\r\n", s[i])) continue;
    if (value < 0) return 0;
    bits = (bits << 6 | (unsigned)value) & 0xffff;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    if (len < HEAD) head[len] = (unsigned char)(bits >> have);
    len++;
  }
  return len;
}

/* Is it one sequence of DER, and nothing behind it? */
static bool is_whole (const unsigned char *head, size_t len) {
  size_t of_length = head[1] & 0x7f;
  size_t content = 0, i;
  if (len < HEAD || head[0] != 0x30) return false;
  if (head[1] < 0x80) return len == 2u + head[1];
  if (of_length < 1 || of_length > HEAD - 2) return false;
  for (i = 0; i < of_length; i++)
    content = content << 8 | head[2 + i];
  return len == 2 + of_length + content;
}

/* The text between a block's first line and its last one. */
static enum state check_block (const char *label, const char *s, size_t n) {
  unsigned char head[HEAD] = {0};
  size_t len;
  if (strncmp(label, "ENCRYPTED", 9) == 0) return ENCRYPTED;
  if (n > 10 && strncmp(s, "Proc-Type:", 10) == 0) return ENCRYPTED;
  len = decode(s, n, head);
  /* a trusted one has more behind it */
  if (strncmp(label, "TRUSTED", 7) == 0) return len > 0 ? GOOD : MALFORMED;
  return is_whole(head, len) ? GOOD : MALFORMED;
}

/* Which label the line has that begins with `mark`; NULL: none of these. */
static const char *label_of (const char *line, const char *mark,
                             const char *const *labels) {
  for (; *labels; labels++) {
    size_t len = strlen(*labels), start = strlen(mark);
    if (strncmp(line, mark, start) == 0
        && strncmp(line + start, *labels, len) == 0
        && strncmp(line + start + len, "-----", 5) == 0)
      return *labels;
  }
  return NULL;
}

static const char *next_line (const char *s) {
  s = strchr(s, '\n');
  return s ? s + 1 : NULL;
}

/* The first block of this kind counts, as it does for OpenSSL. */
static enum state check_text (const char *text, const char *const *labels) {
  const char *label = NULL, *begin, *end;
  for (begin = text; begin; begin = next_line(begin)) {
    label = label_of(begin, "-----BEGIN ", labels);
    if (label) break;
  }
  begin = begin ? next_line(begin) : NULL;
  if (!begin) return label ? MALFORMED : NO_BLOCK;
  for (end = begin; end; end = next_line(end))
    if (label_of(end, "-----END ", labels) == label)
      return check_block(label, begin, (size_t)(end - begin));
  return MALFORMED;
}

static enum state check_file (const char *path, const char *const *labels) {
  struct ba_buffer text = {0};
  enum state state = read_file(path, &text);
  if (state == GOOD) state = check_text(text.data ? text.data : "", labels);
  ba_buffer_free(&text);
  return state;
}

enum ba_problem ba_pem_check (const char *certificate, const char *key) {
  static const enum ba_problem certificates[N_STATES] = {
    BA_NO_PROBLEM, BA_CERT_MISSING, BA_CERT_UNREADABLE, BA_CERT_MALFORMED,
    BA_CERT_MALFORMED, BA_CERT_MALFORMED, BA_NO_PROBLEM};
  static const enum ba_problem keys[N_STATES] = {
    BA_NO_PROBLEM, BA_KEY_MISSING, BA_KEY_UNREADABLE, BA_KEY_MALFORMED,
    BA_KEY_MALFORMED, BA_KEY_ENCRYPTED, BA_NO_PROBLEM};
  enum state state = check_file(certificate, CERTIFICATES);
  if (certificates[state]) return certificates[state];
  state = check_file(key ? key : certificate, KEYS);
  return state == NO_BLOCK && !key ? BA_KEY_MISSING : keys[state];
}
