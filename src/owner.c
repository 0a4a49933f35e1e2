/* SPDX-License-Identifier: MIT */
/* Whose a thing is: this process's, or its parent's; and which file a
   descriptor leads to. */
#include "system.h"
#include "owner.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- who made it --------------------------------------------------------- */

/* A byte, since the kernel empties whole pages. NULL: a kernel before 4.14, or
   one of another make: the pid has to do. */
static unsigned char *open_page (void) {
  void *page = mmap(NULL, 1, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED) return NULL;
  if (madvise(page, 1, MADV_WIPEONFORK) == 0) return page;
  munmap(page, 1);
  return NULL;
}

void ba_owner_take (struct ba_owner *o) {
  o->pid = getpid();
  o->page = open_page();
  if (o->page) *o->page = 1;
}

/* The pid is for children that share the memory (vfork): nothing is emptied
   there. */
bool ba_owner_is_here (const struct ba_owner *o) {
  return o->pid == getpid() && (!o->page || *o->page);
}

void ba_owner_free (struct ba_owner *o) {
  if (o->page) munmap(o->page, 1);
  memset(o, 0, sizeof *o);
}

/* --- which file ---------------------------------------------------------- */

static bool has_own_inode (const struct stat *info) {
  return S_ISSOCK(info->st_mode) || S_ISFIFO(info->st_mode)
         || S_ISREG(info->st_mode);
}

struct ba_inode ba_inode_of (int fd) {
  struct ba_inode inode = {0, 0};
  struct stat info;
  if (fstat(fd, &info) != 0 || !has_own_inode(&info)) return inode;
  inode.device = info.st_dev;
  inode.number = info.st_ino;
  return inode;
}

bool ba_inode_has (const struct ba_inode *inode, int fd) {
  struct ba_inode now = ba_inode_of(fd);
  return inode->number != 0 && now.number == inode->number
         && now.device == inode->device;
}

void ba_inode_close (const struct ba_inode *inode, int fd) {
  if (ba_inode_has(inode, fd)) close(fd);
}
