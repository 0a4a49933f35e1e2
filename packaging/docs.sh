#!/bin/sh
# SPDX-License-Identifier: MIT
# Publishes the reference and the guides as HTML below the directory $1 (build/docs); any warning of LDoc's fails it.
set -eu

directory=${1:-build/docs}
modules=$PWD/build/made/modules
unset LUA_PATH_5_2 LUA_PATH_5_3 LUA_PATH_5_4 LUA_PATH_5_5
export LUA_PATH="$PWD/packaging/html/?.lua;;"

rm -rf "$directory" "$modules"
mkdir -p "$directory" build/made/reference
lua5.4 packaging/reference.lua build/made/reference
ldoc -q --testing --fatalwarnings -c docs/config.ld -d "$modules" . >"$modules.log" || { cat "$modules.log"; exit 1; }
lua5.4 packaging/html/site.lua "$modules" "$directory"
echo "$directory/index.html"
