#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what botapi needs and this machine lacks, by apt-get; where it can't, names the packages and fails.
#
#   deps.sh run     to build and to run
#   deps.sh deb     and to make the Debian package
#   deps.sh all     and to test
set -u

want=${1:-all}

command() { type "$1" >/dev/null 2>&1; }
module() { lua5.4 -e "require '$1'" >/dev/null 2>&1; }
library() { pkg-config --exists "$1" >/dev/null 2>&1; }
compiler() { echo 'int main (void) { return 0; }' | gcc -x c -include stdio.h -fsyntax-only - >/dev/null 2>&1; }
headers() { exists "/usr/include/$1/lua.h"; }
exists() { for file; do [ ! -e "$file" ] || return 0; done; return 1; }
for_some_lua() { exists /usr/share/lua/5.*/"$1".lua /usr/local/share/lua/5.*/"$1".lua; }
roots() { exists /etc/ssl/certs/*.crt; }
discount() { exists /usr/lib/*/lua/5.*/discount.so; }
server() { exists "/usr/sbin/$1" "/usr/lib/nginx/modules/$1.so"; }
sanitizer() { [ -e "$(gcc -print-file-name=libasan.so 2>/dev/null)" ]; }

# When, what is looked for, and who has it: Debian, Fedora, Alpine. "-" is LuaRocks: there is no package.
list() {
  cat <<'END'
run  compiler                  gcc               gcc               gcc
run  compiler                  libc6-dev         glibc-devel       musl-dev
run  command make              make              make              make
run  command pkg-config        pkg-config        pkgconf           pkgconf
run  command lua5.4            lua5.4            lua               lua5.4
run  library lua5.4            liblua5.4-dev     lua-devel         lua5.4-dev
run  library libcurl           libcurl4-openssl-dev libcurl-devel  curl-dev
run  module cjson              lua-cjson         lua-cjson         lua5.4-cjson
run  module argparse           lua-argparse      lua-argparse      lua5.4-argparse
run  module cqueues            lua-cqueues       -                 lua5.4-cqueues
run  module openssl.ssl        lua-luaossl       -                 lua5.4-ossl
run  module socket             lua-socket        lua-socket        lua5.4-socket
all  command busted            lua-busted        -                 lua5.4-busted
all  module busted             lua-busted        -                 lua5.4-busted
all  module lfs                lua-filesystem    lua-filesystem    lua5.4-filesystem
all  command luacheck          lua-check         -                 lua5.4-luacheck
all  command luarocks          luarocks          luarocks          luarocks5.4
all  module luv                lua-luv           lua-luv           lua5.4-luv
all  for_some_lua copas        lua-copas         -                 lua5.4-copas
all  library luajit            libluajit2-5.1-dev luajit-devel      luajit-dev
all  server nginx              nginx             nginx             nginx
all  server ngx_http_lua_module libnginx-mod-http-lua -            nginx-mod-http-lua
all  command clang-tidy        clang-tidy        clang-tools-extra clang-extra-tools
all  command cppcheck          cppcheck          cppcheck          cppcheck
all  command valgrind          valgrind          valgrind          valgrind
all  command ctags             universal-ctags   ctags             ctags
all  command nm                binutils          binutils          binutils
all  command git               git               git               git
all  command curl              curl              curl              curl
all  command openssl           openssl           openssl           openssl
all  command ip                iproute2          iproute           iproute2
all  command nft               nftables          nftables          nftables
all  command setpriv           util-linux        util-linux        setpriv
all  command script            bsdutils          util-linux        util-linux-misc
all  command ps                procps            procps-ng         procps
all  roots                     ca-certificates   ca-certificates   ca-certificates
all  sanitizer                 gcc               libasan           -
all  command ldoc              lua-ldoc          -                 -
all  discount                  lua-discount      -                 -
deb  command dpkg-buildpackage dpkg-dev          -                 -
deb  command dh                debhelper         -                 -
deb  command fakeroot          fakeroot          -                 -
deb  command lua5.1            lua5.1            -                 -
deb  command lua5.2            lua5.2            -                 -
deb  command lua5.3            lua5.3            -                 -
deb  headers lua5.1            liblua5.1-0-dev   -                 -
deb  headers lua5.2            liblua5.2-dev     -                 -
deb  headers lua5.3            liblua5.3-dev     -                 -
END
}

# missing COLUMN: what that column has for all that isn't here; "rock": what some column has not.
missing() {
  column=$1
  list | while read -r when kind rest; do
    [ "$when" = run ] || [ "$want" = all ] || [ "$when" = "$want" ] || continue
    # shellcheck disable=SC2086
    set -- $rest
    what=
    if [ $# -eq 4 ]; then what=$1; shift; fi
    # shellcheck disable=SC2086
    $kind $what && continue
    case $column in
      apt) echo "$1" ;;
      dnf) [ "$2" = - ] || echo "$2" ;;
      apk) [ "$3" = - ] || echo "$3" ;;
      rock) [ "$2" = - ] && [ "$kind" = module ] && echo "$what" ;;
    esac
  done | sort -u | tr '\n' ' '
}

tell() {
  echo "botapi: something is missing. Install it and come back:"
  echo "  Debian, Ubuntu  apt-get install $(missing apt)"
  echo "  Fedora          dnf install $(missing dnf)"
  echo "  Alpine          apk add $(missing apk)"
  [ -z "$(missing rock)" ] || echo "Where a distribution lacks a Lua module or tool, LuaRocks has it: $(missing rock)"
}

packages=$(missing apt)
if [ -n "$packages" ] && command apt-get && { [ "$(id -u)" -eq 0 ] || command sudo; }; then
  # shellcheck disable=SC2086
  sh "$(dirname "$0")/apt.sh" $packages
  packages=$(missing apt)
fi
if [ -n "$packages" ]; then
  tell >&2
  exit 1
fi
if ! pkg-config --atleast-version=7.87 libcurl; then
  echo "botapi: needs libcurl 7.87 or newer; here is $(pkg-config --modversion libcurl)" >&2
  exit 1
fi
