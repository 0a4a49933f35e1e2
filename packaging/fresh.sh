#!/bin/sh
# SPDX-License-Identifier: MIT
# Types commands of the README in a pristine Debian root that has git, make and ca-certificates and nothing else, in a
# clean clone of HEAD. The last line is "N passed, N failed" and the skips. Needs root.
#
#   fresh.sh SUITE ARCH GOAL...     a goal is what is typed behind `make`: demo, test, "test-all LUAS=lua5.1"
#
# FRESH keeps what several runs share: the bare root as a tar, and the packages that were downloaded (build/fresh).
set -u

[ $# -ge 3 ] || { echo "fresh.sh: SUITE ARCH GOAL... expected" >&2; exit 2; }
suite=$1
arch=$2
shift 2
top=$(cd "$(dirname "$0")/.." && pwd)
keep=${FRESH:-$top/build/fresh}
name=$suite-$arch
base=$keep/$name.tar
log=$keep/$name.log

fail() { echo "fresh $suite $arch: $*" >&2; echo "${LABEL:-}0 passed, 1 failed"; exit 1; }

[ "$(id -u)" -eq 0 ] || fail "needs root: it makes mount namespaces"
mkdir -p "$keep/packages-$name" "$keep/npm" || exit 1
# arch-test tells mmdebstrap that this machine runs another architecture's programs
need() { type "$1" >/dev/null 2>&1 || sh "$top/packaging/apt.sh" "$1" >&2 || fail "needs $1"; }
need mmdebstrap
if [ "$arch" != "$(dpkg --print-architecture)" ]; then
  need arch-test
  arch-test "$arch" >/dev/null || {
    echo "skipped: $suite $arch: this machine runs no $arch programs; a kernel that does, or qemu-user-binfmt, would"
    echo "${LABEL:-}0 passed, 0 failed, 1 skipped"
    exit 0
  }
fi

# --- the root -----------------------------------------------------------------

# shellcheck source=packaging/mirror.sh
. "$top/packaging/mirror.sh"

# testing's lists may be a snapshot, whose date has passed
options='Acquire::Retries "5"; Acquire::Check-Valid-Until "false";'

bootstrap() {
  mmdebstrap --quiet --format=tar --variant=minbase --arch="$arch" \
    --include=git,make,ca-certificates --aptopt="$options" "$suite" \
    "$base.part" ${mirror:+"deb $mirror $suite main"} && mv "$base.part" "$base"
}

# A mirror that is being renewed is whole a little later.
[ -e "$base" ] || bootstrap || bootstrap || fail "mmdebstrap has not made the root"

root=$(mktemp -d "$keep/$name.XXXXXX") || exit 1
# What was mounted below it was so in a namespace that has gone.
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 1' HUP INT TERM
tar -C "$root" -xf "$base" || fail "the root can't be unpacked"
git clone -q "$top" "$root/root/botapi" || fail "git clone"

# How this machine reaches a mirror is the machine's own affair: its resolver, proxies and authorities go along.
cp /etc/resolv.conf /etc/hosts "$root/etc/"
grep -ls '^ *Acquire' /etc/apt/apt.conf.d/* 2>/dev/null | xargs -r cp -t "$root/etc/apt/apt.conf.d/"
echo "$options" >"$root/etc/apt/apt.conf.d/99fresh"
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/fresh"
cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null

# --- what is typed --------------------------------------------------------------

cat >"$root/root/type.sh" <<'END'
update-ca-certificates >/dev/null 2>&1
cd /root/botapi || exit 1
for goal; do
  echo "\$ make $goal"
  began=$(date +%s)
  # a goal may have words of its own
  # shellcheck disable=SC2086
  make $goal </dev/null 2>&1
  code=$?
  echo "fresh: make $goal: exit $code in $(($(date +%s) - began)) s"
  [ $code -eq 0 ] || exit 1
done
END

# Its own mounts, and `/` one of them; its own processes, which all end with it.
# shellcheck disable=SC2016
inside='set -e
  root=$1
  shift
  mount --make-rprivate /
  mount --bind "$root" "$root"
  mount -t proc proc "$root/proc"
  mount --rbind /sys "$root/sys"
  mount --rbind /dev "$root/dev"
  for d in tmp run; do mount -t tmpfs tmpfs "$root/$d"; done
  mkdir -p "$root/root/.npm" "$root/.old"
  mount --bind "$1" "$root/var/cache/apt/archives"
  mount --bind "$2" "$root/root/.npm"
  shift 2
  cd "$root"
  pivot_root . .old
  umount -l /.old
  cd /
  exec env -i HOME=/root TERM=xterm LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    ${no_proxy:+no_proxy="$no_proxy"} ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    sh /root/type.sh "$@"'
mkdir -p "$keep/packages-$name/partial"
unshare --mount --pid --fork --kill-child sh -c "$inside" fresh "$root" "$keep/packages-$name" "$keep/npm" "$@" \
  </dev/null >"$log" 2>&1 &
child=$!
# unshare ignores what would end it while it waits; killed, it takes all that runs in the root with it
trap 'kill -KILL "$child"; exit 1' HUP INT TERM
wait "$child"
code=$?

# --- what came of it --------------------------------------------------------------

grep '^fresh: ' "$log"
# Each goal's sum; a goal without one counts as one.
sums=$(sed -nE 's/^([a-z0-9., ]*: )?([0-9]+) passed, ([0-9]+) failed.*/\2 \3/p' "$log" \
  | { p=0 f=0; while read -r a b; do p=$((p + a)) f=$((f + b)); done; echo "$p $f"; })
passed=${sums% *}
failed=${sums#* }
[ "$passed" -gt 0 ] || [ "$code" -ne 0 ] || passed=$#

# A skip that is on the list has a reason there; any other one is a failure.
skips=$(sed -n "s/^skipped: /$suite: /p" "$log" | sort -u)
known=$(sed -nE '/^[^#]/s/ *#.*//p' "$top/packaging/skips.txt" | paste -s -d '|')
allowed=$(printf '%s\n' "$skips" | grep -cE -e "${known:-x^}")         # x^: nothing
odd=$(printf '%s\n' "$skips" | grep -vE -e "${known:-x^}" | grep .)
if [ -n "$odd" ]; then
  printf '%s\n' "$odd" | sed 's/^/not on packaging\/skips.txt: /'
  failed=$((failed + $(printf '%s\n' "$odd" | wc -l)))
fi
[ "$code" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
[ "$failed" -eq 0 ] || { echo "--- $log"; cat "$log"; }
echo "${LABEL:-}$passed passed, $failed failed, $allowed skipped"
[ "$failed" -eq 0 ]
