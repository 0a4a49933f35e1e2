#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what botapi needs and this machine lacks, by apt-get; where it can't, names the packages and fails.
#
#   deps.sh run        to build and to run
#   deps.sh test       and for `make test`
#   deps.sh docs | deb | sanitize | torture | bench    what that target needs
#   deps.sh all        and the specs on every Lua, for `make test-all`
set -u

want=${1:-test}
here=$(dirname "$0")

# --- how to find out that something is here -----------------------------------

command() { type "$1" >/dev/null 2>&1; }
module() { lua5.4 -e "require '$1'" >/dev/null 2>&1; }
library() { pkg-config --exists "$1" >/dev/null 2>&1; }
compiler() { echo 'int main (void) { return 0; }' | gcc -x c -include stdio.h -fsyntax-only - >/dev/null 2>&1; }
exists() { for file; do [ ! -e "$file" ] || return 0; done; return 1; }
headers() { exists "/usr/include/$1/lua.h"; }
# A module of any Lua.
for_some_lua() { exists /usr/share/lua/5.*/"$1".lua /usr/local/share/lua/5.*/"$1".lua /usr/lib/*/lua/5.*/"$1".so; }
roots() { exists /etc/ssl/certs/*.crt; }
server() { exists "/usr/sbin/$1" "/usr/lib/nginx/modules/$1.so"; }
sanitizer() { [ -e "$(gcc -print-file-name=libasan.so 2>/dev/null)" ]; }
fuzzer() { echo 'int LLVMFuzzerTestOneInput (const char *s, long n) { return !s && n; }' \
  | clang -x c -fsanitize=fuzzer,address -o /dev/null - >/dev/null 2>&1; }

# For which target, what is looked for, and who has it: Debian, Fedora, Alpine. "-": there is no package. Names with |
# between them: the first one that the suite has, and nothing where it has none and the last one is empty.
list() {
  cat <<'END'
run      compiler                   gcc               gcc               gcc
run      compiler                   libc6-dev         glibc-devel       musl-dev
run      command make               make              make              make
run      command pkg-config         pkg-config        pkgconf           pkgconf
run      command lua5.4             lua5.4            lua               lua5.4
run      library lua5.4             liblua5.4-dev     lua-devel         lua5.4-dev
run      library libcurl            libcurl4-openssl-dev libcurl-devel  curl-dev
run      module cjson               lua-cjson         lua-cjson         lua5.4-cjson
run      module argparse            lua-argparse      lua-argparse      lua5.4-argparse
run      module cqueues             lua-cqueues       -                 lua5.4-cqueues
run      module openssl.ssl         lua-luaossl       -                 lua5.4-ossl
run      module socket              lua-socket        lua-socket        lua5.4-socket
test     command busted             lua-busted        -                 lua5.4-busted
test     module busted              lua-busted        -                 lua5.4-busted
test     module lfs                 lua-filesystem    lua-filesystem    lua5.4-filesystem
test     command luacheck           lua-check         -                 lua5.4-luacheck
test     command luarocks           luarocks          luarocks          luarocks5.4
test     module luv                 lua-luv           lua-luv           lua5.4-luv
test     for_some_lua copas         lua-copas         -                 lua5.4-copas
test     for_some_lua binaryheap    lua-binaryheap    -                 -
test     for_some_lua posix/init    lua-posix         lua-posix         lua5.4-posix
test     command luajit             luajit2|luajit    luajit            luajit
test     library luajit             libluajit2-5.1-dev|libluajit-5.1-dev luajit-devel luajit-dev
test     server nginx               nginx             nginx             nginx
test     server ngx_http_lua_module libnginx-mod-http-lua -             nginx-mod-http-lua
test     command clang-tidy         clang-tidy        clang-tools-extra clang-extra-tools
test     command clang              clang             clang             clang
test     command cppcheck           cppcheck          cppcheck          cppcheck
test     command ctags              universal-ctags   ctags             ctags
test     command nm                 binutils          binutils          binutils
test     command git                git               git               git
test     command curl               curl              curl              curl
test     command openssl            openssl           openssl           openssl
test     command ip                 iproute2          iproute           iproute2
test     command nft                nftables          nftables          nftables
test     command setpriv            util-linux        util-linux        setpriv
test     command script             bsdutils          util-linux        util-linux-misc
test     command ps                 procps            procps-ng         procps
test     command zsh                zsh               zsh               zsh
test     command fish               fish              fish              fish
test     exists /usr/share/bash-completion/bash_completion bash-completion bash-completion bash-completion
test     command tmux               tmux              tmux              tmux
test     exists /usr/share/i18n/locales/tr_TR locales glibc-locale-source -
test     command chromium           chromium          chromium          chromium
test     command chromedriver       chromium-driver   chromedriver      chromium-chromedriver
test     command haproxy            haproxy           haproxy           haproxy
test     command caddy              caddy             caddy             caddy
test     command node               nodejs            nodejs            nodejs
test     command npm                npm               npm               npm
test     roots                      ca-certificates   ca-certificates   ca-certificates
docs     command ldoc               lua-ldoc          -                 -
docs     command cmark-gfm          cmark-gfm         -                 -
docs     command lua5.1             lua5.1            -                 -
deb      command dpkg-buildpackage  dpkg-dev          -                 -
deb      command dh                 debhelper         -                 -
deb      command fakeroot           fakeroot          -                 -
deb      command lua5.1             lua5.1            -                 -
deb      command lua5.2             lua5.2            -                 -
deb      command lua5.3             lua5.3            -                 -
deb      command lua5.5             lua5.5|           -                 -
deb      headers lua5.1             liblua5.1-0-dev   -                 -
deb      headers lua5.2             liblua5.2-dev     -                 -
deb      headers lua5.3             liblua5.3-dev     -                 -
deb      headers lua5.5             liblua5.5-dev|    -                 -
lua5.5   library lua5.5             liblua5.5-dev     -                 -
lua5.5   command luac5.5            lua5.5            -                 -
lua5.5   library libuv              libuv1-dev        -                 -
lua5.5   library openssl            libssl-dev        -                 -
lua5.5   command m4                 m4                -                 -
lua5.5   command xz                 xz-utils          -                 -
sanitize sanitizer                  gcc               libasan           -
sanitize command valgrind           valgrind          valgrind          valgrind
torture  command clang              clang             clang             clang
torture  fuzzer                     libclang-rt-dev compiler-rt compiler-rt
torture  command tinyproxy          tinyproxy         tinyproxy         tinyproxy
torture  command danted             dante-server      dante-server      dante-server
torture  command gcovr              gcovr             gcovr             gcovr
torture  library libssl             libssl-dev        openssl-devel     openssl-dev
bench    command valgrind           valgrind          valgrind          valgrind
bench    for_some_lua http/request  lua-http|         -                 -
bench    for_some_lua curl          lua-curl|         -                 -
bench    module ssl.https           lua-sec           lua-sec           lua5.4-sec
END
}

# The targets whose rows count: each needs those of others.
case $want in
  run) targets="run" ;;
  test) targets="run test docs deb" ;;
  all) targets="run test docs deb lua5.5" ;;
  docs | deb) targets="run $want" ;;
  sanitize) targets="run test docs deb sanitize" ;;
  torture) targets="run test docs deb sanitize torture" ;;
  bench) targets="run test docs deb bench" ;;
  *) echo "deps.sh: unknown target $want" >&2; exit 2 ;;
esac

# --- which packages that is ---------------------------------------------------

# The first of Debian's names that this suite has; nothing where it has none and need not have one.
available() {
  rest=$1
  while [ -n "$rest" ]; do
    name=${rest%%|*}
    case $rest in *'|'*) rest=${rest#*|} ;; *) echo "$name"; return ;; esac
    apt-cache show "$name" 2>/dev/null | grep -q "^Package:" && { echo "$name"; return; }
  done
}

# missing COLUMN: what that column has for all that isn't here; "rock": the modules that Fedora has no package of.
missing() {
  column=$1
  list | while read -r when kind rest; do
    case " $targets " in *" $when "*) ;; *) continue ;; esac
    # what Lua 5.5's modules are made with, where the suite has Lua 5.5
    [ "$when" != lua5.5 ] || [ -n "$(available 'lua5.5|')" ] || continue
    # shellcheck disable=SC2086
    set -- $rest
    what=
    if [ $# -eq 4 ]; then what=$1; shift; fi
    # shellcheck disable=SC2086
    $kind $what && continue
    case $column in
      apt) available "$1" ;;
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

# --- libcurl first ------------------------------------------------------------

# The version that is here, or else the one that would be installed.
libcurl() {
  if library libcurl; then
    pkg-config --modversion libcurl
  else
    apt-cache show libcurl4-openssl-dev 2>/dev/null | sed -n 's/^Version: \([0-9.]*\).*/\1/p' | head -n 1
  fi
}

check_libcurl() {
  version=$(libcurl)
  case $version in
    [0-6].* | 7.[0-9].* | 7.[0-7][0-9].* | 7.8[0-6].*)
      echo "botapi: needs libcurl 7.87 or newer, and here is $version: Debian has had it since version 12" >&2
      exit 1 ;;
  esac
}

# --- all of it ----------------------------------------------------------------

can_install() { command apt-get && { [ "$(id -u)" -eq 0 ] || command sudo; }; }

check_libcurl
packages=$(missing apt)
[ -n "$packages" ] || exit 0
if can_install; then
  sh "$here/apt.sh" || exit 1           # the lists of packages alone
  check_libcurl
  # shellcheck disable=SC2046
  sh "$here/apt.sh" $(missing apt)
  packages=$(missing apt)
fi
if [ -n "$packages" ]; then
  tell >&2
  exit 1
fi
