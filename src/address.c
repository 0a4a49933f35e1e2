/* SPDX-License-Identifier: MIT */
/* The host of a URL: whether it is near, and its one spelling. */
#include "system.h"
#include "address.h"

#include "ascii.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

static bool is_near_v4 (const unsigned char *a) {
  static const struct { uint32_t net, mask; } near[] = {
    {0x7f000000, 0xff000000},           /* 127/8 */
    {0x0a000000, 0xff000000},           /* RFC 1918: 10/8 */
    {0xac100000, 0xfff00000},           /* 172.16/12 */
    {0xc0a80000, 0xffff0000},           /* 192.168/16 */
    {0xa9fe0000, 0xffff0000},           /* RFC 3927: 169.254/16 */
    {0x64400000, 0xffc00000}            /* RFC 6598: 100.64/10 */
  };
  uint32_t number = (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16
                    | (uint32_t)a[2] << 8 | a[3];
  size_t i;
  for (i = 0; i < sizeof near / sizeof *near; i++)
    if ((number & near[i].mask) == near[i].net) return true;
  return false;
}

/* The IPv4 address that an IPv6 address stands for, NULL: none. */
static const unsigned char *mapped_v4 (const unsigned char *a) {
  static const unsigned char prefix[12] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return memcmp(a, prefix, sizeof prefix) == 0 ? a + sizeof prefix : NULL;
}

static bool is_near_v6 (const unsigned char *a) {
  static const unsigned char loopback[16] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (memcmp(a, loopback, sizeof loopback) == 0) return true;
  if (mapped_v4(a)) return is_near_v4(mapped_v4(a));
  return (a[0] & 0xfe) == 0xfc                            /* fc00::/7 */
         || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);      /* fe80::/10 */
}

static bool is_ascii (const char *s) {
  for (; *s; s++)
    if ((unsigned char)*s >= 0x80) return false;
  return true;
}

/* A name without a dot, or one whose end the public DNS never has: RFC 6761,
   RFC 6762 with its appendix G, RFC 8375, and .internal by ICANN. */
static bool is_private_name (const char *host) {
  static const char *const ends[] = {
    "localhost", "local", "lan", "home.arpa", "internal"};
  size_t len = strlen(host);
  size_t i;
  if (!strchr(host, '.')) return true;
  if (host[len - 1] == '.') len--;
  for (i = 0; i < sizeof ends / sizeof *ends; i++) {
    size_t n = strlen(ends[i]);
    if (len < n || !ba_same_start(host + len - n, ends[i], n)) continue;
    if (len == n || host[len - n - 1] == '.') return true;
  }
  return false;
}

/* Reads the address of an IPv6 host: [address] or [address%zone]. */
static bool read_v6 (const char *host, unsigned char *a) {
  char text[INET6_ADDRSTRLEN];
  size_t len;
  if (host[0] != '[') return false;
  len = strcspn(host + 1, "]%");
  if (len >= sizeof text) return false;
  memcpy(text, host + 1, len);
  text[len] = '\0';
  return inet_pton(AF_INET6, text, a) == 1;
}

bool ba_address_is_near (const char *host) {
  unsigned char a[16];
  if (!is_ascii(host)) return false;    /* other scripts have their own dots */
  if (inet_pton(AF_INET, host, a) == 1) return is_near_v4(a);
  if (host[0] == '[') return read_v6(host, a) && is_near_v6(a);
  return is_private_name(host);
}

bool ba_address_is (const char *s, size_t len) {
  unsigned char a[16];
  char text[64];
  if (len > 1 && s[0] == '[' && s[len - 1] == ']') {
    s++;
    len -= 2;
  }
  if (len >= sizeof text) return false;
  memcpy(text, s, len);
  text[len] = '\0';
  return inet_pton(AF_INET, text, a) == 1 || inet_pton(AF_INET6, text, a) == 1;
}

/* Of any case, with a final dot or without. */
static void spell_name (struct ba_buffer *out, const char *host) {
  size_t len = strlen(host);
  size_t i;
  while (len > 1 && host[len - 1] == '.')
    len--;
  for (i = 0; i < len; i++) {
    char c = ba_lower(host[i]);
    ba_buffer_add(out, &c, 1);
  }
}

/* The form of RFC 5952; an address that stands for one of IPv4 is that. */
static void spell_v6 (struct ba_buffer *out, const unsigned char *a,
                      const char *zone) {
  char text[INET6_ADDRSTRLEN] = "";
  if (mapped_v4(a)) {
    inet_ntop(AF_INET, mapped_v4(a), text, sizeof text);
    ba_buffer_text(out, text);
    return;
  }
  inet_ntop(AF_INET6, a, text, sizeof text);
  ba_buffer_text(out, "[");
  ba_buffer_text(out, text);
  if (zone) {
    ba_buffer_text(out, "%25");
    ba_buffer_text(out, zone);
  }
  ba_buffer_text(out, "]");
}

void ba_address_spell (struct ba_buffer *out, const char *host,
                       const char *zone) {
  unsigned char a[16];
  if (read_v6(host, a)) spell_v6(out, a, zone);
  else spell_name(out, host);
}
