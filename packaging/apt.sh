#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs packages by apt-get, as root or by sudo; fails where it can't. Without packages: the lists of them.
#
#   apt.sh [PACKAGE...]
set -u

# sudo may ask a person; it asks nobody where there is none.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

command -v apt-get >/dev/null 2>&1 || {
  echo "botapi: no apt-get here that installs $*" >&2
  exit 1
}
if [ $# -eq 0 ]; then
  as_root apt-get -qq update || echo "botapi: apt-get can't update its lists of packages" >&2
  exit 0
fi
echo "botapi: installs $*"
# Nothing that is installed here may start a service: policy-rc.d says so to Debian's scripts for the time of it.
# shellcheck disable=SC2016
as_root env DEBIAN_FRONTEND=noninteractive sh -c '
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap "rm -f $policy" EXIT
    printf "#!/bin/sh\nexit 101\n" >$policy && chmod +x $policy
  fi
  apt-get -qq -y --no-install-recommends install "$@" >/dev/null' apt "$@" || {
  echo "botapi: apt-get has not installed $*" >&2
  exit 1
}
