#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints the Luas that this machine can test: those with an interpreter, headers, and the modules that the specs need,
# or, for Lua 5.5, what makes them (packaging/lua55.sh). On stderr: why another one isn't among them.
set -u

loads() { "$1" -e "for name in ('$2'):gmatch '%S+' do require(name) end" >/dev/null 2>&1; }

# What is missing of a Lua; nothing: it can be tested.
missing() {
  command -v "$1" >/dev/null || { echo "no interpreter"; return; }
  pkg-config --exists "$1" || { echo "no headers"; return; }
  wanted="busted argparse lfs socket"
  if [ "$1" = lua5.5 ]; then
    for tool in luac5.5 m4 xz; do command -v $tool >/dev/null || { echo "no $tool"; return; }; done
    pkg-config --exists libuv openssl || { echo "no headers of libuv and OpenSSL, to make its modules with"; return; }
  else
    wanted="$wanted cjson cqueues openssl.ssl"
  fi
  for module in $wanted; do loads "$1" "$module" || { echo "no module $module"; return; }; done
}

for lua in lua5.1 lua5.2 lua5.3 lua5.4 lua5.5 luajit; do
  why=$(missing $lua)
  if [ -z "$why" ]; then echo $lua; else echo "skipped: $lua: $why" >&2; fi
done
