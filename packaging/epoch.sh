# SPDX-License-Identifier: MIT
# Sets SOURCE_DATE_EPOCH, where nobody has: the day of the newest entry of the changelog.
# shellcheck shell=sh

if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(date -u -d "$(sed -n 's/^## [0-9.]* - \([0-9-]*\)$/\1/p' CHANGELOG.md | head -n 1)" +%s)
fi
export SOURCE_DATE_EPOCH
