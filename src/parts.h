/* SPDX-License-Identifier: MIT */
/* The parts of a body that holds files: texts, bytes in memory, and files on
   the disk, which are opened, read once from the first byte to the last, and
   closed. */
#ifndef BA_PARTS_H
#define BA_PARTS_H

#include "outcome.h"
#include "owner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The texts are borrowed from Lua: who starts the call anchors them. */
struct ba_part {
  const char *name;             /* of the parameter */
  const char *filename;         /* NULL: a text, no file */
  const char *type;             /* of a file; NULL: by the filename */
  const char *path;             /* NULL: what `data` holds */
  const char *data;
  int64_t size;                 /* of the data, or of the file when opened */
  int64_t at;                   /* what was read so far */
  bool is_certificate;          /* no private key may be in it */
  int fd;                       /* -1: none */
  struct ba_inode inode;        /* that fd leads to */
};

struct ba_parts {
  struct ba_part *list;
  size_t n;                     /* 0: the body holds no file */
  const struct ba_part *failed; /* the first part that did; NULL: none */
  enum ba_problem problem;      /* of that one */
  int code;                     /* its errno, or 0 */
};

/* Room for n parts; false: no memory. */
bool ba_parts_new (struct ba_parts *p, size_t n);
/* Whether the caller has given a file, besides a certificate. */
bool ba_parts_have_file (const struct ba_parts *p);
/* Opens all files and learns their sizes; false: one of them failed. */
bool ba_parts_open (struct ba_parts *p);
/* All bytes of the texts and the files. */
int64_t ba_parts_size (const struct ba_parts *p);
/* The next bytes of a file, at most n; 0: its end; -1: it failed, or isn't
   any more what it was when it was opened. */
int64_t ba_part_read (struct ba_parts *p, struct ba_part *part, char *bytes,
                      size_t n);
/* What failed, for people. */
void ba_parts_tell (const struct ba_parts *p, char *text, size_t size);
/* Whether a text holds a private key in PEM. */
bool ba_parts_has_key (const char *text, size_t len);
/* Closes the files. */
void ba_parts_close (struct ba_parts *p);
void ba_parts_free (struct ba_parts *p);

#endif
