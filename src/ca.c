/* SPDX-License-Identifier: MIT */
/* Which of libcurl's two default places of trusted roots is the cheaper. */
#include "system.h"
#include "ca.h"

#include "libcurl.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* A link that `openssl rehash` makes: eight hex digits, a dot, a number. */
static bool is_hashed (const char *name) {
  size_t digits = strspn(name + 8, ".");
  if (strspn(name, "0123456789abcdef") != 8 || digits != 1) return false;
  return name[9] != '\0' && strspn(name + 9, "0123456789") == strlen(name + 9);
}

/* Notes the path of a root in the directory; false: it isn't hashed. */
static bool note_root (struct ba_roots *roots, const char *name) {
  int len;
  if (strlen(name) <= 9 || !is_hashed(name)) return false;
  len = snprintf(roots->one, sizeof roots->one, "%s/%s", roots->directory,
                 name);
  return len > 0 && (size_t)len < sizeof roots->one;
}

static bool find_hashed (struct ba_roots *roots) {
  DIR *directory = opendir(roots->directory);
  const struct dirent *entry;
  bool found = false;
  if (!directory) return false;
  for (entry = readdir(directory); entry && !found;
       entry = readdir(directory))
    found = note_root(roots, entry->d_name);
  closedir(directory);
  return found;
}

void ba_roots_find (struct ba_roots *roots) {
  roots->bundle = ba_libcurl_bundle();
  roots->directory = ba_libcurl_directory();
  roots->ca = roots->bundle ? BA_CA_BUNDLE : BA_CA_DEFAULT;
  if (roots->directory && find_hashed(roots)) roots->ca = BA_CA_DIRECTORY;
}
