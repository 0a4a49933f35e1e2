#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes for Lua 5.5 the modules that Debian has for older Luas alone (cjson, cqueues, luaossl, luv), from Debian's own
# sources, in the directory $1. Nothing else of the machine is changed: apt reads lists of its own, below $1.
set -eu

out=$1
lua=lua5.5
cc=${CC:-gcc}
[ ! -e "$out/made" ] || exit 0

fail() {
  echo "botapi: the modules for Lua 5.5 can't be made: $*" >&2
  exit 1
}

for tool in apt-get $lua luac5.5 "$cc" make m4 tar xz pkg-config; do
  command -v "$tool" >/dev/null || fail "there is no $tool"
done
pkg-config --exists $lua libuv openssl || fail "liblua5.5-dev, libuv1-dev or libssl-dev is missing"

rm -rf "$out"
mkdir -p "$out/source/lists/partial" "$out/source/apt"
out=$(cd "$out" && pwd)
cd "$out/source"

# The machine's own sources, those of source packages instead of binary ones.
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ ! -e "$file" ] || sed -n 's/^deb[[:space:]]/deb-src /p' "$file"
done | sort -u >apt/source.list
for file in /etc/apt/sources.list.d/*.sources; do
  [ ! -e "$file" ] || sed 's/^Types:.*/Types: deb-src/' "$file" >"apt/${file##*/}"
done
apt() {
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$PWD/apt" -o Dir::State::Lists="$PWD/lists" \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

apt update >log 2>&1 || fail "$(cat log)"
# The authors' own tarballs: they need none of Debian's patches.
apt source --tar-only lua-cjson lua-cqueues lua-luaossl lua-luv >log 2>&1 || fail "$(cat log)"
for file in ./*.orig.tar.*; do tar -xf "$file"; done

# shared NAME FILE…: one module of these.
shared() {
  name=$1
  shift
  # shellcheck disable=SC2046
  "$cc" -std=gnu99 -O2 -w -fPIC -shared -Wl,--as-needed -o "$out/$name.so" $(pkg-config --cflags $lua libuv) "$@" \
    $(pkg-config --libs libuv)
}

build() {
  shared cjson lua-cjson-*/lua_cjson.c lua-cjson-*/strbuf.c lua-cjson-*/fpconv.c
  shared luv lua-luv-*/src/luv.c
  # Both are built as for 5.4, with the headers of 5.5, which has the same functions but for one old name.
  for tree in cqueues-rel-* luaossl-rel-*; do
    sed -i 's/LUA_VERSION_NUM > 504/LUA_VERSION_NUM > 505/' "$tree/vendor/compat53/c-api/compat-5.3.h"
    make -C "$tree" LUA_APIS=5.4 LUA54_CPPFLAGS="$(pkg-config --cflags $lua)" LUAC54=luac5.5 CC="$cc" CFLAGS='-O2 -w' \
      CPPFLAGS=-Dlua_pushunsigned=lua_pushinteger lua54cpath="$out" lua54path="$out" all5.4 install5.4
  done
}
build >log 2>&1 || fail "$(tail -n 20 log)"
cd "$out"
for name in cjson cqueues.socket openssl.ssl.context luv; do
  LUA_PATH='./?.lua' LUA_CPATH='./?.so' $lua -e "require '$name'" || fail "$name doesn't load"
done
rm -rf source
: >made
