#!/bin/sh
# SPDX-License-Identifier: MIT
# Publishes the reference and the guides as HTML below the directory $1 (build/docs); any warning of LDoc's fails it.
set -eu

directory=${1:-build/docs}
case $directory in /*) ;; *) directory=$PWD/$directory ;; esac
rm -rf "$directory"
mkdir -p "$directory"
mkdir -p build/made/reference
lua5.4 packaging/reference.lua build/made/reference
ldoc -q --testing --fatalwarnings -c docs/config.ld -d "$directory" . >"$directory.log"

# Links between guides, to pages; links to other files of the tree, to copies of them.
for page in "$directory"/topics/*.html; do
  sed -i -E -e 's#href="((\.\./)*|docs/|docs/internals/|internals/)([A-Za-z]+\.md)(["\#])#href="\3.html\4#g' \
    -e 's#href="(\.\./)*((bench|examples|spec|packaging|types|lua)[^":]*|LICENSE)"#href="../tree/\2"#g' "$page"
  grep -o 'href="\.\./tree/[^"]*"' "$page" | sed 's#.*tree/##; s#"$##' | sort -u | while read -r path; do
    mkdir -p "$directory/tree/$(dirname "$path")"
    cp -R "$path" "$directory/tree/$(dirname "$path")/"
  done
done
echo "$directory/index.html"
