#!/bin/sh
# SPDX-License-Identifier: MIT
# What calls cost the loop that they run in: run.sh LUA…, or `make bench-loops`.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
export LUA_PATH="$root/lua/?.lua;$root/spec/?.lua;$root/bench/loops/?.lua;;"
LUA_CPATH="$root/build/lua5.4/?.so;;" exec lua5.4 bench/loops/bench.lua "$@"
