/* SPDX-License-Identifier: MIT */
/* Preloaded beside the sanitizers: no child inherits the preload. */
#define _GNU_SOURCE
#include <stdlib.h>

__attribute__((constructor)) static void forget (void) {
  unsetenv("LD_PRELOAD");
}
