/* SPDX-License-Identifier: MIT */
/* Where the body of a file goes, to a descriptor or to its owner in chunks;
   and whether it is the file that was asked for. */
#ifndef BA_SINK_H
#define BA_SINK_H

#include "buffer.h"
#include "outcome.h"
#include "owner.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A chunk is told when it has half of this; no more is taken beyond it. */
enum { BA_CHUNK = 64 * 1024 };

enum ba_taken { BA_TAKEN, BA_NOT_NOW, BA_REFUSED };

struct ba_sink {
  /* what is wanted */
  bool open;                    /* the call is a download */
  bool chunks;                  /* to its owner, else to fd */
  int fd;                       /* a copy of its own */
  struct ba_owner owner;
  struct ba_inode inode;
  int64_t from;                 /* bytes of an earlier try in the file */
  int64_t size;                 /* of the whole file, -1: not known */
  int64_t most;                 /* the largest file that is taken, -1: any */
  /* what the head says; -1: nothing */
  int64_t length, first, whole;
  /* what came */
  bool begun;                   /* the answer is the file, not a refusal */
  int64_t at;                   /* bytes of the file that are there */
  int64_t given;                /* of these, to the disk */
  struct ba_buffer chunk;
  /* why it was refused, or NULL */
  const char *wrong;
  enum ba_problem problem;
  int code;                     /* the errno of what failed here, 0: none */
};

/* A download into a copy of fd, -1: in chunks. 0, or an errno. */
int ba_sink_open (struct ba_sink *sink, int fd);
/* A line of the answer's head. */
void ba_sink_header (struct ba_sink *sink, const char *line, size_t n);
/* The head is complete. False: it isn't that of the file. */
bool ba_sink_begin (struct ba_sink *sink, long status);
enum ba_taken ba_sink_take (struct ba_sink *sink, const char *s, size_t n);
/* The answer is complete; `framed`: it told where it ends. False: it isn't the
   whole file. */
bool ba_sink_end (struct ba_sink *sink, bool framed);
void ba_sink_free (struct ba_sink *sink);

#endif
