/* SPDX-License-Identifier: MIT */
/* A body of several parts, as libcurl's MIME API sends it: the files are read
   while they are sent. */
#include "system.h"
#include "upload.h"

#include "ascii.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ba_source {
  struct ba_upload *upload;     /* NULL: the call is over */
  struct ba_part *part;
};

/* --- callbacks: no Lua in here ------------------------------------------- */

static size_t on_read (char *bytes, size_t size, size_t count, void *user) {
  struct ba_source *source = user;
  struct ba_upload *u = source->upload;
  int64_t n;
  if (!u) return CURL_READFUNC_ABORT;
  n = ba_part_read(u->parts, source->part, bytes, size * count);
  if (n < 0) return CURL_READFUNC_ABORT;
  u->left -= n;
  if (n > 0) u->moved(u->owner, n);
  return (size_t)n;
}

/* --- parts --------------------------------------------------------------- */

/* As libcurl names the types of files that it opens by itself; it doesn't for
   those that come by a callback. Bot API servers go by what is in a file. */
static const char *type_of (const char *filename) {
  static const char *const types[][2] = {
    {".gif", "image/gif"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"},
    {".png", "image/png"}, {".svg", "image/svg+xml"}, {".txt", "text/plain"},
    {".htm", "text/html"}, {".html", "text/html"},
    {".pdf", "application/pdf"}, {".xml", "application/xml"}};
  size_t len = strlen(filename), i;
  for (i = 0; i < sizeof types / sizeof *types; i++) {
    size_t end = strlen(types[i][0]);
    if (len >= end && ba_same(filename + len - end, types[i][0]))
      return types[i][1];
  }
  return "application/octet-stream";
}

static CURLcode add_file (curl_mimepart *to, struct ba_source *source) {
  const struct ba_part *part = source->part;
  CURLcode code = curl_mime_filename(to, part->filename);
  if (!code)
    code = curl_mime_type(to, part->type ? part->type
                                         : type_of(part->filename));
  if (!code)
    /* nothing seeks: nobody may send a body again that was begun */
    code = curl_mime_data_cb(to, part->size, on_read, NULL, NULL, source);
  return code;
}

/* libcurl copies a text: many small reads of a callback's would be as many
   small packets. */
static CURLcode add_part (struct ba_upload *u, struct ba_source *source) {
  const struct ba_part *part = source->part;
  curl_mimepart *to = curl_mime_addpart(u->mime);
  CURLcode code;
  if (!to) return CURLE_OUT_OF_MEMORY;
  code = curl_mime_name(to, part->name);
  if (code) return code;
  if (part->filename) return add_file(to, source);
  return curl_mime_data(to, part->data, (size_t)part->size);
}

CURLcode ba_upload_set (struct ba_upload *u, CURL *easy,
                        struct ba_parts *parts) {
  CURLcode code = CURLE_OK;
  size_t i;
  u->parts = parts;
  u->mime = curl_mime_init(easy);
  u->sources = calloc(parts->n, sizeof *u->sources);
  if (!u->mime || !u->sources) return CURLE_OUT_OF_MEMORY;
  for (i = 0; !code && i < parts->n; i++) {
    u->sources[i].upload = u;
    u->sources[i].part = &parts->list[i];
    if (parts->list[i].filename) u->left += parts->list[i].size;
    code = add_part(u, &u->sources[i]);
  }
  if (!code) code = curl_easy_setopt(easy, CURLOPT_MIMEPOST, u->mime);
  return code;
}

/* --- life ---------------------------------------------------------------- */

void ba_upload_free (struct ba_upload *u) {
  curl_mime_free(u->mime);
  free(u->sources);
  u->mime = NULL;
  u->sources = NULL;
}

void ba_upload_leak (struct ba_upload *u) {
  size_t i;
  for (i = 0; u->sources && i < u->parts->n; i++)
    u->sources[i].upload = NULL;
  u->mime = NULL;
  u->sources = NULL;
}
