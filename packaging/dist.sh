#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes build/botapi-$1.tar.gz of the files that git knows, or of all in an unpacked one; the same bytes each time.
set -eu

version=$1
out=build/botapi-$version.tar.gz
# shellcheck source=packaging/epoch.sh
. packaging/epoch.sh

# Only what is there: a file may be gone and not yet committed so.
list() {
  if [ -e .git ]; then
    git ls-files
  else
    find . -type f ! -path './build/*' ! -path './debian/*' ! -path '*/node_modules/*' ! -name '*.o' | sed 's#^\./##'
  fi | LC_ALL=C sort | while read -r path; do
    [ ! -e "$path" ] || printf '%s\n' "$path"
  done
}

mkdir -p build
list >build/dist.list
LC_ALL=C tar --format=ustar --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" \
  --transform="s#^#botapi-$version/#" --no-recursion -cf - -T build/dist.list | gzip -9n >"$out.part"
mv "$out.part" "$out"
echo "$out"
