#!/bin/sh
# SPDX-License-Identifier: MIT
# Types what README.md says of an installation on Debian, asks the command and the module for their version, and takes
# both away again. For a root that was made for it (packaging/fresh.sh): it installs packages, and into /usr/local.
set -eu

typed=$(sed -n '/^```sh debian$/,/^```$/p' README.md | grep -v '^```')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# whoever types it says yes to apt-get
echo 'APT::Get::Assume-Yes "true"; APT::Get::Show-Progress "false";' >"$work/apt.conf"
export APT_CONFIG="$work/apt.conf" DEBIAN_FRONTEND=noninteractive
# what a make around this one has set isn't the person's affair
unset MAKEFLAGS MAKELEVEL MFLAGS LUA_PATH LUA_CPATH LUA_PATH_5_4 LUA_CPATH_5_4

if ! sh -exc "$typed" >"$work/log" 2>&1; then
  cat "$work/log"
  echo "0 passed, 1 failed"
  exit 1
fi
version=$(sed -n 's/.*BA_VERSION "\(.*\)".*/\1/p' src/version.h)
cd "$work"
[ "$(botapi --version)" = "botapi $version" ]
[ "$(lua5.4 -e 'print(require "botapi"._VERSION)')" = "$version" ]
cd "$OLDPWD"
make -s uninstall
if command -v botapi; then exit 1; fi
echo "1 passed, 0 failed"
