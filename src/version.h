/* SPDX-License-Identifier: MIT */
/* The version, once. */
#ifndef BA_VERSION_H
#define BA_VERSION_H

#define BA_VERSION "0.1.0"

#endif
