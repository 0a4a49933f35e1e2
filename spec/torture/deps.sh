#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the torture needs besides `make deps`, by apt-get; where it can't, names it. Nothing of it is started:
# each part runs its own proxy with its own configuration.
set -u
missing=
want() { command -v "$1" >/dev/null 2>&1 || [ -e "/usr/sbin/$1" ] || missing="$missing $2"; }
want clang-14 clang-14
want tinyproxy tinyproxy
want danted dante-server
want haproxy haproxy
want nginx nginx
want gcovr gcovr
want unshare util-linux
ls /usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a >/dev/null 2>&1 || missing="$missing libclang-rt-14-dev"
pkg-config --exists libssl || missing="$missing libssl-dev"
[ -z "$missing" ] && exit 0
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  # a package's own service must not start
  guard=/usr/sbin/policy-rc.d
  made=
  [ -e $guard ] || { printf '#!/bin/sh\nexit 101\n' >$guard && chmod +x $guard && made=1; }
  apt-get -qq update >/dev/null 2>&1
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install $missing >/dev/null 2>&1
  status=$?
  [ -z "$made" ] || rm -f $guard
  [ $status = 0 ] && exit 0
fi
echo "the torture needs:$missing" >&2
exit 1
