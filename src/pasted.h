/* SPDX-License-Identifier: MIT */
/* A server as people paste it: the URL that it means; or, where it isn't clear
   or is wrong, the form that is right. */
#ifndef BA_PASTED_H
#define BA_PASTED_H

#include "buffer.h"

#include <stddef.h>

enum { BA_FORM_SIZE = 160 };

/* Adds the URL that a text means: without blanks, quotes and brackets around
   it, and without what is another for each request, as /bot{token}/{method};
   names and host:port become URLs where only one can be meant. What isn't
   clear is added as it is. NULL, or what is wrong. */
const char *ba_pasted_url (struct ba_buffer *out, const char *text);

/* The form that would be right in the place of a text: of its parts at most
   host and port, since the others may be secrets. */
void ba_pasted_form (char form[BA_FORM_SIZE], const char *text);

#endif
