/* SPDX-License-Identifier: MIT */
/* Which of libcurl's two default places of trusted roots is the cheaper. */
#ifndef BA_CA_H
#define BA_CA_H

enum ba_ca { BA_CA_DEFAULT, BA_CA_DIRECTORY, BA_CA_BUNDLE, BA_CA_FILE };

enum { BA_ROOT_PATH_MAX = 512 };

struct ba_roots {
  enum ba_ca ca;
  const char *bundle;           /* NULL: libcurl was built without */
  const char *directory;
  char one[BA_ROOT_PATH_MAX];   /* a root of that directory, by its link */
};

void ba_roots_find (struct ba_roots *roots);

#endif
