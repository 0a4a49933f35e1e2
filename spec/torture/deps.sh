#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what the torture needs besides `make deps`, by apt-get; where it can't, names it. Each part runs its own
# proxy with its own configuration.
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
# shellcheck disable=SC2086
sh "$(dirname "$0")/../../packaging/apt.sh" $missing && exit 0
echo "the torture needs:$missing" >&2
exit 1
