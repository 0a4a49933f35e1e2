#!/bin/sh
# SPDX-License-Identifier: MIT
# Starts the admin endpoint against two emulators, prints its URL and key; Ctrl-C ends all.
#
#   demo.sh [PORT [RATE [MORE]]]  below build/demo-openresty/; make demo-openresty runs it. RATE: of logouts, as nginx
#                                 writes it; MORE: so many bots more
set -eu

port=${1:-8088}
rate=${2:-60r/m}
more=${3:-0}
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/build/demo-openresty/$port
modules=$(nginx -V 2>&1 | sed -n 's/.*--modules-path=\([^ ]*\).*/\1/p')

rm -rf "$here"
mkdir -p "$here/logs" "$here/journal"
cp -R "$root/examples/openresty/." "$here/"
user=
[ "$(id -u)" -ne 0 ] || user='user root;'
sed -e "s,/usr/lib/nginx/modules,$modules," -e "s,127.0.0.1:8088,127.0.0.1:$port," \
  -e "s,rate=60r/m,rate=$rate," -e "/^user /d" -e "s,^worker_processes.*,daemon off; $user &," "$root/examples/openresty/nginx.conf" >"$here/nginx.conf"

export LUA_PATH="$root/lua/?.lua;;" LUA_CPATH="$root/build/lua5.4/?.so;;"
mkfifo "$here/hold"
lua5.4 "$root/bin/botapi" emulator --pair --exit-with-stdin <"$here/hold" >"$here/emulator" 2>"$here/logs/emulator.log" &
emulator=$!
exec 9>"$here/hold"     # the emulator ends when this end closes
nginx=
finish() {
  [ -z "$nginx" ] || kill "$nginx" 2>/dev/null || :
  exec 9>&-
  wait 2>/dev/null || :
}
trap finish EXIT
trap 'exit 0' INT TERM
n=0
until grep -q '^ready' "$here/emulator"; do
  kill -0 "$emulator"
  n=$((n + 1))
  [ "$n" -lt 200 ] || exit 1
  sleep 0.05
done
cloud=$(sed -n 1p "$here/emulator")
home=$(sed -n 2p "$here/emulator")

umask 077
key=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
echo "$key" >"$here/key"
cat >"$here/bots" <<END
# name  token  server
shop     1000001:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z $cloud
news     1000002:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z $cloud
weather  1000003:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z $home
gone     1000004:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z http://127.0.0.1:9
END
i=0
while [ "$i" -lt "$more" ]; do
  i=$((i + 1))
  printf 'bot-%03d  %d:AAEm-ul8d_T0k3n-0f_N0-r3al_B0t-x1y2z %s\n' "$i" "$((2000000 + i))" "$cloud" >>"$here/bots"
done

LUA_CPATH="$root/build/luajit/?.so;;" BOTAPI_ADMIN_KEY_FILE="$here/key" BOTAPI_BOTS_FILE="$here/bots" \
  BOTAPI_JOURNAL="$here/journal" setpriv --pdeathsig TERM nginx -p "$here/" -c nginx.conf -e logs/error.log 9>&- &
nginx=$!
echo "http://127.0.0.1:$port/admin/"
echo "key $key"
wait "$nginx"
