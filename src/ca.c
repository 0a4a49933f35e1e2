/* SPDX-License-Identifier: MIT */
/* Which of libcurl's two default places of trusted roots is the cheaper. */
#define _GNU_SOURCE
#include "transfer.h"

#include <dirent.h>
#include <string.h>

/* A link that `openssl rehash` makes: eight hex digits, a dot, a number. */
static bool is_hashed (const char *name) {
  size_t digits = strspn(name + 8, ".");
  if (strspn(name, "0123456789abcdef") != 8 || digits != 1) return false;
  return name[9] != '\0' && strspn(name + 9, "0123456789") == strlen(name + 9);
}

static bool holds_hashed (const char *path) {
  DIR *directory = opendir(path);
  const struct dirent *entry;
  bool found = false;
  if (!directory) return false;
  for (entry = readdir(directory); entry && !found;
       entry = readdir(directory))
    found = strlen(entry->d_name) > 9 && is_hashed(entry->d_name);
  closedir(directory);
  return found;
}

void ba_roots_find (struct ba_roots *roots) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  roots->bundle = info->cainfo;
  roots->directory = info->capath;
  roots->ca = roots->bundle ? BA_CA_BUNDLE : BA_CA_DEFAULT;
  if (roots->directory && holds_hashed(roots->directory))
    roots->ca = BA_CA_DIRECTORY;
}
