#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints debian/control for this Debian, of a package for the Luas that are given: lua5.4 and others.
#
#   control.sh LUA...
set -eu

version() { echo "${1#lua}"; }

# What has its headers.
dev() {
  case $1 in
    lua5.1) echo liblua5.1-0-dev ;;
    *) echo "lib$1-dev" ;;
  esac
}

# Whether Debian's lua-cjson has a module for it: without one, botapi doesn't load.
has_cjson() { dpkg -L lua-cjson | grep -q "/lua/$(version "$1")/cjson\.so$"; }

# "5.1, 5.3 and 5.4" of 5.1 5.3 5.4
enumerate() { echo "$*" | sed 's/ /, /g; s/\(.*\),/\1 and/'; }

# An extended description has a blank before each line.
paragraph() { echo "$*" | fmt -w 78 | sed 's/^/ /'; }

build_depends=
usable=
unusable=
for lua; do
  build_depends="$build_depends, $(dev "$lua")"
  if has_cjson "$lua"; then usable="$usable $(version "$lua")"; else unusable="$unusable $(version "$lua")"; fi
  if [ "$lua" = lua5.1 ] && has_cjson "$lua"; then jit=LuaJIT; fi
done

cat <<END
Source: lua-botapi
Section: interpreters
Priority: optional
Maintainer: botapi maintainers <maintainers@botapi.invalid>
Build-Depends: debhelper-compat (= 13), pkg-config, libcurl4-openssl-dev (>= 7.87) | libcurl-dev,
 lua5.4, lua-cjson, lua-argparse$build_depends
Standards-Version: 4.6.2
Rules-Requires-Root: no

Package: lua-botapi
Architecture: any
Depends: \${shlibs:Depends}, \${misc:Depends}, lua-cjson, lua5.4, lua-argparse
Recommends: lua-cqueues, lua-luaossl, lua-socket
Suggests: lua-luv, lua-copas, nginx, libnginx-mod-http-lua
Description: logs Telegram bots out of Bot API servers and moves them
END
paragraph "A logOut is small on the wire and large in its consequences: it erases the webhook and the waiting updates," \
  "and any later call to the old server silently logs the bot in again. This library sends it at most once, says of" \
  "every failure whether the request was sent, and brings the whole move."
echo " ."
# shellcheck disable=SC2086
paragraph "It has the modules for Lua $(enumerate $usable ${jit:-}), for blocking programs and for cqueues, luv, copas" \
  "and nginx, the command botapi, and an emulator of the Bot API server to test bots against, for which the" \
  "recommended packages are needed."
if [ -n "$unusable" ]; then
  echo " ."
  # shellcheck disable=SC2086
  set -- $unusable
  paragraph "The modules for Lua $(enumerate "$@") are there, too, but this Debian's lua-cjson has none for Lua" \
    "$(enumerate "$@"): they need a cjson from elsewhere, such as LuaRocks."
fi
