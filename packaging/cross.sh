#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the module for another machine with Debian's cross compiler, and runs the demo there under qemu-user.
#
#   cross.sh ARCH   Debian's name of it: arm64, armhf, s390x, ppc64el, riscv64, i386
#
# What it links with is unpacked in build/cross/ARCH/root, in which nothing is run or configured, so that neither a chroot
# nor binfmt_misc is needed. qemu-user, 7.2 of Debian 12 too, has all that the library asks of the kernel.
set -eu
cd "$(dirname "$0")/.."
here=$PWD
arch=${1:?cross.sh ARCH}

# Debian's name: the compiler's, qemu's.
case $arch in
  arm64) triplet=aarch64-linux-gnu machine=aarch64 ;;
  armhf) triplet=arm-linux-gnueabihf machine=arm ;;
  i386) triplet=i686-linux-gnu machine=i386 ;;
  ppc64el) triplet=powerpc64le-linux-gnu machine=ppc64le ;;
  riscv64) triplet=riscv64-linux-gnu machine=riscv64 ;;
  s390x) triplet=s390x-linux-gnu machine=s390x ;;
  *) echo "cross.sh: no such machine is known here: $arch" >&2; exit 1 ;;
esac

at=$here/build/cross/$arch
root=$at/root
libraries=$triplet
[ "$arch" != i386 ] || libraries=i386-linux-gnu

need() { command -v "$1" >/dev/null || missing="$missing $2"; }
missing=
need mmdebstrap mmdebstrap
need pkg-config pkg-config
need "$triplet-gcc" "gcc-$triplet"
qemu=$(command -v "qemu-$machine-static" || command -v "qemu-$machine" || :)
[ -n "$qemu" ] || missing="$missing qemu-user"
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086
  sh packaging/apt.sh $missing
  qemu=$(command -v "qemu-$machine-static" || command -v "qemu-$machine")
fi

# Of the suite that this machine has, or that $SUITE names, from the mirror that this machine has.
if [ ! -e "$root.done" ]; then
  rm -rf "$root"
  mkdir -p "$at"
  packages=libc6-dev,liblua5.4-dev,libcurl4-openssl-dev
  packages=$packages,lua5.4,lua-cjson,lua-argparse,lua-cqueues,lua-luaossl,lua-socket
  # shellcheck disable=SC1091
  # shellcheck source=packaging/mirror.sh
  . packaging/mirror.sh
  suite=${SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")}
  mmdebstrap --quiet --variant=extract --architectures="$arch" --include="$packages" \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    "$suite" "$root" ${mirror:+"deb $mirror $suite main"} >"$at/root.log" 2>&1 || { cat "$at/root.log" >&2; exit 1; }
  rm -rf --one-file-system "$root/dev"  # who walks through build/ would find /dev/fd
  for directory in lib lib64; do        # from Debian 13 on in a package that isn't here
    [ -e "$root/$directory" ] || ln -s "usr/$directory" "$root/$directory"
  done
  : >"$root.done"
fi

PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_LIBDIR=$root/usr/lib/$libraries/pkgconfig:$root/usr/share/pkgconfig \
  make -s B="build/cross/$arch" CC="$triplet-gcc --sysroot=$root" WERROR=-Werror "build/cross/$arch/botapi/core.so"

# The interpreter for itself and, by its name, for the emulator that the demo starts.
mkdir -p "$at/bin"
cat >"$at/bin/lua5.4" <<END
#!/bin/sh
exec "$qemu" -L "$root" "$root/usr/bin/lua5.4" "\$@"
END
chmod +x "$at/bin/lua5.4"
export PATH="$at/bin:$PATH"
export LUA_PATH="$here/lua/?.lua;$here/spec/?.lua;$root/usr/share/lua/5.4/?.lua;$root/usr/share/lua/5.4/?/init.lua"
export LUA_CPATH="$at/?.so;$root/usr/lib/$libraries/lua/5.4/?.so"
lua5.4 examples/demo.lua
