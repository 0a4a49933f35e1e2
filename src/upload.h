/* SPDX-License-Identifier: MIT */
/* A body of several parts, as libcurl's MIME API sends it: the files are read
   while they are sent. */
#ifndef BA_UPLOAD_H
#define BA_UPLOAD_H

#include "libcurl.h"
#include "parts.h"

#include <stdbool.h>
#include <stdint.h>

struct ba_source;

/* All zero is none. */
struct ba_upload {
  curl_mime *mime;
  struct ba_source *sources;    /* what libcurl's callbacks get */
  struct ba_parts *parts;
  int64_t left;                 /* bytes of files that weren't read yet */
  /* n bytes of a file go to libcurl, from inside its callback */
  void (*moved) (void *owner, int64_t n);
  void *owner;
};

/* Gives the handle a body of these parts, which are open. */
CURLcode ba_upload_set (struct ba_upload *u, CURL *easy,
                        struct ba_parts *parts);
/* The handle is gone, or sends no more. */
void ba_upload_free (struct ba_upload *u);
/* libcurl keeps the handle: what its callbacks get stays, and is empty. */
void ba_upload_leak (struct ba_upload *u);

#endif
