#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds what the benchmark needs below build/bench, and runs it where the system's CA store also holds the test's CA.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/build/bench
cd "$root"
mkdir -p "$out/peers"

peers() {
  cmp -s bench/peers/package.json "$out/peers/package.json" && [ -d "$out/peers/node_modules" ] && return
  command -v npm >/dev/null 2>&1 || {
    echo "bench: no npm: the peers of Node are left out"
    return
  }
  cp bench/peers/package.json "$out/peers/"
  (cd "$out/peers" && npm install --silent --no-audit --no-fund >/dev/null 2>&1) ||
    echo "bench: npm install failed: the peers of Node are left out"
}

programs() {
  gcc -std=c99 -O2 -Wall -Wextra -o "$out/spend" bench/spend.c
  # shellcheck disable=SC2046
  gcc -std=c99 -O2 -g -Wall -Wextra $(pkg-config --cflags libcurl) -o "$out/floor" bench/floor.c \
    $(pkg-config --libs libcurl)
}

# A copy of the system's store with the test's CA, in both of its forms.
store() {
  LUA_PATH="$root/lua/?.lua;$root/spec/?.lua;;" lua5.4 -e 'require "support.certs".ca()'
  rm -rf "$out/store"
  cp -a /etc/ssl/certs "$out/store"
  cp build/certs/ca.pem "$out/store/botapi-test.pem"
  openssl rehash "$out/store" 2>/dev/null
  cat build/certs/ca.pem >>"$out/store/ca-certificates.crt"
}

peers
programs
store
# shellcheck disable=SC3045
ulimit -n "$(ulimit -Hn)"
export LUA_PATH="$root/lua/?.lua;$root/bench/?.lua;;" LUA_CPATH="$root/build/lua5.4/?.so;;" OUT="$out" ROOT="$root"
user=-r
[ "$(id -u)" -ne 0 ] || user=
# shellcheck disable=SC2016
exec unshare -m $user sh -c 'mount --bind "$OUT/store" /etc/ssl/certs && exec lua5.4 "$ROOT/bench/run.lua" "$@"' sh "$@"
