/* SPDX-License-Identifier: MIT */
/* Runs a command: spend COMMAND… prints on descriptor 2 what it took as a
   last line: CPU s, wall s, peak kB, exit code. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds (struct timeval t) {
  return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main (int argc, char **argv) {
  struct timespec a, b;
  struct rusage u;
  int status;
  pid_t child;
  if (argc < 2) return 2;
  clock_gettime(CLOCK_MONOTONIC, &a);
  child = fork();
  if (child == 0) {
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &u) != child) return 1;
  clock_gettime(CLOCK_MONOTONIC, &b);
  fprintf(stderr, "spent %.6f %.6f %ld %d\n",
          seconds(u.ru_utime) + seconds(u.ru_stime),
          (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9,
          u.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
  return 0;
}
