/* SPDX-License-Identifier: MIT */
/* Whose a thing is: this process's, or its parent's; and which file a
   descriptor leads to. */
#ifndef BA_OWNER_H
#define BA_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* Who made a thing. A child has its parent's pid where both are the first of
   their namespaces, so a pid alone doesn't tell. */
struct ba_owner {
  pid_t pid;
  unsigned char *page;          /* that a fork empties; NULL: none */
};

void ba_owner_take (struct ba_owner *o);
/* False in a child, however it was forked. */
bool ba_owner_is_here (const struct ba_owner *o);
void ba_owner_free (struct ba_owner *o);

/* What tells a socket, a pipe or a file from all others. epoll, timers and
   events share one inode: nothing is known of them. */
struct ba_inode {
  dev_t device;
  ino_t number;                 /* 0: not known */
};

struct ba_inode ba_inode_of (int fd);
/* Closes fd, but not if it leads to anything else by now, or nobody knows. */
void ba_inode_close (const struct ba_inode *inode, int fd);
/* Does fd still lead there? */
bool ba_inode_has (const struct ba_inode *inode, int fd);

#endif
