#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the benchmark needs besides `make deps-all`. What only a peer needs may be missing: it is left out.
set -u
cd "$(dirname "$0")/.." || exit 1

need=
want() { command -v "$1" >/dev/null 2>&1 || [ -e "/usr/sbin/$1" ] || need="$need $2"; }
want valgrind valgrind
want nginx nginx-light
want curl curl
want openssl openssl
want unshare util-linux
[ -e /usr/lib/nginx/modules/ngx_http_lua_module.so ] || need="$need libnginx-mod-http-lua"
# shellcheck disable=SC2086
[ -z "$need" ] || sh packaging/apt.sh $need || exit 1

need=
want node nodejs
want npm npm
[ -e /usr/share/lua/5.1/http/request.lua ] || need="$need lua-http"
[ -e "/usr/lib/$(gcc -print-multiarch)/lua/5.1/curl.so" ] || need="$need lua-curl"
lua5.4 -e 'require "ssl.https"' >/dev/null 2>&1 || need="$need lua-sec"
[ -n "$need" ] || exit 0
# shellcheck disable=SC2086
sh packaging/apt.sh $need || echo "bench: peers that need one of these are left out:$need"
