#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes build/lua-botapi_$1_ARCH.deb from the tarball of `make dist`, in a directory of its own; the same bytes each time.
set -eu

version=$1
here=$PWD
work=build/deb
# shellcheck source=packaging/epoch.sh
. packaging/epoch.sh

rm -rf "$work"
mkdir -p "$work"
tar -xzf "build/botapi-$version.tar.gz" -C "$work"
cd "$work/botapi-$version"
cp -R packaging/debian debian
# what a make around this one has set is not the package's affair
unset MAKEFLAGS MAKELEVEL MFLAGS LUA LUA_PATH LUA_CPATH LUA_CPATH_5_4 CFLAGS DESTDIR PREFIX
# shellcheck disable=SC2046
sh packaging/control.sh $(make -s --no-print-directory luas) >debian/control
# -d: packaging/deps.sh has seen to what is needed, which is less than Debian's build-essential
if ! dpkg-buildpackage -d -b -us -uc -rfakeroot >../build.log 2>&1; then
  tail -n 40 ../build.log
  exit 1
fi
rm -f "$here"/build/lua-botapi_*.deb
cp ../lua-botapi_*.deb "$here/build/"
cd "$here"
ls build/lua-botapi_*.deb
